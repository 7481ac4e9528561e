package tui

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/report"
	"thiefbox/sim/worth"
)

// riskScreen is what is left of the ways to steal, before and after: the text of its twin, to scroll.
type riskScreen struct {
	src           Source
	before, after string
	job           int
	stop          context.CancelFunc // of what computes
	waiting       bool
	progress      *matrixJob
	err           error
	risk          *worth.Risk
	at            scroll
	width         int      // lines is of this width
	lines         []string // of the report
	weights       weighing // how the ways are weighed (risk_weights.go)
	weighs        bool     // its side has the keys
}

type riskMsg struct {
	job  int
	risk worth.Risk
	err  error
}

func newRiskScreen(s Source, after string) *riskScreen {
	r := &riskScreen{src: s, after: after}
	if len(s.Profiles) > 0 {
		r.before = s.Profiles[0].Name
	}
	return r
}

func (r *riskScreen) start(a *app, again bool) tea.Cmd {
	if r.src.Risk == nil || r.risk != nil && !again || r.waiting && !again {
		return nil
	}
	if r.stop != nil {
		r.stop() // what it found out is remembered
	}
	r.job++
	r.waiting, r.err, r.progress = true, nil, &matrixJob{}
	job, ask, before, after, wish, progress := r.job, r.src.Risk, r.before, r.after, r.weights.wish, r.progress
	ctx, stop := context.WithCancel(a.ctx)
	r.stop = stop
	return func() tea.Msg {
		defer stop()
		risk, err := ask(ctx, before, after, wish, progress.count)
		return riskMsg{job, risk, err}
	}
}

func (r *riskScreen) done(msg riskMsg) {
	if msg.job != r.job {
		return
	}
	r.waiting, r.err, r.width = false, msg.err, 0
	if msg.err == nil {
		r.risk, r.at = &msg.risk, 0
	}
}

func (r *riskScreen) place() place     { return placeRisk }
func (r *riskScreen) crumbs() []string { return []string{"Risk"} }

func (r *riskScreen) context() string { return clean(r.before) + " -> " + clean(r.after) }

func (r *riskScreen) status() string {
	switch {
	case r.waiting:
		return "playing every way to steal under both profiles"
	case r.err != nil:
		return "cannot compare: " + clean(r.err.Error())
	}
	return "a model of susceptibility, not a forecast; the caveats at the end belong to the figure"
}

func (r *riskScreen) twin() string {
	line := fmt.Sprintf("thiefbox risk --before %s --after %s --seed %d", r.before, r.after, r.src.Seed)
	switch w := r.weights.wish; {
	case w.File != "":
		line += " --weights " + quoted(w.File)
	case w.ByAttack != nil || w.Concentration != 0:
		line += " --weights FILE" // that they are kept in first
	}
	return line
}

func (r *riskScreen) selection() (text, what string) {
	if r.risk == nil {
		return "", ""
	}
	return strings.Join(r.lines, "\n") + "\n", "the whole comparison"
}

func (r *riskScreen) act(a *app, k action) tea.Cmd {
	switch {
	case k == actPane || k == actPaneBack:
		r.weighs = !r.weighs
		return nil
	case r.weighs:
		order, _ := r.families()
		if n := len(order) + rowsBelow; r.weights.list.act(k, n, max(a.h-9, 1)) {
			return nil
		}
	case r.at.act(k, len(r.lines), a.h-5):
		return nil
	}
	switch k {
	case actForward, actBackward, actEnter:
		if !r.weighs {
			a.note = "tab: how common each way is"
			return nil
		}
		return r.change(a, map[action]int{actForward: 1, actBackward: -1, actEnter: 1}[k])
	case actProfile:
		r.after = nextProfile(r.src.Profiles, r.after)
		return r.start(a, true)
	case actWhatIf:
		r.before = nextProfile(r.src.Profiles, r.before)
		return r.start(a, true)
	case actAgain:
		return r.start(a, true)
	}
	return nil
}

// besideReport is how many columns it takes to see the weights beside the report.
const besideReport = 110

func (r *riskScreen) body(t theme, w, h int) []string {
	if !r.weighs {
		return r.report(t, w, h, true)
	}
	left := w
	if w >= besideReport {
		left = 50
	}
	p := pane{title: "How common each way is", focused: true, lines: append(r.figures(left-4), "")}
	p.lines = indent(" ", append(p.lines, r.rows(t, left-4, max(h-2-len(p.lines), 1))...))
	if left == w {
		return p.draw(t, w, h)
	}
	return beside(p.draw(t, left, h), r.report(t, w-left, h, false))
}

// figures are what the weights are about, in a line or two.
func (r *riskScreen) figures(w int) []string {
	if r.risk == nil {
		return []string{"not computed yet"}
	}
	percent := func(v float64) string { return itoa(int(100*v+0.5)) + "%" }
	return wrap("still yields data: "+percent(r.risk.Before.Residual.Value)+" -> "+percent(r.risk.After.Residual.Value)+", a reduction by "+percent(r.risk.Reduced.Value), w)
}

func (r *riskScreen) report(t theme, w, h int, focused bool) []string {
	p := pane{title: "What is left of the ways to steal", focused: focused}
	switch {
	case r.risk == nil && r.waiting:
		p.lines = append([]string{"", "  Playing every way to steal under both profiles."}, r.progress.bar(w-2)...)
	case r.risk == nil:
		p.lines = []string{"", "  nothing yet; r computes it"}
	default:
		r.write(w - 4)
		p.lines, p.foot = r.at.from(r.lines, h-2)
		p.lines = indent(" ", p.lines)
	}
	if r.waiting {
		p.right = "computing"
	}
	return p.draw(t, w, h)
}

// write puts the report into lines of a width. It is a cache: what is drawn is a function of the model.
func (r *riskScreen) write(w int) {
	if r.width == w {
		return
	}
	var b bytes.Buffer
	if err := report.WriteRisk(&b, r.src.Attacks, *r.risk, report.TextOptions{Width: w}); err != nil {
		b.WriteString(err.Error()) // writing to memory does not fail
	}
	r.width, r.lines = w, strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
}
