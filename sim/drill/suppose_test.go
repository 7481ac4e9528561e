package drill_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/drill"
)

// Players add an explanation in their words, give it evidence, and say where it stands; the tape has it all, and
// the score is as if they had said nothing.
func TestAnExplanationOfOnesOwn(t *testing.T) {
	text, err := scenarios.Drill("ten-minutes")
	if err != nil {
		t.Fatal(err)
	}
	var kept, again bytes.Buffer
	s := sit(t, &drill.Tape{File: text, Seed: 42}, &kept, false)
	defer s.Close()
	line := func(i int) string { return fmt.Sprintf("e%d", s.Sight().Logs[i].N) }
	one, two, three := line(0), line(1), line(2)
	for _, wrong := range []string{"suppose", "link own1 " + one, "believe own1 likely", "link key seven", "link key e3000000", "believe key perhaps", "believe own0 80", "suppose " + strings.Repeat("x", 241)} {
		if s.Decide(wrong) == nil {
			t.Errorf("expected %.40q to be refused", wrong)
		}
	}
	for _, line := range []string{"suppose the vendor's  laptop, not ours", "link own1 " + two + " " + one + " " + one, "believe own1 likely " + three, "unlink own1 " + two, "believe own1 refuted", "link key " + one} {
		if err := s.Decide(line); err != nil {
			t.Fatal(err)
		}
	}
	tape, err := drill.ReadTape(kept.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	after := sit(t, tape, &again, false)
	defer after.Close()
	all := after.Sight().Suspects
	own := all[len(all)-1]
	if own.ID != "own1" || !own.Own || own.Text != "the vendor's laptop, not ours" || own.Odds() != "refuted" || len(own.Evidence) != 2 || "e"+strconv.Itoa(own.Evidence[0]) != one {
		t.Errorf("expected it as it was left, got %+v", own)
	}
	d, err := drill.Replay(t.Context(), tape, sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if j := d.Judgement(); j.Score != 0 || j.Brier != -1 || len(d.View().Own) != 1 {
		t.Errorf("expected one's own words not to be judged, got %+v", j)
	}
}

func TestOwnExplanationsHaveAnEnd(t *testing.T) {
	text, err := scenarios.Drill("ten-minutes")
	if err != nil {
		t.Fatal(err)
	}
	s := sit(t, &drill.Tape{File: text, Seed: 42}, &bytes.Buffer{}, false)
	defer s.Close()
	for range 20 {
		if err := s.Decide("suppose something"); err != nil {
			t.Fatal(err)
		}
	}
	if s.Decide("suppose something") == nil {
		t.Error("expected the twenty-first to be refused")
	}
}
