package tui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/drill"
)

// Exercise is a drill that is played: drill.Seat is one. Its methods take a moment, for the servers behind it
// are real, so they are called by commands and never while drawing.
type Exercise interface {
	Sight() drill.Sight
	Decide(line string) error
	Pass(span time.Duration) error
	Wait(span time.Duration) error
	Next(ctx context.Context, most time.Duration) error
	Preview(line string) (drill.Preview, error)
	Judge(ctx context.Context) (drill.Score, error)
	Close() error
}

// drillScreen is the console of a drill. It shows a Sight and sends decisions; what they do is decided where
// the Sight comes from.
type drillScreen struct {
	ex    Exercise
	name  string // as `thiefbox drill play` takes it
	tape  string // file; empty if nothing is kept
	sight drill.Sight
	score *drill.Score

	focus   drillPane
	lists   [drillPanes]list
	details scroll       // of the clock and truth panes
	narrow  filter       // of the evidence
	marked  map[int]bool // evidence
	facil   bool

	running bool
	speed   int // place in speeds
	turn    time.Duration
	owed    time.Duration
	frames  int            // at a facilitator's desk
	waiting []func() error // what is to be done, one after the other; the first is under way
}

type drillPane int

const (
	paneInbox drillPane = iota
	paneEvidence
	paneSuspects
	paneActions
	paneClocks
	paneTruth
	drillPanes
)

var drillPaneNames = [drillPanes]string{"Inbox", "Evidence", "Explanations", "Actions", "Clocks", "Truth"}

// speeds are simulated seconds for each second.
var speeds = []int{1, 6, 30, 60, 300, 600}

// turnsAtMost are waited for something to happen.
const turnsAtMost = 3

func newDrillScreen(ex Exercise, sight drill.Sight, one Drill, tape string) *drillScreen {
	d := &drillScreen{ex: ex, name: one.Name, tape: tape, sight: sight, facil: sight.Guide != nil, speed: 1, marked: map[int]bool{},
		turn: cmp.Or(one.Turn, sight.Turn, time.Minute)}
	if d.atDesk() {
		d.focus = paneTruth
	}
	return d
}

func (d *drillScreen) place() place     { return placeDrill }
func (d *drillScreen) crumbs() []string { return []string{"Drill " + d.sight.ID, clean(d.sight.Title)} }
func (d *drillScreen) filter() filter   { return d.narrow }

func (d *drillScreen) setFilter(f filter) {
	d.narrow, d.focus, d.lists[paneEvidence] = f, paneEvidence, list{}
}

func (d *drillScreen) context() string {
	pace := "stands still"
	if d.running {
		pace = itoa(speeds[d.speed]) + "x"
	}
	switch {
	case d.sight.Over:
		pace = "over"
	case d.sight.Held:
		pace = "held"
	}
	who := ""
	if d.atDesk() {
		who, pace = "desk   ", bullet(d.sight.Held, "held")
		pace = strings.TrimSpace(pace)
	} else if d.facil {
		who = "facilitator   "
	}
	return fmt.Sprintf("%s%s of %s   %s", who, longClock(d.sight.Now), drill.Clock(d.sight.Ends), pace)
}

// longClock has seconds: at 1x, minutes stand still for too long.
func longClock(t time.Duration) string {
	t = t.Truncate(time.Second)
	return fmt.Sprintf("T+%02d:%02d:%02d", int(t.Hours()), int(t.Minutes())%60, int(t.Seconds())%60)
}

func (d *drillScreen) status() string {
	s := d.sight
	switch {
	case s.Over:
		return "EXERCISE. It is over: $ shows the score, term by term, and how to get the report"
	case d.atDesk():
		return "EXERCISE. space holds the players' clock, w lets a turn pass, i sends a message"
	case s.Held:
		return "EXERCISE. The facilitator has stopped the clock"
	case s.Now == 0 && !d.running:
		return "EXERCISE. e reads the brief; space starts the clock, n waits until something happens"
	case len(d.waiting) > 0 && !d.running:
		return "EXERCISE. the servers are at work"
	}
	busy := 0
	for _, free := range s.Crew {
		if free > s.Now {
			busy++
		}
	}
	return fmt.Sprintf("EXERCISE. %s broken, %s dark; %d of %s busy",
		count(s.Broken, "client"), count(s.Dark, "clinic"), busy, count(len(s.Crew), "operator"))
}

func (d *drillScreen) twin() string {
	if d.atDesk() {
		return "thiefbox drill watch --plain " + d.tape
	}
	if d.tape != "" {
		return "thiefbox drill play --plain --tape " + d.tape
	}
	return "thiefbox drill play " + d.name + " --plain"
}

