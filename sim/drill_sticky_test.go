package sim

import (
	"testing"
	"time"

	"thiefbox/sim/drill"
)

// TestStickyRouting: while all requests stay on one node the thief's copies are refused by what that node remembers;
// when it gives way, he has one that the next node has not seen, and for half a minute nobody is served. A short
// window closes that too; a memory that the nodes share does not, since nobody remembers a request that was not
// answered, and does once the requests are spread again.
func TestStickyRouting(t *testing.T) {
	for _, test := range []struct {
		also   string
		then   string
		wins   int // in the three hours after; twice the node gives way
		sticks bool
	}{{"", "", 2, true}, {"window records 20s", "", 0, true}, {"replay-memory records", "", 2, true}, {"replay-memory records", "spread records", 0, false}, {"spread records", "", 25, false}} {
		d := begun(t, "d5")
		d.Advance(drillMinutes(20))
		if !wonAt(t, d, "records") {
			t.Fatal("expected the thief to win before anything is done")
		}
		for _, line := range []string{"sticky records", test.also, test.then} {
			if line != "" && d.Decide(drill.ParseLine(line)) != nil {
				t.Fatal(line)
			}
		}
		d.Advance(drillMinutes(50)) // both have been carried out
		wins, dark := 0, d.View().Dark
		before := len(d.Truth().Tries)
		for end := d.Now() + 3*time.Hour; d.Now() < end; {
			d.Advance(d.Now() + 20*time.Second)
			dark = max(dark, d.View().Dark)
		}
		for _, try := range d.Truth().Tries[before:] {
			if try.Won {
				wins++
			}
		}
		if wins != test.wins {
			t.Errorf("sticky and %q: expected him to win %d times, got %d", test.also, test.wins, wins)
		}
		if (dark > 20000) != test.sticks {
			t.Errorf("sticky and %q: at most %d clinics were not served at once", test.also, dark)
		}
	}
	d := begun(t, "d5")
	if d.Decide(drill.ParseLine("sticky local")) == nil {
		t.Error("expected an API of one node to have nothing to stick to")
	}
}
