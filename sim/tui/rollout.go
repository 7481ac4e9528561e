package tui

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/ecosystem"
)

// Rollout is a migration that was played many times, as the screen shows it. Measured and Rules are sentences:
// what was seen on the wire, and how the figures may be read.
type Rollout struct {
	Study       ecosystem.Study
	Hash        string // of the assumptions
	Policies    []ecosystem.Row
	Curves      []ecosystem.Curve
	Sensitivity []ecosystem.Swing // nil until it is asked for
	Measured    string
	Rules       []string
}

// rolloutScreen compares ways to bring an ecosystem over: the usual ones, and one of the user's own.
type rolloutScreen struct {
	src     Source
	list    list // of the policies; the last is the user's own
	side    rolloutSide
	at      scroll // of the side
	date    int    // place in ownDates
	notify  bool
	job     int
	waiting bool
	err     error
	got     *Rollout
}

// rolloutSide is what stands beside the curve and the table.
type rolloutSide int

const (
	sideRests rolloutSide = iota
	sideMoves
	sideTrade
	sideRules
	rolloutSides
)

var rolloutSideNames = [rolloutSides]string{"What it rests on", "What moves the answer", "Exposure against breakage", "How to read it"}

// ownDates are the days that the user's own policy can have; 0 is none.
var ownDates = []float64{0, 7, 14, 21, 30, 45, 60, 90, 120, 180}

type rolloutMsg struct {
	job int
	got Rollout
	err error
}

func newRolloutScreen(s Source) *rolloutScreen { return &rolloutScreen{src: s, date: 5, notify: true} }

// own is the user's own policy.
func (r *rolloutScreen) own() ecosystem.Policy {
	name := "yours: no date"
	if d := ownDates[r.date]; d > 0 {
		name = fmt.Sprintf("yours: %g d", d)
	}
	if r.notify {
		name += ", notify"
	}
	return ecosystem.Policy{Name: name, Notify: r.notify, Deadline: ownDates[r.date], Ratchet: true}
}

func (r *rolloutScreen) start(a *app, again bool) tea.Cmd {
	if r.src.Rollout == nil || (r.got != nil || r.waiting) && !again {
		return nil
	}
	r.job++
	r.waiting, r.err = true, nil
	job, play, ctx, own, moves := r.job, r.src.Rollout, a.ctx, r.own(), r.side == sideMoves
	return func() tea.Msg {
		got, err := play(ctx, own, moves)
		return rolloutMsg{job, got, err}
	}
}

func (r *rolloutScreen) done(msg rolloutMsg) {
	if msg.job != r.job {
		return
	}
	if r.waiting, r.err = false, msg.err; msg.err != nil {
		return
	}
	if r.got == nil {
		r.list.cursor = len(msg.got.Policies) - 1
	}
	r.got = &msg.got
}

func (r *rolloutScreen) place() place     { return placeRollout }
func (r *rolloutScreen) crumbs() []string { return []string{"Ecosystem", "rollout"} }
func (r *rolloutScreen) context() string {
	return "a model, not a forecast   seed " + fmt.Sprint(r.src.Seed)
}

func (r *rolloutScreen) status() string {
	switch {
	case r.waiting:
		return "playing the migration under every policy, on the same random numbers"
	case r.err != nil:
		return "cannot play: " + clean(r.err.Error())
	case r.got == nil:
		return "r plays the migration"
	}
	return "[ and ] move your own date, x tells suppliers or does not; tab turns the right side over"
}

func (r *rolloutScreen) twin() string {
	line := fmt.Sprintf("thiefbox rollout --seed %d --trials 500 --curve", r.src.Seed)
	if own := r.own(); own.Deadline > 0 && own.Notify {
		line += fmt.Sprintf(" --deadline %g", own.Deadline)
	}
	if r.side == sideMoves {
		line += " --sensitivity"
	}
	return line
}

func (r *rolloutScreen) selection() (text, what string) {
	if r.got == nil {
		return "", ""
	}
	return strings.Join(r.table(theme{}, 200), "\n") + "\n", "the table"
}

func (r *rolloutScreen) act(a *app, k action) tea.Cmd {
	if r.got != nil && r.list.act(k, len(r.got.Policies), len(r.got.Policies)) {
		return nil
	}
	switch k {
	case actNextChoice, actLastChoice:
		step := 1
		if k == actLastChoice {
			step = -1
		}
		r.date = min(max(r.date+step, 0), len(ownDates)-1)
		r.toOwn()
		return r.start(a, true)
	case actMark:
		r.notify = !r.notify
		r.toOwn()
		return r.start(a, true)
	case actPane, actPaneBack:
		step := rolloutSide(1)
		if k == actPaneBack {
			step = rolloutSides - 1
		}
		r.side, r.at = (r.side+step)%rolloutSides, 0
		if r.side == sideMoves && r.got != nil && r.got.Sensitivity == nil {
			return r.start(a, true)
		}
	case actAgain:
		return r.start(a, true)
	}
	return nil
}

// toOwn puts the cursor on the user's own policy, which is what changes.
func (r *rolloutScreen) toOwn() {
	if r.got != nil {
		r.list.cursor = len(r.got.Policies) - 1
	}
}

// explanation is every number of the model with its range and its source.
func (r *rolloutScreen) explanation(t theme, w int) (string, []string) {
	if r.got == nil {
		return "The numbers", []string{"nothing was played yet"}
	}
	var lines []string
	for _, p := range r.got.Study.Params.List() {
		lines = append(lines, t.strong.Render(clean(p.Name)))
		lines = append(lines, hang("  ", strings.TrimSpace(fmt.Sprintf("%.4g %s", p.Value, p.Unit))+fmt.Sprintf(", from %.4g to %.4g. %s", p.Low, p.High, p.Source), w)...)
	}
	return "Every number, its range and where it comes from", lines
}

// Rollouter plays a migration. own is compared beside the usual policies; moves asks what moves the answer too.
type Rollouter func(ctx context.Context, own ecosystem.Policy, moves bool) (Rollout, error)
