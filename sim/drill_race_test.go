package sim

import (
	"context"
	"fmt"
	"testing"

	"thiefbox/scenarios"
	"thiefbox/sim/drill"
)

// TestTheRaceIsPlayed: in which share of seeds a daily test comes before the thief is counted without playing the
// drills; for some seeds they are played, and who was first is who the count says.
func TestTheRaceIsPlayed(t *testing.T) {
	data, err := scenarios.Drill("d8")
	if err != nil {
		t.Fatal(err)
	}
	f, err := drill.ParseFile(data)
	if err != nil {
		t.Fatal(err)
	}
	const each, seeds = 24, 3
	firsts := 0
	for s := range uint64(seeds) {
		won := playedRace(t, data, s, each)
		if want := f.TestsFirst(s, each, drillMinutes(180)); won != want {
			t.Errorf("seed %d: the count says that tests are first: %v; played, %v", s, want, won)
		}
		if won {
			firsts++
		}
	}
	if firsts == 0 || firsts == seeds {
		t.Errorf("expected a race that either can win, got %d of %d", firsts, seeds)
	}
}

// playedRace plays the drill with a daily test decided on after an hour, and tells whether it found the API
// before the thief had tried anything.
func playedRace(t *testing.T, data []byte, seed uint64, each int) bool {
	t.Helper()
	one := drill.ParseLine(fmt.Sprintf("schedule %d", each))
	one.At = drillMinutes(60)
	d, err := drill.Replay(context.Background(), &drill.Tape{File: data, Seed: seed, Decisions: []drill.Decision{one}}, exercises)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if len(d.Races()) != 5 {
		t.Fatalf("expected the test that was decided on among the races, got %v", d.Races())
	}
	for _, m := range d.View().Inbox {
		if m.ID == "I3" {
			tries := d.Truth().Tries
			return len(tries) == 0 || m.At < tries[0].At
		}
	}
	return false
}
