package control

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// wish is a request that says which controls it fails.
type wish struct {
	fails   []*Control
	checked []string
}

func guard(c *Control, a Answer) Guard[wish] {
	return Guard[wish]{Control: c, Answer: a, Check: func(w *wish) (string, error) {
		w.checked = append(w.checked, c.ID)
		if slices.Contains(w.fails, c) {
			return "saw " + c.ID, Expected("it", "this", "")
		}
		return "saw " + c.ID, nil
	}}
}

var (
	onWire    = Answer{Status: 401, Code: "invalid_token", Safe: "no"}
	challenge = Answer{Status: 401, Code: "use_dpop_nonce", Challenge: true}
	guards    = []Guard[wish]{guard(RSTokenSignature, onWire), guard(RSScope, onWire), guard(RSDPoPNonce, challenge), guard(RSDPoPJTI, onWire)}
)

func TestEnforce(t *testing.T) {
	all := SetOf(RSTokenSignature, RSScope, RSDPoPNonce, RSDPoPJTI)
	for _, test := range []struct {
		name    string
		on      Set
		fails   []*Control
		rulings string
		checked string
		by      *Control
	}{
		{"nothing fails", all, nil, "pass pass pass pass", "rs/token-signature rs/scope rs/dpop-nonce rs/dpop-jti", nil},
		{"the first refusal ends it", all, []*Control{RSScope, RSDPoPJTI}, "pass refused", "rs/token-signature rs/scope", RSScope},
		{"a challenge ends it too", all, []*Control{RSDPoPNonce}, "pass pass challenged", "rs/token-signature rs/scope rs/dpop-nonce", RSDPoPNonce},
		{"a control that is off is reported and not checked", all.Without(RSScope), []*Control{RSScope}, "pass off pass pass", "rs/token-signature rs/dpop-nonce rs/dpop-jti", nil},
		{"what stands behind it still counts", all.Without(RSScope), []*Control{RSScope, RSDPoPJTI}, "pass off pass refused", "rs/token-signature rs/dpop-nonce rs/dpop-jti", RSDPoPJTI},
		{"nothing is on", Set{}, All(), "off off off off", "", nil},
		{"controls without a guard here change nothing", SetOf(ASScope), All(), "off off off off", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := &wish{fails: test.fails}
			var rulings []string
			err := Enforce(&Profile{Controls: test.on}, func(d Decision) {
				rulings = append(rulings, string(d.Outcome))
				if d.Control != guards[len(rulings)-1].Control {
					t.Errorf("expected the ruling of %s, got that of %s", guards[len(rulings)-1].Control, d.Control)
				}
				wellFormed(t, d)
			}, w, guards)
			if got := strings.Join(rulings, " "); got != test.rulings {
				t.Errorf("expected the rulings %q, got %q", test.rulings, got)
			}
			if got := strings.Join(w.checked, " "); got != test.checked {
				t.Errorf("expected the checks %q, got %q", test.checked, got)
			}
			if r := RefusalOf(err); (r == nil) != (test.by == nil) || r != nil && r.Control != test.by {
				t.Errorf("expected a refusal by %v, got %v", test.by, err)
			}
		})
	}
}

// wellFormed holds what each outcome promises to a reader.
func wellFormed(t *testing.T, d Decision) {
	t.Helper()
	stopped := d.Outcome == Refused || d.Outcome == Challenged
	if stopped != (d.Refusal != nil) {
		t.Errorf("%s %s: a refusal comes with those that stop, and with no others, got %v", d.Control, d.Outcome, d.Refusal)
	}
	if saw := d.Saw != ""; saw == (d.Outcome == Off) {
		t.Errorf("%s %s: expected what was seen of what was checked, got %q", d.Control, d.Outcome, d.Saw)
	}
	if stopped && (d.Refusal.Control != d.Control || d.Refusal.Answer.Challenge != (d.Outcome == Challenged)) {
		t.Errorf("%s %s: expected the guard's own refusal, got %+v", d.Control, d.Outcome, d.Refusal)
	}
}

func TestEnforceNothing(t *testing.T) {
	if err := Enforce(&Profile{Controls: Everything()}, nil, &wish{}, nil); err != nil {
		t.Errorf("expected no refusal without guards, got %v", err)
	}
}

func TestRefusal(t *testing.T) {
	cause := ExpectedFix("htm", "GET", "POST", "sign the method you send")
	refusal := &Refusal{Control: RSDPoPHTM, Cause: cause, Answer: onWire}
	wrapped := fmt.Errorf("reading a patient: %w", refusal)
	if RefusalOf(wrapped) != refusal {
		t.Error("expected to find the refusal in a chain")
	}
	var m *Mismatch
	if !errors.As(wrapped, &m) || m.Fix != "sign the method you send" {
		t.Error("expected to find the mismatch in a chain")
	}
	if got, want := refusal.Error(), "rs/dpop-htm: htm: expected GET, got POST; sign the method you send"; got != want {
		t.Errorf("expected %q, got %q", want, got)
	}
	if RefusalOf(nil) != nil || RefusalOf(errors.New("other")) != nil {
		t.Error("expected no refusal in what is none")
	}
}

func TestExpected(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{Expected("typ", "dpop+jwt", "JWT"), "typ: expected dpop+jwt, got JWT"},
		{Expected("typ", "dpop+jwt", ""), "typ: expected dpop+jwt, got nothing"},
		{ExpectedFix("typ", "dpop+jwt", "", "set it"), "typ: expected dpop+jwt, got nothing; set it"},
	} {
		if test.err.Error() != test.want {
			t.Errorf("expected %q, got %q", test.want, test.err)
		}
	}
}

// What guarding costs beside the checks themselves: 30 guards that pass, about as many as an API has.
func BenchmarkEnforce(b *testing.B) {
	var thirty []Guard[wish]
	for _, c := range All()[:30] {
		thirty = append(thirty, Guard[wish]{Control: c, Check: func(*wish) (string, error) { return "GET", nil }})
	}
	for name, on := range map[string]Set{"on": Everything(), "off": {}} {
		b.Run("30 guards "+name, func(b *testing.B) {
			b.ReportAllocs()
			profile, said := Profile{Controls: on}, 0
			say := func(Decision) { said++ }
			for b.Loop() {
				if err := Enforce(&profile, say, &wish{}, thirty); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
