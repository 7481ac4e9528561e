package scenarios

import (
	"slices"
	"strings"
	"testing"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

func TestScenariosNameWhatThereIs(t *testing.T) {
	for _, s := range All() {
		if s.Title == "" || !strings.HasSuffix(s.Story, ".") {
			t.Errorf("%s: expected a title and a story of sentences, got %q and %q", s.Name, s.Title, s.Story)
		}
		if !slices.ContainsFunc(attacker.All(), func(a attacker.Technique) bool { return a.ID == s.Attack }) {
			t.Errorf("%s: there is no attack %q", s.Name, s.Attack)
		}
		if len(s.Profiles) < 2 {
			t.Errorf("%s: expected profiles worth comparing, got %v", s.Name, s.Profiles)
		}
		for _, name := range s.Profiles {
			if _, err := control.ProfileNamed(name); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
	}
}

// A scenario shows a difference, or it is not worth showing.
func TestScenariosShowADifference(t *testing.T) {
	for _, s := range All() {
		seen := map[verdict.Outcome]bool{}
		for _, name := range s.Profiles {
			seen[Expected(s.Attack, name)] = true
		}
		if len(seen) < 2 || seen[""] {
			t.Errorf("%s: expected different outcomes under %v, the reviewed matrix has %v", s.Name, s.Profiles, seen)
		}
	}
}

func TestTheFirstComesFirst(t *testing.T) {
	all := All()
	if !all[0].First || slices.ContainsFunc(all[1:], func(s Scenario) bool { return s.First }) {
		t.Error("expected exactly one scenario to be the first, and to come first")
	}
}

func TestParseExpected(t *testing.T) {
	for text, want := range map[string]string{
		"T-01:\n  legacy: breached\n":                         "",
		"T-01:\n  legacy: held by rs/scope\n":                 "",
		"T-01:\n  legacy: void\n":                             `T-01 under legacy: expected "breached" or "held by <control>", got "void"`,
		"T-01:\n  legacy: held by \n":                         "got",
		"T-01: breached\n":                                    "the reviewed matrix",
		"T-01:\n  legacy: breached\nT-01:\n  bcp: breached\n": "T-01",
	} {
		_, err := parseExpected([]byte(text))
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: expected an error with %q, got %v", text, want, err)
		}
	}
}

// What ExpectedText writes, parseExpected reads.
func TestExpectedTextRoundTrip(t *testing.T) {
	m := report.Matrix{
		Attacks: []report.Attack{{ID: "T-01", Name: "token-from-log"}},
		Cells: [][]report.Cell{{
			{Attack: "T-01", Profile: "legacy", Applicable: true, Verdict: verdict.Verdict{Outcome: verdict.Breached}},
			{Attack: "T-01", Profile: "bcp", Applicable: true, Verdict: verdict.Verdict{Outcome: verdict.Held, StoppedBy: "rs/scope"}},
			{Attack: "T-01", Profile: "helseid"},
		}},
	}
	got, err := parseExpected(ExpectedText(m))
	if err != nil {
		t.Fatal(err)
	}
	row := got["T-01"]
	if len(row) != 2 || row["legacy"].outcome != verdict.Breached || row["bcp"] != (expectation{verdict.Held, "rs/scope"}) {
		t.Errorf("expected the row back, got %v", row)
	}
}

func TestReviewedMatrixReads(t *testing.T) {
	m, err := parseExpected(expectedFile)
	if err != nil {
		t.Fatal(err)
	}
	for attack, row := range m {
		if !slices.ContainsFunc(attacker.All(), func(a attacker.Technique) bool { return a.ID == attack }) {
			t.Errorf("the reviewed matrix has %s, which is no attack", attack)
		}
		for name, e := range row {
			if _, err := control.ProfileNamed(name); err != nil {
				t.Errorf("%s: %v", attack, err)
			}
			if e.outcome == verdict.Held {
				if _, err := control.Lookup(e.stoppedBy); err != nil {
					t.Errorf("%s under %s: %v", attack, name, err)
				}
			}
		}
	}
}
