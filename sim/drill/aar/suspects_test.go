package aar_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"thiefbox/sim"
	"thiefbox/sim/drill"
	"thiefbox/sim/drill/aar"
)

// What the players put into their own words is in the report with its evidence, and nothing says whether it is right.
func TestOwnExplanationsAreShown(t *testing.T) {
	d, err := drill.New(tapeOf(t), sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	line := fmt.Sprintf("e%d", d.Evidence(1)[0].N)
	tape := tapeOf(t, "6m suppose the vendor's <b>laptop</b> | or his disk", "6m link own1 "+line, "7m believe own1 likely", "8m believe key refuted", "9m believe downgrade 90")
	r, err := aar.Make(t.Context(), tape, sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]aar.Explanation{}
	for _, e := range r.Explanations {
		got[e.ID] = e
	}
	if e := got["own1"]; !e.Own || e.Right != "unknown" || len(e.Said) != 1 || e.Said[0] != "T+7m likely" || len(e.Evidence) != 1 {
		t.Errorf("expected one's own explanation as it was left, got %+v", e)
	}
	if got["downgrade"].Right != "yes" || got["key"].Right != "no" || got["key"].Said[0] != "T+8m refuted" {
		t.Errorf("expected the drill's own to be judged, got %+v", got)
	}
	for _, format := range []string{"md", "html"} {
		var b bytes.Buffer
		if err := r.Write(&b, format); err != nil {
			t.Fatal(err)
		}
		if text := b.String(); strings.Contains(text, "<b>laptop") || !strings.Contains(text, "in their words") || !strings.Contains(text, "Obligations are those of Norway") {
			t.Errorf("%s: expected the players' words, and nobody's markup", format)
		}
	}
}
