package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/lesson"
	"thiefbox/sim/report"
)

// The smallest window in which something can be shown.
const minWidth, minHeight = 60, 16

// environment is what the terminal is like.
type environment struct {
	theme string
	clip  clipboard
}

// app is the model: which screens there are, which is on top, and what lies over it.
type app struct {
	ctx   context.Context
	src   Source
	theme theme
	clip  clipboard
	w, h  int

	home    *home
	run     *runScreen // nil before the first run
	matrix  *matrixScreen
	compare *compareScreen // nil before the first comparison
	history *historyScreen
	logs    *logsScreen
	ablate  *ablateScreen
	risk    *riskScreen
	rollout *rolloutScreen
	clauses *clausesScreen
	drill   *drillScreen // nil before the first drill
	lessons *lessonsScreen
	traffic *trafficScreen // nil unless something is served
	lesson  *lessonScreen  // nil before the first

	stack   []screen // the last is shown, esc goes back through the others
	over    overlay  // help, palette or a page of text; nil for none
	typing  *line    // the filter, while it is typed
	note    string   // answers the last key, until the next
	leaving bool     // the last key was to end a server that is called
	profile string   // for runs
	mouse   bool
	ticking bool // a tick is under way
	tick    func() tea.Cmd
	ear     func(*drillScreen) tea.Cmd // opens it for a facilitator, once
	first   tea.Cmd                    // what is to be opened at the start; nil for home
	job     int                        // newest request for something to show; answers to older ones are dropped
}

// overlay lies over a screen and takes the keys.
type overlay interface {
	key(a *app, msg tea.KeyMsg) tea.Cmd
	draw(a *app, w, h int) []string
	status() string
}

func newApp(ctx context.Context, s Source, env environment) *app {
	a := &app{ctx: ctx, src: s, theme: newTheme(env.theme), clip: env.clip, tick: tick, ear: ear, profile: firstProfile(s)}
	a.home = newHome(s)
	a.matrix = newMatrixScreen(s)
	a.history = &historyScreen{}
	a.logs = &logsScreen{}
	a.ablate = newAblateScreen(s, a.profile)
	a.risk, a.clauses = newRiskScreen(s, a.profile), newClausesScreen(s, a.profile)
	a.rollout = newRolloutScreen(s)
	a.lessons = &lessonsScreen{progress: map[string]lesson.Progress{}}
	a.stack = []screen{a.home}
	if s.Traffic != nil {
		a.traffic = newTrafficScreen(*s.Traffic)
		a.stack = append(a.stack, a.traffic)
	}
	return a
}

// firstProfile is for attacks that are chosen alone: the last one the first scenario shows, which is
// the one that resists.
func firstProfile(s Source) string {
	if len(s.Scenarios) > 0 && len(s.Scenarios[0].Profiles) > 0 {
		return s.Scenarios[0].Profiles[len(s.Scenarios[0].Profiles)-1]
	}
	if len(s.Profiles) > 0 {
		return s.Profiles[0].Name
	}
	return ""
}

// Init fetches what home shows besides its own list.
func (a *app) Init() tea.Cmd {
	return tea.Batch(a.fetchHistory(), a.fetchDrills(), a.first, a.keepTicking())
}

// Update is the switchboard: it knows who is to hear a message, and nothing else.
func (a *app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.resize(msg.Width, msg.Height)
	case tea.KeyMsg:
		cmd = a.key(msg)
	case tea.MouseMsg:
		cmd = a.wheel(msg)
	case tickMsg:
		cmd = a.beat()
	case ranMsg:
		a.ran(msg)
	case comparedMsg:
		a.compared(msg)
	case whatIfMsg:
		a.whatIf(msg)
	case matrixMsg:
		a.matrix.done(msg)
	case historyMsg:
		a.history.load(msg)
		a.home.setHistory(msg.runs)
	case logsMsg:
		a.logs.load(msg)
	case ablatedMsg:
		a.ablate.done(msg)
	case riskMsg:
		a.risk.done(msg)
	case weightsMsg:
		return a, a.risk.weighed(a, msg)
	case rolloutMsg:
		a.rollout.done(msg)
	case coverageMsg:
		a.clauses.done(msg)
	case drillsMsg:
		a.home.setDrills(msg)
	case drillOpenedMsg:
		cmd = a.drillOpened(msg)
	case trafficFetchedMsg:
		a.traffic.load(msg)
	case lessonsMsg:
		cmd = a.lessons.load(a, msg)
	case lessonRunMsg:
		cmd = msg.of.ran(a, msg)
	case drillMsg:
		cmd = msg.of.done(a, msg)
	case hearMsg:
		cmd = msg.of.hear(a)
	case heardMsg:
		cmd = msg.of.heard(a, msg)
	case previewMsg:
		msg.form.previewed(msg)
	case scoreMsg:
		msg.of.scored(a, msg)
	case noteMsg:
		a.note = string(msg)
	}
	return a, tea.Batch(cmd, a.keepTicking())
}

