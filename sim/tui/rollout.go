package tui

import (
	"cmp"
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
	Fitted      string // how the model was fitted to the user's clients; empty if it was not
	Rules       []string
}

// RolloutWish is what is to be played: the usual policies and one of the user's own, with numbers that may be his.
type RolloutWish struct {
	Own    ecosystem.Policy
	Params ecosystem.Params // without tiers: the usual numbers
	Trials int
	Vary   bool // the model's numbers are drawn from their ranges
	// Clients is a table of the user's own clients, and the days between which it was made; empty for none.
	Clients, Since, AsOf string
	Moves                bool // what moves the answer is wanted too
}

// Rollouter plays a migration.
type Rollouter func(ctx context.Context, wish RolloutWish) (Rollout, error)

// rolloutScreen compares ways to bring an ecosystem over: the usual ones, and one of the user's own.
type rolloutScreen struct {
	src     Source
	list    list // of the policies; the last is the user's own
	side    rolloutSide
	at      scroll // of the side
	set     list   // of what can be set (rollout_set.go)
	wish    RolloutWish
	job     int
	stop    context.CancelFunc // of what plays
	waiting bool
	err     error
	got     *Rollout
}

// rolloutSide is what stands beside the curve and the table.
type rolloutSide int

const (
	sideRests rolloutSide = iota
	sideSet
	sideMoves
	sideTrade
	sideRules
	rolloutSides
)

var rolloutSideNames = [rolloutSides]string{"What it rests on", "What you set", "What moves the answer", "Exposure against breakage", "How to read it"}

type rolloutMsg struct {
	job int
	got Rollout
	err error
}

func newRolloutScreen(s Source) *rolloutScreen {
	r := &rolloutScreen{src: s, wish: s.RolloutWish}
	if r.wish.Own.Name == "" {
		r.wish.Own = ecosystem.Own(ecosystem.Policy{Deadline: 45, Notify: true, Ratchet: true})
	}
	if len(r.wish.Params.Tiers) == 0 {
		r.wish.Params = ecosystem.Defaults()
	}
	r.wish.Trials = cmp.Or(r.wish.Trials, 500)
	return r
}

func (r *rolloutScreen) start(a *app, again bool) tea.Cmd {
	if r.src.Rollout == nil || (r.got != nil || r.waiting) && !again {
		return nil
	}
	if r.stop != nil {
		r.stop()
	}
	r.job++
	r.waiting, r.err = true, nil
	ctx, stop := context.WithCancel(a.ctx)
	job, play, wish := r.job, r.src.Rollout, r.wish
	r.stop, wish.Moves = stop, r.side == sideMoves
	return func() tea.Msg {
		defer stop()
		got, err := play(ctx, wish)
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
	if r.side == sideSet {
		return "j and k choose what to set, h and l change it, enter too; tab turns on"
	}
	return "[ and ] move your own date, x tells suppliers or not; tab: everything you can set"
}

// twin is the command that plays the same: the hash of its assumptions is that of the screen.
func (r *rolloutScreen) twin() string {
	w := r.wish
	line := fmt.Sprintf("thiefbox rollout --seed %d --trials %d --policy \"%s\" --curve", r.src.Seed, w.Trials, w.Own.Spec())
	if set := w.Params.Changes(ecosystem.Defaults()); len(set) > 0 {
		line += " --set " + strings.Join(set, ",")
	}
	if w.Vary {
		line += " --vary"
	}
	if w.Clients != "" {
		line += fmt.Sprintf(" --clients %s --since %s --as-of %s", quoted(w.Clients), w.Since, w.AsOf)
	}
	if r.side == sideMoves {
		line += " --sensitivity"
	}
	return line
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsAny(path, " '\"\\$`&;|<>()*?") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}

func (r *rolloutScreen) selection() (text, what string) {
	if r.got == nil {
		return "", ""
	}
	return strings.Join(r.table(theme{}, 200, len(r.got.Policies)), "\n") + "\n", "the table"
}

func (r *rolloutScreen) act(a *app, k action) tea.Cmd {
	settings := r.settings()
	switch {
	case r.side == sideSet && r.set.act(k, len(settings), len(settings)):
		return nil
	case r.side > sideSet && a.w < wideEnough && r.at.act(k, 100, a.h/2): // only the side is shown
		return nil
	case r.got != nil && r.side != sideSet && r.list.act(k, len(r.got.Policies), r.policyRows(a.h-3)):
		return nil
	}
	switch k {
	case actNextChoice, actLastChoice:
		return r.change(a, settings[0], stepOf(k == actNextChoice))
	case actMark:
		return r.change(a, settings[1], 1)
	case actForward, actBackward, actEnter:
		if r.side != sideSet {
			a.note = "tab turns to what you can set"
			return nil
		}
		return r.change(a, settings[r.set.cursor], stepOf(k != actBackward))
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

func stepOf(up bool) int {
	if up {
		return 1
	}
	return -1
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
