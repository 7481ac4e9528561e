package aar_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"thiefbox/sim"
	"thiefbox/sim/drill/aar"
)

// TestQuestionsAreHeldAgainstTheFacts: what was said, and what was not, stands in the report beside what was true.
func TestQuestionsAreHeldAgainstTheFacts(t *testing.T) {
	tape := tapeNamed(t, "d2", "30m answer I3 nothing", "40m answer I6 so-far", "41m nonce records", "42m cancel 3")
	r, err := aar.Make(context.Background(), tape, sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]string{}
	for _, q := range r.Questions {
		held[q.ID] = q.Held + "|" + q.True
	}
	for id, want := range map[string]string{"I2": "not answered|", "I3": "it does not stand: Records had been read", "I6": "it stands|"} {
		if !strings.HasPrefix(held[id], want) || !strings.Contains(held[id], "records were gone") {
			t.Errorf("%s: expected %q and what was true, got %q", id, want, held[id])
		}
	}
	if slices.ContainsFunc(r.Strengths, func(s string) bool { return strings.Contains(s, "I3") }) {
		t.Errorf("an answer that does not stand is called a strength: %q", r.Strengths)
	}
	var md bytes.Buffer
	if err := r.Write(&md, "md"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"## Questions", "nonce records (taken back at T+42m, before it had any effect)", "Access token lifted from a log file at local: he had his way", "missed: answer to I2 (the supplier)"} {
		if !strings.Contains(md.String(), want) {
			t.Errorf("expected %q in the report, got %s", want, md.String())
		}
	}
	if strings.Contains(md.String(), "T-01") {
		t.Error("the report names a technique by its number")
	}
}