// evidence is what passes the filter, newest first.
func (d *drillScreen) evidence() []drill.Evidence {
	var out []drill.Evidence
	for _, e := range slices.Backward(d.sight.Logs) {
		flags := []string{ifMarked(d.marked[e.N])}
		if e.Status >= 400 {
			flags = append(flags, "refused")
		}
		if d.narrow.match(e.String(), flags...) {
			out = append(out, e)
		}
	}
	return out
}

func ifMarked(yes bool) string {
	if yes {
		return "marked"
	}
	return ""
}

// rows is how many rows a pane's list has.
func (d *drillScreen) rows(p drillPane) int {
	switch p {
	case paneInbox:
		return len(d.sight.Inbox)
	case paneEvidence:
		return len(d.evidence())
	case paneSuspects:
		return len(d.sight.Suspects)
	case paneActions:
		return len(d.sight.Actions)
	}
	return 0
}

func (d *drillScreen) at(p drillPane) (int, bool) {
	n, at := d.rows(p), d.lists[p].cursor
	return at, at >= 0 && at < n
}

func (d *drillScreen) selection() (text, what string) {
	at, ok := d.at(d.focus)
	if !ok {
		return "", ""
	}
	switch d.focus {
	case paneInbox:
		return d.message(at).Text, "the message"
	case paneEvidence:
		return d.evidence()[at].String(), "the line of the log"
	case paneSuspects:
		return d.sight.Suspects[at].Text, "the explanation"
	}
	return d.sight.Actions[at].ID, "the action"
}

// message is one of the inbox, newest first.
func (d *drillScreen) message(at int) drill.Message { return d.sight.Inbox[len(d.sight.Inbox)-1-at] }

func (d *drillScreen) act(a *app, k action) tea.Cmd {
	if p := d.focus; p <= paneActions && d.lists[p].act(k, d.rows(p), d.listHeight(a, p)) {
		return nil
	} else if p > paneActions && d.details.act(k, len(d.longText(a.theme, 60)), a.h/3) {
		return nil
	}
	switch k {
	case actPane, actPaneBack:
		d.turnTo(k)
	case actPlay:
		if from, yes := d.ex.(desk); yes {
			return d.hold(a, from)
		}
		d.run(a)
	case actInject:
		d.order(a, "inject")
	case actNextChoice:
		d.speed = min(d.speed+1, len(speeds)-1)
	case actLastChoice:
		d.speed = max(d.speed-1, 0)
	case actNextEvent, actTurn:
		if d.atDesk() && k == actNextEvent {
			a.note = errAtDesk.Error()
			return nil
		}
		if k == actTurn {
			return d.do(a, func() error { return d.ex.Wait(d.turn) })
		}
		return d.do(a, func() error { return d.ex.Next(a.ctx, turnsAtMost*d.turn) })
	case actEnter:
		return d.choose(a)
	case actMark:
		if d.focus == paneActions || d.focus == paneSuspects {
			d.cancel(a)
			return nil
		}
		d.mark()
	case actBelieve:
		d.believe(a)
	case actAdd:
		d.order(a, "suppose")
	case actLink:
		d.link(a)
	case actReply:
		d.reply(a)
	case actScore:
		return d.showScore(a)
	}
	return nil
}

func (d *drillScreen) turnTo(k action) {
	n := drillPanes
	if d.sight.Truth == nil {
		n--
	}
	step := drillPane(1)
	if k == actPaneBack {
		step = n - 1
	}
	d.focus = (d.focus + step) % n
	d.details = 0
}

func (d *drillScreen) run(a *app) {
	if d.sight.Over {
		a.note = "the drill is over; $ shows the score"
		return
	}
	if d.sight.Held {
		a.note = drill.ErrHeld.Error()
		return
	}
	d.running = !d.running
	if d.owed = 0; d.running {
		a.note = "the clock runs: " + count(speeds[d.speed], "simulated second") + " a second; [ and ] change it, space stops it"
	}
}

func (d *drillScreen) choose(a *app) tea.Cmd {
	at, ok := d.at(d.focus)
	switch {
	case d.focus == paneInbox && ok:
		d.reply(a)
	case d.focus == paneEvidence && ok:
		d.mark()
	case d.focus == paneSuspects && ok:
		d.believe(a)
	case d.focus == paneActions && ok:
		d.order(a, d.sight.Actions[at].ID)
	case d.focus == paneClocks:
		return d.showScore(a)
	}
	return nil
}
