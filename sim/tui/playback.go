package tui

import (
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// frameTime is how long one frame of a playing screen stands: ten a second at most. This is time at
// the desk of whoever watches; the world's time is in the events.
const frameTime = 100 * time.Millisecond

// playback is a cursor over frames that can walk by itself. A frame is a step of a run, or a row of
// steps of several runs that are watched together.
type playback struct {
	frames  []playFrame
	at      int // the frame shown
	seen    int // the furthest ever shown: what the audience knows
	playing bool
	beat    int   // beats played, an index into score
	score   []int // frame by beat
}

// playFrame is the step each column shows; -1 if it has nothing to show yet.
type playFrame struct {
	steps    []int
	quiet    bool // honest work, that may pass quickly
	decision bool // somebody is refused or robbed in it
}

// Nobody should have to wait: honest work passes in at most quietBeats, the attack in loudBeats, so
// that a whole run takes well under ten seconds. Short runs are not stretched beyond the slowest pace.
const (
	quietBeats, slowestQuiet = 25.0, 2.0
	loudBeats, slowestLoud   = 45.0, 7.0
)

func newPlayback(frames []playFrame) playback {
	p := playback{frames: frames}
	quiet, loud := 0.0, 0.0
	for _, f := range frames {
		if f.quiet {
			quiet++
		} else {
			loud++
		}
	}
	pace := func(f playFrame) float64 {
		if f.quiet {
			return min(slowestQuiet, quietBeats/quiet)
		}
		return min(slowestLoud, loudBeats/loud)
	}
	end := 0.0
	for i, f := range frames {
		end += pace(f)
		for float64(len(p.score)) < end {
			p.score = append(p.score, i)
		}
	}
	return p
}

// framesOf lines up the steps of runs that are watched together, phase by phase. In the attack the
// n-th step stands beside the n-th; elsewhere the shorter one walks more slowly, so that the honest
// work, which differs by dialect, ends everywhere at once.
func framesOf(runs ...[]report.Step) []playFrame {
	at := make([]int, len(runs)) // steps already placed
	var out []playFrame
	for more := true; more; {
		more = false
		phase, n := nextPhase(runs, at)
		for k := range n {
			f := playFrame{steps: make([]int, len(runs)), quiet: phase != event.PhaseAttack}
			for i, steps := range runs {
				length := phaseLength(steps, at[i], phase)
				f.steps[i] = at[i] - 1 + placed(k, n, length, f.quiet)
				j := f.steps[i]
				isNew := j >= 0 && (len(out) == 0 || out[len(out)-1].steps[i] != j)
				f.decision = f.decision || isNew && steps[j].Outcome != ""
			}
			out = append(out, f)
			more = true
		}
		for i, steps := range runs {
			at[i] += phaseLength(steps, at[i], phase)
		}
	}
	return out
}

// placed is how many of length steps are shown in the k-th of n frames.
func placed(k, n, length int, spread bool) int {
	if spread {
		return (k + 1) * length / n
	}
	return min(k+1, length)
}

// nextPhase is the phase of the first run that has steps left, and the most steps any run has in it.
func nextPhase(runs [][]report.Step, at []int) (phase event.PhaseName, n int) {
	found := false
	for i, steps := range runs {
		if !found && at[i] < len(steps) {
			phase, found = steps[at[i]].Phase, true
		}
	}
	for i, steps := range runs {
		if found {
			n = max(n, phaseLength(steps, at[i], phase))
		}
	}
	return phase, n
}

func phaseLength(steps []report.Step, from int, phase event.PhaseName) int {
	n := from
	for n < len(steps) && steps[n].Phase == phase {
		n++
	}
	return n - from
}

// step is what column i shows at the current frame, -1 if nothing.
func (p *playback) step(i int) int { return p.stepAt(p.at, i) }

func (p *playback) stepAt(frame, i int) int {
	if frame < 0 || frame >= len(p.frames) {
		return -1
	}
	return p.frames[frame].steps[i]
}

// moveTo goes to a frame, as far as there is one.
func (p *playback) moveTo(frame int) {
	p.at = max(0, min(frame, len(p.frames)-1))
	p.seen = max(p.seen, p.at)
}

func (p *playback) ended() bool { return p.at >= len(p.frames)-1 }

// play starts from here, or from the beginning if this is the end.
func (p *playback) play() {
	if p.ended() {
		p.at, p.seen = 0, 0
	}
	p.beat = 0
	for p.beat < len(p.score) && p.score[p.beat] < p.at {
		p.beat++
	}
	p.playing = len(p.frames) > 0
}

// tick plays one beat.
func (p *playback) tick() {
	p.beat++
	if p.beat >= len(p.score) {
		p.moveTo(len(p.frames) - 1)
		p.playing = false
		return
	}
	p.moveTo(p.score[p.beat])
	p.playing = !p.ended()
}

// act does the playback keys; it reports whether the key was one.
func (p *playback) act(k action) bool {
	switch k {
	case actPlay:
		if p.playing {
			p.playing = false
		} else {
			p.play()
		}
		return true
	case actForward:
		p.moveTo(p.at + 1)
	case actBackward:
		p.moveTo(p.at - 1)
	case actNextDecision:
		p.moveTo(p.decisionFrom(1))
	case actLastDecision:
		p.moveTo(p.decisionFrom(-1))
	case actTop:
		p.moveTo(0)
	case actBottom:
		p.moveTo(len(p.frames) - 1)
	default:
		return false
	}
	p.playing = false
	return true
}

// decisionFrom is the next frame in a direction in which somebody is refused or robbed.
func (p *playback) decisionFrom(direction int) int {
	for i := p.at + direction; i >= 0 && i < len(p.frames); i += direction {
		if p.frames[i].decision {
			return i
		}
	}
	if direction > 0 {
		return len(p.frames) - 1
	}
	return 0
}

// bar shows how far the playback is, w cells wide.
func (p *playback) bar(w int) string {
	n := len(p.frames)
	if n == 0 || w < 8 {
		return ""
	}
	inner := w - 2
	done := inner * (p.at + 1) / n
	line := make([]byte, 0, w)
	line = append(line, '[')
	for i := range inner {
		if i < done {
			line = append(line, '#')
		} else {
			line = append(line, '.')
		}
	}
	return string(append(line, ']'))
}

// state says in a word what the playback does.
func (p *playback) state() string {
	switch {
	case p.playing:
		return "playing"
	case p.ended():
		return "at the end"
	}
	return "paused"
}
