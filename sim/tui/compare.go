package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// compareScreen plays the same theft under several profiles in step.
type compareScreen struct {
	columns []*story
	play    playback
	column  int // the one that has the keys
}

func newCompareScreen(runs []report.Run, column int) *compareScreen {
	c := &compareScreen{column: max(0, min(column, len(runs)-1))}
	var steps [][]report.Step
	for _, r := range runs {
		s := newStory(r, nil, false)
		c.columns = append(c.columns, s)
		steps = append(steps, s.steps)
	}
	c.play = newPlayback(framesOf(steps...))
	c.play.play()
	return c
}

func (c *compareScreen) place() place      { return placeCompare }
func (c *compareScreen) player() *playback { return &c.play }
func (c *compareScreen) current() *story   { return c.columns[c.column] }

func (c *compareScreen) step(i int) report.Step { return c.columns[i].step(c.play.step(i)) }

func (c *compareScreen) crumbs() []string {
	return []string{c.current().title(), "compare " + count(len(c.columns), "profile")}
}

func (c *compareScreen) context() string {
	return fmt.Sprintf("in step   seed %d", c.current().run.Seed)
}

func (c *compareScreen) status() string {
	if !c.play.ended() {
		return clean(c.step(c.column).Sentence)
	}
	parts := make([]string, len(c.columns))
	for i, s := range c.columns {
		parts[i] = clean(s.name()) + ": " + brief(s.run.Verdict)
	}
	return strings.Join(parts, "   ")
}

func (c *compareScreen) profiles() []string {
	names := make([]string, len(c.columns))
	for i, s := range c.columns {
		names[i] = s.profile()
	}
	return names
}

func (c *compareScreen) twin() string {
	run := c.current().run
	return runCommand(run.Attack.ID, strings.Join(c.profiles(), ","), run.Seed)
}

func (c *compareScreen) selection() (text, what string) {
	var b strings.Builder
	for _, s := range c.columns {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", s.run.Attack.ID, s.run.Profile, wordFor(s.run.Verdict.Outcome), s.run.Verdict.Reason)
	}
	return b.String(), "the verdicts"
}

func (c *compareScreen) request() (event.Message, bool) {
	x, ok := c.current().exchange(c.step(c.column))
	return x.Request.Message, ok
}

func (c *compareScreen) explanation(t theme, w int) (string, []string) {
	lines := attackText(t, c.current().run.Attack, w)
	for _, s := range c.columns {
		if stopper, ok := s.stopper(); ok {
			lines = append(lines, "", t.strong.Render("What stopped it under "+clean(s.name())))
			lines = append(lines, controlText(stopper.ID, w)...)
		}
	}
	return c.current().title(), lines
}

func (c *compareScreen) act(a *app, k action) tea.Cmd {
	if c.play.act(k) {
		return nil
	}
	n := len(c.columns)
	switch k {
	case actPane:
		c.column = (c.column + 1) % n
	case actPaneBack:
		c.column = (c.column + n - 1) % n
	case actEnter:
		c.openColumn(a)
	case actNextChoice:
		return c.exchange(a, c.column, 1)
	case actLastChoice:
		return c.exchange(a, c.column, -1)
	case actAdd:
		return c.exchange(a, n, 1)
	case actRemove:
		if n == 1 {
			a.note = "one column has to stay"
			return nil
		}
		a.showComparison(newCompareScreen(slices.Delete(c.runs(), c.column, c.column+1), c.column))
	}
	return nil
}

// openColumn shows the run of the column alone, where the comparison stood.
func (c *compareScreen) openColumn(a *app) {
	at := c.play.step(c.column)
	a.openRun(c.current().run, c.current().without)
	a.run.play.playing = false
	a.run.play.moveTo(max(0, at))
}