func (a *app) resize(w, h int) { a.w, a.h = w, h }

func (a *app) tooSmall() bool { return a.w < minWidth || a.h < minHeight }

// top is the screen that is shown.
func (a *app) top() screen { return a.stack[len(a.stack)-1] }

// open shows a screen. One that is already on the way is gone back to, so that esc never goes in circles.
func (a *app) open(s screen) tea.Cmd {
	a.over = nil
	a.pause()
	for i, other := range a.stack {
		if other.place() == s.place() {
			a.stack = a.stack[:i]
			break
		}
	}
	a.stack = append(a.stack, s)
	return a.enter(s.place())
}

func (a *app) back() tea.Cmd {
	if f, ok := a.top().(filterable); ok && !f.filter().empty() {
		f.setFilter(filter{})
		a.note = "the filter is cleared; esc once more goes back"
		return nil
	}
	if len(a.stack) == 1 {
		a.note = "this is the first screen; q quits"
		return nil
	}
	a.pause()
	a.stack = a.stack[:len(a.stack)-1]
	if a.top().place() == placeHome {
		return a.enter(placeHome)
	}
	return nil
}

// pause stops what plays on the screen that is being left.
func (a *app) pause() {
	if p, ok := a.top().(player); ok {
		p.player().playing = false
	}
	if p, ok := a.top().(ticker); ok {
		p.stop()
	}
}

// openRun shows a run from its beginning, playing.
func (a *app) openRun(r report.Run, without []string) {
	a.run = newRunScreen(r, without)
	a.open(a.run)
}

func (a *app) ran(msg ranMsg) {
	switch {
	case msg.job != a.job:
	case msg.err != nil:
		a.note = "cannot run: " + msg.err.Error()
	default:
		a.openRun(msg.run, msg.without)
		a.note = msg.note
	}
}

func (a *app) compared(msg comparedMsg) {
	switch {
	case msg.job != a.job:
	case msg.err != nil:
		a.note = "cannot compare: " + msg.err.Error()
	default:
		a.showComparison(newCompareScreen(msg.runs, msg.column))
		a.note = msg.note
	}
}

// showComparison plays it, unless a column was only exchanged after the end had been seen.
func (a *app) showComparison(c *compareScreen) {
	if old := a.compare; old != nil && a.top() == screen(old) && old.play.ended() &&
		old.current().run.Attack.ID == c.current().run.Attack.ID {
		c.play.act(actBottom)
	}
	a.compare = c
	a.open(c)
}

func (a *app) whatIf(msg whatIfMsg) {
	if msg.err != nil {
		a.note = "cannot run: " + msg.err.Error()
		return
	}
	if msg.story.whatIf = msg.run; a.top().place() == placeRun {
		a.openRun(*msg.run, msg.without)
		return
	}
	msg.story.whatIfWithout = msg.without
}

// beat moves what plays.
func (a *app) beat() tea.Cmd {
	a.ticking = false
	if s, ok := a.top().(ticker); ok {
		return s.tick(a)
	}
	if p, ok := a.top().(player); ok && p.player().playing {
		p.player().tick()
	}
	return nil
}

// keepTicking starts the next tick if something needs it. Nothing ticks while the screens stand still.
func (a *app) keepTicking() tea.Cmd {
	p, ok := a.top().(player)
	playing := ok && p.player().playing && a.over == nil && !a.tooSmall()
	s, ok := a.top().(ticker)
	playing = playing || ok && s.ticks(a)
	if a.ticking || !playing && !a.matrix.running() && !a.risk.waiting && !a.clauses.waiting {
		return nil
	}
	a.ticking = true
	return a.tick()
}
