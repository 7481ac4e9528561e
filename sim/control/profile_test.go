package control

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// within tells whether every control of s is in t.
func within(s, t Set) bool { return s.Union(t) == t }

func named(t *testing.T, name string) Profile {
	t.Helper()
	p, err := ProfileNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProfiles(t *testing.T) {
	for _, p := range Profiles() {
		t.Run(p.Name, func(t *testing.T) {
			if p.Title == "" || strings.HasSuffix(p.Title, ".") {
				t.Errorf("expected a title without full stop, got %q", p.Title)
			}
			// Otherwise the honest journey fails, and a run under the profile proves nothing.
			if !within(p.Controls, p.Full().Controls) {
				t.Errorf("expected controls that its own dialect satisfies, got beyond them %s", p.Controls.Without(p.Full().Controls.Controls()...))
			}
			d := p.Dialect
			if d.ClientAuth == "" || d.Constraint == "" || d.Request == "" || d.TokenAlg == "" || d.AccessTokenLifetime <= 0 {
				t.Errorf("expected a dialect that says how to speak, got %+v", d)
			}
			if d.ClientAuth == PrivateKeyJWT && (d.AssertionAudience == "" || d.AssertionLifetime <= 0) {
				t.Errorf("expected assertions with an audience and a lifetime, got %+v", d)
			}
			if got := named(t, p.Name); got != p {
				t.Errorf("expected to find it by its name, got %s", got.Name)
			}
			if p.Bare().Controls != (Set{}) || p.Bare().Dialect != d || p.Full().Dialect != d {
				t.Error("expected Bare and Full to change controls alone")
			}
		})
	}
}

func TestNamedProfiles(t *testing.T) {
	var names []string
	for _, p := range Profiles() {
		names = append(names, p.Name)
	}
	want := []string{"legacy", "bcp", "pre-2025", "fapi2-dpop", "fapi2-mtls", "fapi2-message-signing", "hardened", "helseid", "hardened+entitlement"}
	if !slices.Equal(names, want) {
		t.Errorf("expected %v, got %v", want, names)
	}
	_, err := ProfileNamed("fapi3")
	if err == nil || !strings.Contains(err.Error(), "fapi2-dpop") {
		t.Errorf("expected an error that lists the names there are, got %v", err)
	}
}

// Each line is a sentence about what a more careful profile adds and never takes away.
func TestProfilesGrow(t *testing.T) {
	for _, test := range []struct {
		less, more string
		but        []*Control
	}{
		{"legacy", "bcp", nil},
		{"bcp", "fapi2-dpop", []*Control{RSTokenAudience}}, // a recommendation of RFC 9700, no clause of SP
		{"pre-2025", "fapi2-dpop", nil},
		{"fapi2-dpop", "fapi2-message-signing", nil},
		{"fapi2-dpop", "hardened", nil},
		{"fapi2-dpop", "helseid", []*Control{RSTokenRevoked}}, // its tokens are short and cannot be revoked
		{"hardened", "hardened+entitlement", nil},
	} {
		less, more := named(t, test.less), named(t, test.more)
		if !within(less.Controls.Without(test.but...), more.Controls) {
			t.Errorf("expected %s to hold all of %s, but it lacks %s", test.more, test.less, less.Controls.Without(more.Controls.Controls()...))
		}
		for _, c := range test.but {
			if within(SetOf(c), more.Controls) {
				t.Errorf("%s is in %s after all: strike the exception", c, test.more)
			}
		}
		if less.Controls == more.Controls {
			t.Errorf("expected %s to add something to %s", test.more, test.less)
		}
	}
}

func TestPre2025LacksTheAudienceRuleAlone(t *testing.T) {
	if got := named(t, "pre-2025").With(ASAssertionIssuerAud).Controls; got != named(t, "fapi2-dpop").Controls {
		t.Errorf("expected one control between them, got %s", got)
	}
}

func TestEveryControlIsInSomeProfile(t *testing.T) {
	var union Set
	for _, p := range Profiles() {
		union = union.Union(p.Controls)
	}
	if rest := Everything().Without(union.Controls()...); rest.Len() > 0 {
		t.Errorf("expected a profile that switches each control on, got none for %s", rest)
	}
}

func TestSatisfiable(t *testing.T) {
	best := hardenedDialect.with(func(d *Dialect) {
		d.Request, d.Response, d.SignedIntrospection = SignedRequest, JWTResponse, true
	})
	if got := (Profile{Dialect: best}).Full().Controls; got != Everything() {
		t.Fatalf("expected the hardened dialect with everything signed to satisfy everything, got %s less", Everything().Without(got.Controls()...))
	}
	for name, test := range map[string]struct {
		change func(*Dialect)
		lost   Set
	}{
		"shared secrets":     {func(d *Dialect) { d.ClientAuth = ClientSecretPost }, SetOf(ASClientAuthAsymmetric)},
		"endpoint audience":  {func(d *Dialect) { d.AssertionAudience = AudienceEndpoint }, SetOf(ASAssertionIssuerAud)},
		"assertions untyped": {func(d *Dialect) { d.AssertionTyp = "" }, SetOf(ASAssertionTyp)},
		"assertions of 61 s": {func(d *Dialect) { d.AssertionLifetime = 61 * time.Second }, SetOf(ASAssertionLifetime)},
		"assertions of 60 s": {func(d *Dialect) { d.AssertionLifetime = 60 * time.Second }, Set{}},
		"no PKCE":            {func(d *Dialect) { d.PKCE = false }, SetOf(ASPKCERequired)},
		"plain requests":     {func(d *Dialect) { d.Request = PlainRequest }, SetOf(ASPARRequired, ASRequestSigned)},
		"unsigned requests":  {func(d *Dialect) { d.Request = PushedRequest }, SetOf(ASRequestSigned)},
		"plain responses":    {func(d *Dialect) { d.Response = PlainResponse }, SetOf(ASResponseSigned).With(signedResponse...)},
		"plain answers":      {func(d *Dialect) { d.SignedIntrospection = false }, SetOf(RSAnswerSignature, RSAnswerAudience, RSAnswerFresh)},
		"certificates":       {func(d *Dialect) { d.ClientAuth, d.Constraint = TLSClientAuth, MTLS }, Set{}},
		"their own":          {func(d *Dialect) { d.ClientAuth = SelfSignedTLSClientAuth }, Set{}},
		"bearer tokens":      {func(d *Dialect) { d.Constraint = Bearer }, SetOf(ASSenderConstrained, RSSenderBound)},
		"no introspection":   {func(d *Dialect) { d.Introspection = false }, SetOf(RSTokenRevoked, RSAnswerToken, RSAnswerSignature, RSAnswerAudience, RSAnswerFresh)},
	} {
		got := Profile{Dialect: best.with(test.change)}.Full().Controls
		if got != Everything().Without(test.lost.Controls()...) {
			t.Errorf("%s: expected to lose %q, got %q", name, test.lost, Everything().Without(got.Controls()...))
		}
	}
}

func TestProfileIsAValue(t *testing.T) {
	Profiles()[0].Name = "changed"
	p := named(t, "fapi2-dpop")
	_, _ = p.Without(RSScope), p.With(RSEntitlementRead)
	if Profiles()[0].Name != "legacy" || p.Controls != named(t, "fapi2-dpop").Controls {
		t.Error("expected the named profiles to stay as they are when a reader changes his copy")
	}
	if p.Without(RSScope).With(RSScope) != p {
		t.Error("expected With to undo Without")
	}
}

func TestDialectRoundTrip(t *testing.T) {
	for _, p := range Profiles() {
		b, err := json.Marshal(p.Dialect)
		if err != nil {
			t.Fatal(err)
		}
		var d Dialect
		if err := json.Unmarshal(b, &d); err != nil || d != p.Dialect {
			t.Errorf("%s: expected %+v, got %+v, %v", p.Name, p.Dialect, d, err)
		}
	}
}
