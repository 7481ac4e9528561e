package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// runScreen plays one run as a sequence diagram.
type runScreen struct {
	story *story
	play  playback
	pane  int // which of runPanes is shown where there is room for one only
	// chosen: somebody chose the pane. Until then it is the message, and at the end the outcome.
	chosen bool
}

// The panes beside the diagram, in the order of tab.
var runPanes = []struct {
	name string
	text func(*runScreen, theme, int) []string
}{
	{"Message", (*runScreen).messageText},
	{"Outcome", (*runScreen).outcomeText},
	{"Evidence", (*runScreen).evidenceText},
}

const outcomePane = 1 // of runPanes

// newRunScreen starts to play at once: watching is what one came for.
func newRunScreen(r report.Run, without []string) *runScreen {
	s := &runScreen{story: newStory(r, without, false)}
	s.play = newPlayback(framesOf(s.story.steps))
	s.play.play()
	return s
}

func (r *runScreen) place() place      { return placeRun }
func (r *runScreen) player() *playback { return &r.play }
func (r *runScreen) current() int      { return r.play.step(0) }
func (r *runScreen) step() report.Step { return r.story.step(r.current()) }

// shown is the pane to show where there is room for one only.
func (r *runScreen) shown() int {
	if !r.chosen && r.play.ended() {
		return outcomePane
	}
	return r.pane
}

func (r *runScreen) crumbs() []string { return []string{r.story.title()} }
func (r *runScreen) context() string {
	return fmt.Sprintf("%s   seed %d", clean(r.story.name()), r.story.run.Seed)
}

func (r *runScreen) status() string {
	if r.play.ended() {
		return r.ending()
	}
	return clean(r.step().Sentence)
}

// ending is what one should remember of the run.
func (r *runScreen) ending() string {
	v := r.story.run.Verdict
	s := wordFor(v.Outcome) + ": " + clean(v.Reason)
	if v.Outcome == verdict.Held {
		return s + "   x: what if that check were off?"
	}
	return s
}

func (r *runScreen) twin() string { return r.story.command() }

func (r *runScreen) selection() (text, what string) { return r.step().Sentence, "the sentence" }

func (r *runScreen) request() (event.Message, bool) {
	x, ok := r.story.exchange(r.step())
	return x.Request.Message, ok
}

func (r *runScreen) explanation(t theme, w int) (string, []string) {
	lines := attackText(t, r.story.run.Attack, w)
	if c, ok := r.story.stopper(); ok && r.story.decided(r.current()) {
		lines = append(lines, "", t.strong.Render("What stopped it"))
		lines = append(lines, controlText(c.ID, w)...)
	}
	return r.story.title(), lines
}

func (r *runScreen) act(a *app, k action) tea.Cmd {
	if r.play.act(k) {
		return nil
	}
	run := r.story.run
	switch k {
	case actPane:
		r.pane, r.chosen = (r.shown()+1)%len(runPanes), true
	case actPaneBack:
		r.pane, r.chosen = (r.shown()+len(runPanes)-1)%len(runPanes), true
	case actEnter:
		return a.open(newInspect(r.story, r.current()))
	case actCompare:
		return a.compareProfiles(run.Attack.ID, compareWith(a.src, r.story.profile()), 0)
	case actProfile:
		return a.play(run.Attack.ID, othersFrom(a.src.Profiles, r.story.profile(), 1))
	case actRaw:
		r.machinery()
	case actWhatIf:
		return a.askWhatIf(r.story, run.Verdict.StoppedBy)
	}
	return nil
}

// machinery shows metadata, keys and introspection too, or hides them again.
func (r *runScreen) machinery() {
	at := r.step().Event
	r.story.show(len(r.story.steps) != len(r.story.all))
	r.play = newPlayback(framesOf(r.story.steps))
	for i, s := range r.story.steps {
		if s.Event <= at {
			r.play.moveTo(i)
		}
	}
	r.play.seen = len(r.play.frames) - 1
}

// askWhatIf runs the attack again without a control, or says why there is none to take away.
func (a *app) askWhatIf(s *story, id string) tea.Cmd {
	if _, err := control.Lookup(id); err != nil {
		a.note = "no check refused here, so there is none to switch off"
		return nil
	}
	return a.tryWithout(s, id)
}

// compareWith is the default comparison, with the given profile in it.
func compareWith(s Source, profile string) []string {
	names := defaultComparison(s)
	for _, n := range names {
		if n == profile {
			return names
		}
	}
	if len(names) == 0 {
		return []string{profile}
	}
	return []string{names[0], profile}
}
