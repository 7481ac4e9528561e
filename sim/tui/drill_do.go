package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/drill"
)

// What reaches the running drill: one thing at a time, in the order in which it was wanted.
type (
	drillMsg struct {
		of    *drillScreen
		sight drill.Sight
		err   error
	}
	drillOpenedMsg struct {
		job    int
		screen *drillScreen
		err    error
	}
	drillsMsg struct {
		drills []Drill
		err    error
	}
	previewMsg struct {
		form    *orderForm
		line    string
		preview drill.Preview
		err     error
	}
	scoreMsg struct {
		of    *drillScreen
		score drill.Score
		err   error
	}
)

// do has something done to the drill, after what is under way.
func (d *drillScreen) do(a *app, what func() error) tea.Cmd {
	if d.sight.Over {
		a.note = "the drill is over; $ shows the score"
		return nil
	}
	d.waiting = append(d.waiting, what)
	if len(d.waiting) > 1 {
		return nil
	}
	return d.first()
}

func (d *drillScreen) first() tea.Cmd {
	what, ex := d.waiting[0], d.ex
	return func() tea.Msg {
		err := what()
		return drillMsg{d, ex.Sight(), err}
	}
}

// done takes up what came of it, and does what waits.
func (d *drillScreen) done(a *app, msg drillMsg) tea.Cmd {
	before := d.sight
	d.waiting = d.waiting[1:]
	d.take(msg.sight, before)
	if msg.err != nil {
		a.note = msg.err.Error()
	} else if news := newsSince(before, msg.sight); news != "" && a.over == nil {
		a.note = news
	} else if n := len(msg.sight.Done); n > len(before.Done) && msg.sight.Done[n-1].Open(msg.sight.Now) && a.over == nil {
		one := msg.sight.Done[n-1]
		a.note = "decided: " + one.Decision.String() + "; it " + one.Pace(msg.sight.Now)
	} else if d.atDesk() {
		// what passes is the players' time
	} else if passed := msg.sight.Now - before.Now; passed >= d.turn && a.over == nil && !d.running {
		a.note = span(passed.Round(time.Second)) + " passed, and nothing came in; it is " + drill.Clock(msg.sight.Now)
	}
	if msg.sight.Over {
		d.running, d.waiting = false, nil
		return d.showScore(a)
	}
	if len(d.waiting) > 0 {
		return d.first()
	}
	return nil
}

// newsSince says in a sentence what has come in.
func newsSince(before, now drill.Sight) string {
	if n := len(now.Inbox); n > len(before.Inbox) {
		m := now.Inbox[n-1]
		return drill.Clock(m.At) + " " + m.Channel + " from " + m.From + ": " + m.Text
	}
	for i, one := range now.Done {
		if len(one.Result) == 0 {
			continue
		}
		if i >= len(before.Done) || len(before.Done[i].Result) < len(one.Result) {
			return drill.Clock(one.When[len(one.When)-1]) + " " + one.Decision.String() + ": " + one.Result[len(one.Result)-1]
		}
	}
	return ""
}

// ticks tells whether the clock of the drill runs. It waits while something else takes the keys.
func (d *drillScreen) ticks(a *app) bool {
	if d.atDesk() { // the players do not wait for her
		return !d.sight.Over && a.typing == nil && !a.tooSmall()
	}
	return d.running && a.over == nil && a.typing == nil && !a.tooSmall()
}

func (d *drillScreen) stop() { d.running = false }

// tick lets the drill run for a frame. While the servers are still at work on the last one, time is owed.
func (d *drillScreen) tick(a *app) tea.Cmd {
	if !d.ticks(a) {
		return nil
	}
	if d.atDesk() {
		return d.follow(a)
	}
	d.owed += frameTime * time.Duration(speeds[d.speed])
	if len(d.waiting) > 0 {
		return nil
	}
	owed := d.owed
	d.owed = 0
	return d.do(a, func() error { return d.ex.Pass(owed) })
}

// showScore opens the page of the score: what is known so far, or all of it when the drill is over.
func (d *drillScreen) showScore(a *app) tea.Cmd {
	a.over = d.scorePage(a)
	if !d.sight.Over || d.score != nil {
		return nil
	}
	ctx, ex := a.ctx, d.ex
	return func() tea.Msg {
		s, err := ex.Judge(ctx)
		return scoreMsg{d, s, err}
	}
}

func (d *drillScreen) scored(a *app, msg scoreMsg) {
	if msg.err != nil {
		a.note = "cannot score: " + msg.err.Error()
		return
	}
	if d.score = &msg.score; a.top() == screen(d) {
		a.over = d.scorePage(a)
	}
}

// playDrill opens a drill, or a tape of one.
func (a *app) playDrill(one Drill) tea.Cmd {
	if a.drill != nil && (one.Tape != "" && one.Tape == a.drill.tape || one.Tape == "" && one.Name == a.drill.name && (one.Country == "" || one.Country == a.drill.sight.Country) && !a.drill.sight.Over) {
		return a.open(a.drill)
	}
	a.job++
	job, open := a.job, a.src.OpenDrill
	a.note = "the servers of the drill are starting"
	return func() tea.Msg {
		ex, tape, err := open(one)
		if err != nil {
			return drillOpenedMsg{job: job, err: err}
		}
		return drillOpenedMsg{job: job, screen: newDrillScreen(ex, ex.Sight(), one, tape)}
	}
}

func (a *app) drillOpened(msg drillOpenedMsg) tea.Cmd {
	switch {
	case msg.err != nil:
		a.note = "cannot play: " + msg.err.Error()
		return nil
	case msg.job != a.job:
		return func() tea.Msg { return closing(msg.screen.ex) }
	}
	var cmd tea.Cmd
	if old := a.drill; old != nil {
		cmd = func() tea.Msg { return closing(old.ex) }
	}
	a.drill, a.note = msg.screen, ""
	opened := tea.Batch(a.open(a.drill), a.drill.listens(a))
	if a.drill.sight.Now == 0 && !a.drill.atDesk() {
		title, lines := a.drill.explanation(a.theme, min(a.w-6, 96)-4)
		a.over = &page{title: title, lines: lines}
	}
	return tea.Batch(cmd, opened)
}

func closing(ex Exercise) tea.Msg {
	if err := ex.Close(); err != nil {
		return noteMsg("the tape: " + err.Error())
	}
	return nil
}

func (a *app) fetchDrills() tea.Cmd {
	drills := a.src.Drills
	if drills == nil {
		return nil
	}
	return func() tea.Msg {
		all, err := drills()
		return drillsMsg{all, err}
	}
}
