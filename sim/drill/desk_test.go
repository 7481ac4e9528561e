package drill_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/drill"
)

// atDesk is a drill that is played at one seat and followed from another: what is sent is heard.
func atDesk(t *testing.T) (*drill.Seat, *drill.Watch, *bytes.Buffer) {
	t.Helper()
	text, err := scenarios.Drill("ten-minutes")
	if err != nil {
		t.Fatal(err)
	}
	var tape, sent bytes.Buffer
	s := sit(t, &drill.Tape{File: text, Seed: 42}, &tape, false)
	t.Cleanup(func() { _ = s.Close() })
	s.Attend(func() ([]string, error) {
		lines := strings.Split(strings.TrimSpace(sent.String()), "\n")
		sent.Reset()
		return lines, nil
	})
	w, err := drill.NewWatch(func() ([]byte, error) { return tape.Bytes(), nil }, &sent, sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return s, w, &sent
}

// A facilitator sees the truth of what others play, and what she has arrive looks on their screen like any message.
func TestADrillIsFollowedFromADesk(t *testing.T) {
	s, w, _ := atDesk(t)
	for _, line := range []string{"believe downgrade 80", "suppose a disk"} {
		if err := s.Wait(3 * time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := s.Decide(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Follow(); err != nil {
		t.Fatal(err)
	}
	hers, theirs := w.Sight(), s.Sight()
	if hers.Now != theirs.Now || hers.Truth == nil || hers.Guide == nil || len(hers.Logs) != len(theirs.Logs) || len(hers.Suspects) != len(theirs.Suspects) {
		t.Errorf("expected all that is true at %s, got %s", theirs.Now, hers.Now)
	}
	next := hers.Coming[len(hers.Coming)-1].ID
	if w.Decide("inject "+next) != nil || w.Decide("disable web-ehr") == nil || w.Decide("inject I99") == nil {
		t.Error("expected messages to be hers to send, and decisions not")
	}
	if changed, err := s.Listen(); !changed || err != nil {
		t.Fatalf("expected it to be heard, got %v", err)
	}
	theirs = s.Sight()
	if last := theirs.Inbox[len(theirs.Inbox)-1]; last.ID != next || theirs.Truth != nil {
		t.Errorf("expected %s, got %+v", next, last)
	}
	if slices.ContainsFunc(theirs.Done, func(one drill.Done) bool { return one.Do == "inject" }) {
		t.Error("expected nothing to say that the message was sent")
	}
	if err := w.Follow(); err != nil || w.Decide("inject "+next) == nil {
		t.Errorf("expected her to see that it came: %v", err)
	}
	if got := s.Tape().Sent(); !strings.Contains(got, next) {
		t.Errorf("expected the tape to say what she sent, got %q", got)
	}
}

func TestADeskHoldsTheClock(t *testing.T) {
	s, w, sent := atDesk(t)
	if err := w.Hold(true); err != nil {
		t.Fatal(err)
	}
	if changed, err := s.Listen(); !changed || err != nil || !s.Sight().Held || !w.Sight().Held {
		t.Fatalf("expected the clock to be held, got %v", err)
	}
	for _, err := range []error{s.Pass(time.Minute), s.Wait(time.Minute), s.Next(t.Context(), time.Minute)} {
		if !errors.Is(err, drill.ErrHeld) {
			t.Errorf("expected no time to pass, got %v", err)
		}
	}
	before := s.Sight().Now
	if err := w.Wait(5 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if changed, err := s.Listen(); !changed || err != nil || s.Sight().Now != before+5*time.Minute {
		t.Errorf("expected the facilitator's turn to pass, got %s, %v", s.Sight().Now, err)
	}
	if err := s.Decide("believe key 20"); err != nil {
		t.Errorf("expected decisions to be possible, got %v", err)
	}
	sent.WriteString("nonsense \x00 from nobody\ndisable web-ehr\ninject I99\nturn\nturn back\n")
	if err := w.Hold(false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Listen(); err != nil || s.Wait(time.Minute) != nil || len(s.Tape().Decisions) != 3 {
		t.Errorf("expected the clock to go on and nothing else, got %v and %v", err, s.Tape().Decisions)
	}
}

func TestAnotherTapeIsNotFollowed(t *testing.T) {
	text, err := scenarios.Drill("ten-minutes")
	if err != nil {
		t.Fatal(err)
	}
	of := func(seed uint64) []byte {
		var b bytes.Buffer
		if _, err := (&drill.Tape{File: text, Seed: seed}).Record(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	now := of(42)
	w, err := drill.NewWatch(func() ([]byte, error) { return now, nil }, &bytes.Buffer{}, sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if now = of(1234567); w.Follow() == nil {
		t.Error("expected another seed to be no continuation")
	}
	if now = []byte("{}\n"); w.Follow() == nil {
		t.Error("expected what is no tape to be refused")
	}
}
