package tui

import (
	"strings"
	"testing"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// What no control refused is explained like what one did.
func TestRefusedText(t *testing.T) {
	text := strings.Join(refusedText([]event.Refused{{Status: 400, Code: "invalid_request", Detail: "expected a form, got JSON; send a form", Fix: "send a form", Clause: "RFC 6749 s3.2"}}, 60), "\n")
	for _, part := range []string{"400 invalid_request", "Because    expected a form, got JSON", "Fix        send a form", "Clause     RFC 6749 s3.2"} {
		if !strings.Contains(text, part) {
			t.Errorf("expected %q in %q", part, text)
		}
	}
}

func TestFilter(t *testing.T) {
	for _, c := range []struct {
		filter string
		want   bool
	}{
		{"", true}, {"patient", true}, {"PATIENT p07", true}, {"patient & 401", true}, {"patient 200", false},
		{"!patient", false}, {"!token", true}, {"~thief", true}, {"~th 401", true}, {"!~thief", false}, {"~leak", false},
		{"!", true}, {"~", true},
	} {
		if got := parseFilter(c.filter).match("GET /Patient/p07 401", "thief", "", "stop"); got != c.want {
			t.Errorf("%q: expected %v, got %v", c.filter, c.want, got)
		}
	}
}

func TestFuzzyFindsWhatWasMeant(t *testing.T) {
	names := []string{"run D-04 Exact proof replay (replay-proof)", "go to matrix", "profile hardened+entitlement", "profile hardened"}
	for typed, want := range map[string]string{"d04": names[0], "matrix": names[1], "replay": names[0], "harde": names[2], "gtm": names[1]} {
		best, found := -1<<30, ""
		for _, n := range names {
			if score, ok := fuzzy(typed, n); ok && score > best {
				best, found = score, n
			}
		}
		if found != want {
			t.Errorf("%q: expected %q, got %q", typed, want, found)
		}
	}
	if _, ok := fuzzy("xyz", names[0]); ok {
		t.Error("expected letters that are not there not to fit")
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		w    int
		want string
	}{
		{"a token is sent", 7, "a token|is sent"}, {"", 5, ""}, {"abcdefgh", 3, "abc|def|gh"}, {"a\nb", 9, "a|b"}, {"x", 0, ""},
	} {
		if got := strings.Join(wrap(c.text, c.w), "|"); got != c.want {
			t.Errorf("%q in %d: expected %q, got %q", c.text, c.w, c.want, got)
		}
	}
}

func TestWindowKeepsTheCursorInSight(t *testing.T) {
	for n := range 30 {
		for h := 1; h < 12; h++ {
			for cursor := range n {
				for top := range n {
					at := window(top, cursor, n, h)
					if cursor < at || cursor >= at+h || at < 0 || at > max(0, n-h) {
						t.Fatalf("n=%d h=%d cursor=%d top=%d: got %d", n, h, cursor, top, at)
					}
				}
			}
		}
	}
}

// With more actors than lanes, the thief and whom he robs keep theirs.
func TestLanesForTheImportant(t *testing.T) {
	s := newStory(stolenToken("legacy", false), nil, false)
	d := newDiagram(newTheme(themeMono), s, 52, true)
	if d.lanes[0] != others || d.lanes[len(d.lanes)-1] != "mallory" || d.lane["fhir"] != len(d.lanes)-2 {
		t.Errorf("expected the others to share a lane, got %v", d.lanes)
	}
	wide := newDiagram(newTheme(themeMono), s, 110, true)
	if got := strings.Join(wide.lanes, " "); got != "berg ehr as fhir mallory" {
		t.Errorf("expected a lane for everybody, in the order of a request, got %s", got)
	}
	if narrow := newDiagram(newTheme(themeMono), s, 30, true); len(narrow.lanes) != 0 {
		t.Errorf("expected words instead of lanes, got %v", narrow.lanes)
	}
}

func TestMachineryIsHiddenUntilAskedFor(t *testing.T) {
	r := newRunScreen(stolenToken("legacy", false), nil)
	before := len(r.story.steps)
	r.play.act(actBottom)
	at := r.step().Event
	r.machinery()
	if len(r.story.steps) <= before || r.step().Event != at {
		t.Errorf("expected more steps and the same place, got %d after %d", len(r.story.steps), before)
	}
	if r.machinery(); len(r.story.steps) != before {
		t.Error("expected the machinery to go again")
	}
}

func TestNameParts(t *testing.T) {
	for _, c := range []struct {
		name string
		w    int
		want string
	}{
		{"legacy", 7, "legacy"}, {"fapi2-dpop", 7, "fapi2-|dpop"}, {"hardened+entitlement", 12, "hardened+|entitlement"},
		{"hardened", 6, "hard|ened"}, {"hardened+entitlement", 8, "hardened|+entit|lement"}, {"fapi2-message-signing", 8, "fapi2-|message-|signing"}, {"a-b-c", 10, "a-b-c"},
	} {
		if got := strings.Join(nameParts(c.name, c.w), "|"); got != c.want {
			t.Errorf("%s in %d: expected %s, got %s", c.name, c.w, c.want, got)
		}
	}
}

// Every body leaves evidence or is known to leave none; a refusal always does.
func TestEvidence(t *testing.T) {
	for want, b := range map[string]event.Body{
		"fhir/a  allow   Patient/p01   sub=berg client=ehr-web": event.Access{Node: "a", Interaction: "read", Resource: "Patient/p01", Subject: "berg", Client: "ehr-web"},
		"fhir/b  deny    rs/dpop-jti: seen before":              event.Ruling{Party: "fhir/b", Control: "rs/dpop-jti", Outcome: "refused", Cause: "seen before"},
		"fhir    deny    404 not-found: no such route":          event.Refused{Party: "fhir", Status: 404, Code: "not-found", Detail: "no such route"},
		"as      issue   access_token to ehr-web sub=berg":      event.Issued{Type: "access_token", Client: "ehr-web", Subject: "berg"},
		"as      issue   request_uri to ehr-web":                event.Issued{Type: "request_uri", Client: "ehr-web"},
		"as      revoke  access_token of ehr-web":               event.Withdrawn{Type: "access_token", Owner: "ehr-web"},
	} {
		if got := evidence(event.Event{Body: b}, "fhir"); got != want {
			t.Errorf("expected %q, got %q", want, got)
		}
	}
	for _, b := range []event.Body{event.Step{}, event.Overheard{}, event.Ruling{Outcome: "pass"}} {
		if got := evidence(event.Event{Body: b}, ""); got != "" {
			t.Errorf("expected %s to leave nothing, got %q", b.Kind(), got)
		}
	}
}

func TestInspectOpensAtTheStep(t *testing.T) {
	s := newStory(stolenToken("fapi2-dpop", true), nil, false)
	for i, step := range s.steps {
		in := newInspect(s, i)
		if step.Exchange != 0 && in.current().n != step.Exchange {
			t.Errorf("step %d: expected message %d, got %d", i, step.Exchange, in.current().n)
		}
	}
}

// The screen of an empty recording says so instead of crashing.
func TestEmptyRecording(t *testing.T) {
	a := testApp(t, 120, 36)
	a.openRun(report.Run{Profile: "legacy"}, nil)
	press(t, a, "l", "h", " ", "G", "enter", "tab", "x", "Y", "y", "esc", "c")
	checkFrame(t, a, a.View())
}

func BenchmarkView(b *testing.B) {
	a := testApp(b, 120, 36)
	a.openRun(stolenToken("fapi2-dpop", true), nil)
	a.run.play.act(actBottom)
	for b.Loop() {
		_ = a.View()
	}
}

// A mistyped word finds what it is nearest to, not what has its letters here and there.
func TestFuzzyPrefersLettersThatStandTogether(t *testing.T) {
	near, _ := fuzzy("matrx", "go to matrix")
	far, ok := fuzzy("matrx", "run X-01 Mix-up: a code of the honest server is carried to the dishonest one (mix-up)")
	if ok && far >= near {
		t.Errorf("expected the screen first, got %d for it and %d for an attack", near, far)
	}
	if _, ok := fuzzy("xyz", "go to matrix"); ok {
		t.Error("expected no match for letters that do not occur")
	}
	if score, ok := fuzzy("", "anything"); !ok || score != 0 {
		t.Error("expected nothing typed to match everything alike")
	}
}

// A lane that several share is called by the busiest of them whose name fits.
func TestSharedLane(t *testing.T) {
	s := newStory(stolenToken("legacy", false), nil, false)
	d := diagram{story: s, shared: []string{"multi-tenant", "berg"}}
	for w, want := range map[int]string{6: "berg+1", 8: "berg+1"} {
		if got := d.sharedName(w); got != want {
			t.Errorf("width %d: expected %q, got %q", w, want, got)
		}
	}
	d.shared = []string{"oldsupplier"}
	if got := d.sharedName(6); got != "oldsup" {
		t.Errorf("expected one actor by his name, as far as it fits, got %q", got)
	}
	d.shared = nil
	if got := d.sharedName(6); got != others {
		t.Errorf("expected a name for a lane of nobody, got %q", got)
	}
}