// exchange puts another profile into a column, or into a new one.
func (c *compareScreen) exchange(a *app, column, direction int) tea.Cmd {
	var unused []string
	for _, p := range othersFrom(a.src.Profiles, c.columns[min(column, len(c.columns)-1)].profile(), direction) {
		if !slices.Contains(c.profiles(), p) {
			unused = append(unused, p)
		}
	}
	if len(unused) == 0 {
		a.note = "every profile is here already"
		return nil
	}
	return a.exchangeColumn(c.runs(), column, unused)
}

func (c *compareScreen) runs() []report.Run {
	runs := make([]report.Run, len(c.columns))
	for i, s := range c.columns {
		runs[i] = s.run
	}
	return runs
}

// The narrowest column in which a message can be read.
const minColumn = 30

func (c *compareScreen) body(t theme, w, h int) []string {
	n := max(1, min(len(c.columns), w/minColumn))
	first := max(0, min(c.column-n/2, len(c.columns)-n))
	lower := min(max(4, h*3/10), 2+4*len(c.columns))
	if c.play.ended() { // what to remember may take more
		lower = max(lower, min(len(c.storyText(w))+2, h*2/5))
	}
	var blocks [][]string
	left := w
	for i := range n {
		cw := left / (n - i)
		left -= cw
		blocks = append(blocks, c.drawColumn(t, first+i, cw, h-lower))
	}
	return above(beside(blocks...), c.drawStory(t, w, lower))
}

func (c *compareScreen) drawColumn(t theme, i, w, h int) []string {
	s := c.columns[i]
	inner := w - 2
	d := newDiagram(t, s, inner, false, c.columns...)
	lines := d.head(h >= 18)
	at := c.play.step(i)
	foot := c.verdictText(t, i, w-4)
	room := h - 2 - len(lines) - len(foot) - 1
	seen := c.play.stepAt(c.play.seen, i)
	lines = append(lines, d.rows(at, seen, room)...)
	for len(lines) < h-2-len(foot) {
		lines = append(lines, "")
	}
	p := pane{title: clean(s.name()), lines: append(lines, indent(" ", foot)...), focused: i == c.column && len(c.columns) > 1}
	if len(s.steps) > 0 {
		p.right = fmt.Sprintf("%d of %d", at+1, len(s.steps))
	}
	return p.draw(t, w, h)
}

// verdictText is the foot of a column.
func (c *compareScreen) verdictText(t theme, i, w int) []string {
	s := c.columns[i]
	if !s.decided(c.play.step(i)) {
		return []string{"verdict: open", ""}
	}
	v := s.run.Verdict
	lines := []string{t.style(wordFor(v.Outcome)).Render(cut("verdict: "+brief(v), w)), ""}
	if stopper, ok := s.stopper(); ok {
		lines[1] = cut(stopper.Title, w)
	} else if v.Outcome == verdict.Breached {
		lines[1] = cut("no check stood in the way", w)
	}
	return lines
}

// drawStory tells what happens in each column, and at the end what to remember.
func (c *compareScreen) drawStory(t theme, w, h int) []string {
	p := pane{title: "What happens"}
	if c.play.ended() {
		p.title = "What to remember: same people, same thief, same seed; only the profile changed"
	}
	p.lines, p.foot = c.storyText(w), c.play.state()
	return p.draw(t, w, h)
}

func (c *compareScreen) storyText(w int) []string {
	var lines []string
	for i, s := range c.columns {
		text := c.step(i).Sentence
		if c.play.ended() {
			text = moral(s)
		}
		lines = append(lines, hang(" ", s.name()+": "+text, w-4)...)
	}
	return lines
}

// moral is what a run teaches.
func moral(s *story) string {
	if c, ok := s.stopper(); ok {
		return wordFor(s.run.Verdict.Outcome) + ": " + report.Lesson(c.ID) + ". (" + c.Clause + ")"
	}
	return wordFor(s.run.Verdict.Outcome) + ": " + s.run.Verdict.Reason + "."
}
