package tui

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

func stepsOf(journey, attack int) []report.Step {
	var steps []report.Step
	for range journey {
		steps = append(steps, report.Step{Phase: event.PhaseJourney})
	}
	for i := range attack {
		s := report.Step{Phase: event.PhaseAttack}
		if i%2 == 1 {
			s.Outcome = wordStop
		}
		steps = append(steps, s)
	}
	return steps
}

// The attacks of runs that are watched together begin in the same frame, however long the honest work was.
func TestFramesLineUpByPhase(t *testing.T) {
	frames := framesOf(stepsOf(4, 2), stepsOf(10, 4))
	if len(frames) != 14 {
		t.Fatalf("expected 14 frames, got %d", len(frames))
	}
	for i, want := range map[int]string{0: "[-1 0]", 4: "[1 4]", 9: "[3 9]", 10: "[4 10]", 11: "[5 11]", 13: "[5 13]"} {
		if got := fmt.Sprint(frames[i].steps); got != want {
			t.Errorf("frame %d: expected %s, got %s", i, want, got)
		}
	}
	if !frames[0].quiet || frames[10].quiet || !frames[11].decision || frames[12].decision {
		t.Error("expected quiet frames before the attack, and a decision where one is new")
	}
}

func TestFramesShowEveryStepInOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var runs [][]report.Step
		for range rapid.IntRange(1, 4).Draw(r, "runs") {
			runs = append(runs, stepsOf(rapid.IntRange(0, 30).Draw(r, "journey"), rapid.IntRange(0, 30).Draw(r, "attack")))
		}
		frames := framesOf(runs...)
		for i, steps := range runs {
			at := -1
			for _, f := range frames {
				if f.steps[i] != at && f.steps[i] != at+1 {
					r.Fatalf("run %d: expected step %d or %d, got %d", i, at, at+1, f.steps[i])
				}
				at = f.steps[i]
			}
			if at != len(steps)-1 {
				r.Fatalf("run %d: expected to end at step %d, got %d", i, len(steps)-1, at)
			}
		}
	})
}

func TestPlayingTakesUnderTenSeconds(t *testing.T) {
	for _, n := range []struct{ journey, attack int }{{0, 0}, {1, 1}, {30, 6}, {400, 3}, {20, 900}} {
		p := newPlayback(framesOf(stepsOf(n.journey, n.attack)))
		p.play()
		beats := 0
		for ; p.playing && beats < 1000; beats++ {
			p.tick()
		}
		if beats > 80 || !p.ended() {
			t.Errorf("%v: expected the end within 80 beats, got %d", n, beats)
		}
	}
}

func TestStepBackAndForth(t *testing.T) {
	p := newPlayback(framesOf(stepsOf(3, 4)))
	for _, move := range []struct {
		k    action
		want int
	}{
		{actForward, 1}, {actForward, 2}, {actBackward, 1}, {actBackward, 0}, {actBackward, 0},
		{actNextDecision, 4}, {actNextDecision, 6}, {actNextDecision, 6}, {actLastDecision, 4}, {actLastDecision, 0},
		{actBottom, 6}, {actForward, 6}, {actTop, 0},
	} {
		if p.act(move.k); p.at != move.want {
			t.Errorf("after %d: expected frame %d, got %d", move.k, move.want, p.at)
		}
	}
	if p.seen != 6 {
		t.Errorf("expected the end to have been seen, got %d", p.seen)
	}
}

func TestPlayAtTheEndBeginsAnew(t *testing.T) {
	p := newPlayback(framesOf(stepsOf(3, 4)))
	p.act(actBottom)
	p.act(actPlay)
	if !p.playing || p.at != 0 || p.seen != 0 {
		t.Errorf("expected to play from the start, got frame %d", p.at)
	}
	p.tick()
	p.act(actPlay)
	if p.playing {
		t.Error("expected a pause")
	}
	at := p.at
	p.act(actPlay)
	if p.at != at {
		t.Error("expected to go on where it stood")
	}
}
