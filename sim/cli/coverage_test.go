package cli

import (
	"testing"

	"thiefbox/sim/clause"
	"thiefbox/sim/worth"
)

// Each clause is a control's or an attack's to keep, or it is said how it is kept without (done, or by construction), or
// that no message shows it. Nothing is said of a clause that is no longer true of it.
func TestEveryClauseIsAccountedFor(t *testing.T) {
	docs, err := clause.Documents()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range worth.Cover("", docs, cited(), nil).Documents {
		for _, c := range d.Clauses {
			touched := len(c.Controls)+len(c.Attacks) > 0
			switch {
			case c.Untouched() && c.Why == "":
				t.Errorf("%s (%s, %s): no control and no attack cites it; say why not", c.ID, c.Level, c.Text)
			case c.Why != "" && (touched || c.Wire != ""):
				t.Errorf("%s: it is said to hold by construction, and is touched by %v and %v (wire %q)", c.ID, c.Controls, c.Attacks, c.Wire)
			case c.Wire == "no" && touched:
				t.Errorf("%s: it is said that no message shows it, and %v and %v cite it", c.ID, c.Controls, c.Attacks)
			}
		}
	}
}
