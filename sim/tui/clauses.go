package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/worth"
)

// clausesScreen is what the specifications ask, and what touches it.
type clausesScreen struct {
	src     Source
	profile string
	waiting bool
	job     *matrixJob
	err     error
	all     []worth.CoveredClause
	shown   []int
	list    list
	narrow  filter
}

type coverageMsg struct {
	coverage worth.Coverage
	err      error
}

func newClausesScreen(s Source, profile string) *clausesScreen {
	return &clausesScreen{src: s, profile: profile}
}

func (c *clausesScreen) start(a *app) tea.Cmd {
	if c.src.Coverage == nil || c.waiting || c.all != nil {
		return nil
	}
	c.waiting, c.job = true, &matrixJob{}
	ask, ctx, profile, job := c.src.Coverage, a.ctx, c.profile, c.job
	return func() tea.Msg {
		coverage, err := ask(ctx, profile, job.count)
		return coverageMsg{coverage, err}
	}
}

func (c *clausesScreen) done(msg coverageMsg) {
	c.waiting, c.err = false, msg.err
	for _, d := range msg.coverage.Documents {
		c.all = append(c.all, d.Clauses...)
	}
	c.fill()
}

// state is what there is to say of a clause in a word, which is also a quality to filter by.
func clauseState(x worth.CoveredClause) string {
	switch {
	case x.Untouched():
		return "nothing"
	case len(x.Controls)+len(x.Attacks) > 0:
		return fmt.Sprintf("%d + %d", len(x.Controls), len(x.Attacks))
	case x.Wire == "done":
		return "by doing"
	}
	return "no message"
}

func (c *clausesScreen) fill() {
	c.shown = nil
	for i, x := range c.all {
		text := x.ID + " " + x.Level + " " + x.Text + " " + strings.Join(x.Controls, " ") + " " + strings.Join(x.Attacks, " ")
		if c.narrow.match(text, clauseState(x), x.Level) {
			c.shown = append(c.shown, i)
		}
	}
	c.list.clamp(len(c.shown), len(c.shown))
}

func (c *clausesScreen) place() place     { return placeClauses }
func (c *clausesScreen) crumbs() []string { return []string{"Clauses"} }
func (c *clausesScreen) filter() filter   { return c.narrow }
func (c *clausesScreen) twin() string     { return "thiefbox coverage --profile " + c.profile }

func (c *clausesScreen) setFilter(f filter) {
	c.narrow, c.list = f, list{}
	c.fill()
}

func (c *clausesScreen) context() string {
	if len(c.all) == 0 {
		return ""
	}
	n := 0
	for _, x := range c.all {
		if x.Untouched() {
			n++
		}
	}
	return fmt.Sprintf("%s   %d that nothing touches", count(len(c.all), "clause"), n)
}

func (c *clausesScreen) status() string {
	switch {
	case c.waiting:
		return "finding out which controls can stop which attack"
	case c.err != nil:
		return "cannot show it: " + clean(c.err.Error())
	}
	return "the number of controls + attacks that touch each; /~nothing shows what nothing touches"
}

func (c *clausesScreen) current() (worth.CoveredClause, bool) {
	if c.list.cursor >= len(c.shown) {
		return worth.CoveredClause{}, false
	}
	return c.all[c.shown[c.list.cursor]], true
}

func (c *clausesScreen) selection() (text, what string) {
	x, ok := c.current()
	if !ok {
		return "", ""
	}
	return x.ID + " " + x.Text + "\ncontrols: " + strings.Join(x.Controls, ", ") + "\nattacks: " + strings.Join(x.Attacks, ", ") + "\n", "the clause"
}

func (c *clausesScreen) act(a *app, k action) tea.Cmd {
	if c.list.act(k, len(c.shown), a.h-5) {
		return nil
	}
	if k == actEnter {
		if x, ok := c.current(); ok && len(x.Attacks) > 0 {
			return a.play(x.Attacks[0], append([]string{c.profile}, profileNames(c.src)...))
		}
		a.note = "no attack shows this clause"
	}
	return nil
}

func profileNames(s Source) (names []string) {
	for _, p := range s.Profiles {
		names = append(names, p.Name)
	}
	return names
}

// touched is clauseState, its numbers spelled out where there is room.
func touched(x worth.CoveredClause, room int) string {
	if n := len(x.Controls) + len(x.Attacks); n == 0 || room < 20 {
		return clauseState(x)
	}
	return count(len(x.Controls), "control") + ", " + count(len(x.Attacks), "attack")
}

func (c *clausesScreen) body(t theme, w, h int) []string {
	p := pane{title: "What the specifications ask", focused: true, foot: fmt.Sprintf("%d of %s shown", len(c.shown), count(len(c.all), "clause"))}
	if !c.narrow.empty() {
		p.right = "filter: " + c.narrow.text
	}
	if len(c.all) == 0 {
		p.lines, p.foot = []string{"", "  nothing here yet"}, ""
		if c.waiting {
			p.lines = append([]string{"", "  Finding out which controls can stop which attack."}, c.job.bar(w-2)...)
		}
		return p.draw(t, w, h)
	}
	ids, state := 0, width("no message")
	for _, x := range c.all {
		ids = max(ids, min(width(x.ID), 18))
	}
	if w >= 96 {
		state = width("99 controls, 99 attacks")
	}
	lower := min(9, h/3)
	from, to := c.list.shown(len(c.shown), h-lower-2)
	for i := from; i < to; i++ {
		x, mark := c.all[c.shown[i]], " "
		if i == c.list.cursor {
			mark = ">"
		}
		line := mark + fit(x.ID, ids) + " " + fit(x.Level, 7) + fit(clean(x.Text), w-2-1-ids-1-7-1-state) + " " + touched(x, state)
		switch {
		case i == c.list.cursor:
			line = t.strong.Render(line)
		case x.Untouched():
			line = t.odd.Render(line)
		}
		p.lines = append(p.lines, line)
	}
	return above(p.draw(t, w, h-lower), c.detail(t, w, lower))
}

func (c *clausesScreen) detail(t theme, w, h int) []string {
	x, ok := c.current()
	if !ok {
		return pane{}.draw(t, w, h)
	}
	lines := []string{clean(x.Text)}
	if len(x.Controls) > 0 {
		lines = append(lines, hang("controls ", strings.Join(x.Controls, ", "), w-4)...)
	}
	if len(x.Attacks) > 0 {
		lines = append(lines, hang("attacks  ", strings.Join(x.Attacks, ", "), w-4)...)
	}
	switch clauseState(x) {
	case "nothing":
		lines = append(lines, "No control cites it, and no attack shows whether it is kept.")
		if x.Why != "" {
			lines = append(lines, hang("because  ", clean(x.Why), w-4)...)
		}
	case "by doing":
		lines = append(lines, "A duty to do, not to refuse: honest journeys show it, and no attack need.")
	case "no message":
		lines = append(lines, "No message shows whether it is kept, so no run here could.")
	}
	return pane{title: x.ID + " (" + x.Level + ")", lines: indent(" ", lines)}.draw(t, w, h)
}
