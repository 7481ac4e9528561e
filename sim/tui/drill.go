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
const turnsAtMost = 6

func newDrillScreen(ex Exercise, sight drill.Sight, one Drill, tape string) *drillScreen {
	return &drillScreen{ex: ex, name: one.Name, tape: tape, sight: sight, facil: sight.Guide != nil, speed: 1, marked: map[int]bool{},
		turn: cmp.Or(one.Turn, sight.Turn, time.Minute)}
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
	if d.sight.Over {
		pace = "over"
	}
	who := ""
	if d.facil {
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
		return "EXERCISE. It is over: $ shows the score, every term of it, and where the report comes from"
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
	return fmt.Sprintf("EXERCISE. %s broken, %s dark; %d of %s busy; q leaves, the tape keeps all",
		count(s.Broken, "client"), count(s.Dark, "clinic"), busy, count(len(s.Crew), "operator"))
}

func (d *drillScreen) twin() string {
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
		d.run(a)
	case actNextChoice:
		d.speed = min(d.speed+1, len(speeds)-1)
	case actLastChoice:
		d.speed = max(d.speed-1, 0)
	case actNextEvent:
		return d.do(a, func() error { return d.ex.Next(a.ctx, turnsAtMost*d.turn) })
	case actTurn:
		return d.do(a, func() error { return d.ex.Wait(d.turn) })
	case actEnter:
		return d.choose(a)
	case actMark:
		d.mark()
	case actBelieve:
		d.believe(a)
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

func (d *drillScreen) mark() {
	if at, ok := d.at(paneEvidence); ok && d.focus == paneEvidence {
		n := d.evidence()[at].N
		if d.marked[n] = !d.marked[n]; !d.marked[n] {
			delete(d.marked, n)
		}
	}
}

// believe asks how likely an explanation is; what was marked in the logs is the evidence.
func (d *drillScreen) believe(a *app) {
	words := []string{}
	if at, ok := d.at(paneSuspects); ok && d.focus == paneSuspects {
		words = append(words, d.sight.Suspects[at].ID)
	}
	d.order(a, "believe", words...)
}

func (d *drillScreen) reply(a *app) {
	words := []string{}
	if at, ok := d.at(paneInbox); ok && d.focus == paneInbox {
		words = append(words, d.message(at).ID)
	}
	d.order(a, "answer", words...)
}

// order opens the form for an action.
func (d *drillScreen) order(a *app, id string, words ...string) {
	i := slices.IndexFunc(d.sight.Actions, func(one drill.Action) bool { return one.ID == id })
	if i < 0 || d.sight.Over {
		a.note = "the drill is over: nothing can be decided any more"
		return
	}
	form := newOrderForm(d, d.sight.Actions[i], words)
	a.over = form
}

// answersTo is what can be said to a message; nothing where any answer is as good.
func (d *drillScreen) answersTo(id string) []drill.Choice {
	for _, m := range d.sight.Inbox {
		if m.ID == id {
			return m.Answers
		}
	}
	return nil
}

func (d *drillScreen) markedWords() (words []string) {
	var numbers []int
	for n := range d.marked {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		words = append(words, "e"+itoa(n))
	}
	return words
}

func (d *drillScreen) explanation(t theme, w int) (string, []string) {
	at, ok := d.at(d.focus)
	if ok && d.focus == paneActions {
		return "What it does", actionText(d.sight.Actions[at], w)
	}
	if ok && d.focus == paneInbox && d.sight.Now > 0 {
		m := d.message(at)
		return m.ID + " from " + clean(m.From), wrap(m.Text, w)
	}
	return "The brief", d.brief(t, w)
}

func (d *drillScreen) brief(t theme, w int) []string {
	s := d.sight
	lines := append(wrap("EXERCISE. Every system, person and record here is invented.", w), "")
	lines = append(append(lines, wrap(s.Brief, w)...), "", t.strong.Render("What is wanted of you"))
	for _, aim := range s.Aims {
		lines = append(lines, hang("  ", aim.Text+" (by "+drill.Clock(aim.By)+")", w)...)
	}
	lines = append(lines, "", t.strong.Render("How to play"))
	for _, l := range []string{
		"space starts and stops the clock; [ and ] change how fast it runs; n waits until something happens, w lets a turn pass (" + span(d.turn) + ").",
		"Read the inbox. Look at the evidence: / narrows it, x marks a line that shows something.",
		"b says how likely an explanation is; what you marked is its evidence.",
		"Under Actions, enter puts a decision together and first shows whom it would break. The clock waits while you do.",
	} {
		lines = append(lines, hang("  ", l, w)...)
	}
	weights := fmt.Sprintf("Harm is weighed so: a record that reaches the thief %g, a minute of a clinic without service %g, an hour a duty is overdue %g, a needless notification %g.",
		s.Weights.Records, s.Weights.ClinicMinutes, s.Weights.OverdueHours, s.Weights.Unneeded)
	lines = append(append(append(lines, ""), wrap(weights, w)...), "", t.strong.Render("What the words mean"))
	for _, one := range drill.Glossary() {
		lines = append(lines, hang("  ", one.Word+": "+one.Text, w)...)
	}
	return lines
}

func actionText(a drill.Action, w int) []string {
	return fields(w, "Say", strings.TrimSpace(a.ID+" "+a.Usage), "Does", a.Title, "Takes", leadOf(a), "Stops", a.Stops, "But", a.SideEffect)
}

func leadOf(a drill.Action) string {
	if a.Lead == 0 {
		return "no time"
	}
	return span(a.Lead) + " of an operator"
}

// span writes a duration without its zeros.
func span(d time.Duration) string {
	s := d.String()
	if minutes, whole := strings.CutSuffix(s, "m0s"); whole {
		s = minutes + "m"
	}
	if hours, whole := strings.CutSuffix(s, "h0m"); whole {
		s = hours + "h"
	}
	return s
}
