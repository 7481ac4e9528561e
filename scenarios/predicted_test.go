package scenarios

import (
	"slices"
	"strings"
	"testing"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
)

func TestPredictionsAreWellFormed(t *testing.T) {
	p, err := predicted()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range p.Profiles {
		if _, err := control.ProfileNamed(name); err != nil {
			t.Error(err)
		}
	}
	for id, letters := range p.Predicted {
		if len(letters) < 5 || len(letters) > len(p.Profiles) || strings.Trim(letters, "SBFP.?") != "" {
			t.Errorf("%s: expected a letter for each profile, got %q", id, letters)
		}
	}
	for _, b := range attacker.Blocks() {
		// The chains were not predicted, and neither were blocks of our own.
		if family, _, _ := strings.Cut(b.ID, "-"); p.Predicted[b.ID] == "" && family != "CH" && !slices.Contains([]string{"L-14", "F-31", "F-32", "F-33"}, b.ID) {
			t.Errorf("%s: expected what was predicted of it", b.ID)
		}
	}
}

// Where a run says otherwise than the prediction, there is a reason, and it names what decides. (That the reviewed matrix
// is what a run says is tested in sim.)
func TestEveryDisagreementHasAReason(t *testing.T) {
	all, err := Disagreements()
	if err != nil {
		t.Fatal(err)
	}
	differ := map[string]bool{}
	for _, d := range all {
		differ[d.Attack+" "+d.Profile] = true
		if d.Clause == "" || !strings.HasSuffix(d.Why, ".") {
			t.Errorf("%s under %s was predicted: %s; the reviewed matrix says: %s. Expected a reason and its clause, got %q and %q",
				d.Attack, d.Profile, d.Predicted, d.Reviewed, d.Why, d.Clause)
		}
	}
	p, _ := predicted()
	given := map[string]bool{}
	for _, d := range p.Disagreements {
		for attack, profiles := range d.Cells {
			for _, profile := range profiles {
				cell := attack + " " + profile
				if given[cell] {
					t.Errorf("%s: there are two reasons", cell)
				}
				if given[cell] = true; !differ[cell] {
					t.Errorf("%s: there is a reason and no disagreement: it is stale", cell)
				}
			}
		}
	}
}

func TestAgrees(t *testing.T) {
	for _, test := range []struct {
		letter  byte
		outcome verdict.Outcome
		applies bool
		want    bool
	}{
		{'S', verdict.Breached, true, true}, {'S', verdict.Held, true, false}, {'S', "", false, false},
		{'B', verdict.Held, true, true}, {'F', verdict.Breached, true, false}, {'F', verdict.Held, true, true},
		{'P', verdict.Held, true, true}, {'P', "", false, false}, {'.', "", false, true}, {'.', verdict.Held, true, false}, {'?', verdict.Held, true, true},
	} {
		if got := agrees(test.letter, test.outcome, test.applies); got != test.want {
			t.Errorf("%c and %q (%v): expected %v", test.letter, test.outcome, test.applies, test.want)
		}
	}
}
