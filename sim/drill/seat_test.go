package drill_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/drill"
)

func sit(t *testing.T, tape *drill.Tape, w *bytes.Buffer, facilitator bool) *drill.Seat {
	t.Helper()
	d, err := drill.New(tape, sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := tape.Record(w)
	if err != nil {
		t.Fatal(err)
	}
	seat, err := drill.NewSeat(d, rec, nil, facilitator)
	if err != nil {
		t.Fatal(err)
	}
	return seat
}

// TestAnswersWaitForTheirMessage: what has not come in cannot be answered, and the refusal tells nothing about it.
func TestAnswersWaitForTheirMessage(t *testing.T) {
	text, err := scenarios.Drill("d6-whose-record")
	if err != nil {
		t.Fatal(err)
	}
	s := sit(t, &drill.Tape{File: text, Seed: 42}, &bytes.Buffer{}, false)
	for _, line := range []string{"answer I1", "answer I4", "answer nosuch"} {
		if err := s.Decide(line); err == nil || !strings.Contains(err.Error(), "expected a message that has come in") {
			t.Errorf("%s: expected a refusal, got %v", line, err)
		}
	}
	if err := s.Next(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Decide("answer I1"); err != nil {
		t.Error(err)
	}
}

// Whoever leaves and comes back finds the drill where it was: what he decided, what came in, what it cost.
func TestASeatCanBeLeftAndTakenAgain(t *testing.T) {
	text, err := scenarios.Drill("ten-minutes")
	if err != nil {
		t.Fatal(err)
	}
	var kept, again bytes.Buffer
	s := sit(t, &drill.Tape{File: text, Seed: 42}, &kept, false)
	if err := s.Next(t.Context(), 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := s.Decide("believe downgrade 80"); err != nil {
		t.Fatal(err)
	}
	if s.Decide("inject I3") == nil || s.Decide("@facilitator nonce server") == nil || s.Decide("no such thing") == nil {
		t.Error("expected what makes no sense, or is the facilitator's, to be refused")
	}
	if err := s.Pass(90 * time.Second); err != nil {
		t.Fatal(err)
	}
	before := s.Sight()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	tape, err := drill.ReadTape(kept.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	s = sit(t, tape, &again, false)
	defer s.Close()
	after := s.Sight()
	if after.Now != before.Now || len(after.Inbox) != len(before.Inbox) || after.Suspects[0].Percent != 80 || after.Harm != before.Harm {
		t.Errorf("expected to be where we were at %s, got %s", before.Now, after.Now)
	}
	lines := func(all []drill.Evidence) (out []string) {
		for _, e := range all {
			out = append(out, e.String())
		}
		return out
	}
	if !slices.Equal(lines(after.Logs), lines(before.Logs)) {
		t.Errorf("expected the same logs, got %d lines and %d", len(after.Logs), len(before.Logs))
	}
}

func TestASightHoldsBackTheTruth(t *testing.T) {
	text, err := scenarios.Drill("ten-minutes")
	if err != nil {
		t.Fatal(err)
	}
	for _, facilitator := range []bool{false, true} {
		s := sit(t, &drill.Tape{File: text, Seed: 42}, new(bytes.Buffer), facilitator)
		if err := s.Pass(10 * time.Minute); err != nil {
			t.Fatal(err)
		}
		v := s.Sight()
		if (v.Truth != nil) != facilitator || (v.Guide != nil) != facilitator || (v.Harm.Records > 0) != facilitator {
			t.Errorf("facilitator %v: truth %v, guide %v, records %g", facilitator, v.Truth != nil, v.Guide != nil, v.Harm.Records)
		}
		if n := len(v.Clients); n != 3 || !strings.Contains(v.Clients[1].Text, "61 clients") || !strings.Contains(v.Clients[2].Text, "one client, 2310 clinics") {
			t.Errorf("expected how many clients there are of each kind, got %v", v.Clients)
		}
		if len(v.Logs) == 0 {
			t.Error("expected evidence")
		}
		for _, a := range v.Actions {
			for _, w := range v.Words(a) {
				if len(w.Choices) == 0 && !w.Free && w.Name != "INJECT" && w.Name != "ANSWER" && w.Name != "DECISION" {
					t.Errorf("%s: nothing to choose for %s", a.ID, w.Name)
				}
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Who sat where the truth can be seen is on the tape, from the start; so is what she had arrive, and whose a
// decision was. A turn is on the tape at once; while the clock runs, a tick can be lost.
func TestTheTapeKnowsWhoSatThere(t *testing.T) {
	text, err := scenarios.Drill("ten-minutes")
	if err != nil {
		t.Fatal(err)
	}
	var kept bytes.Buffer
	s := sit(t, &drill.Tape{File: text, Seed: 42}, &kept, true)
	for _, do := range []func() error{
		func() error { return s.Wait(90 * time.Second) },
		func() error { return s.Decide("inject I3") },
		func() error { return s.Decide("@anna refuse-bearer imaging") },
		func() error { return s.Pass(30 * time.Second) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	tape, err := drill.ReadTape(kept.Bytes()) // as if killed now: nobody closed the seat
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range tape.Decisions {
		got = append(got, d.At.String()+" "+d.By+": "+d.String())
	}
	want := []string{"0s facilitator: wait", "1m30s facilitator: wait", "1m30s facilitator: inject I3", "1m30s anna: refuse-bearer imaging"}
	if !slices.Equal(got, want) {
		t.Errorf("expected %q, got %q", want, got)
	}
	if at, ever := tape.Facilitated(); !ever || at != 0 {
		t.Errorf("expected a facilitator from the start, got %v at %s", ever, at)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
