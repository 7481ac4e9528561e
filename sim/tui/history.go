package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/report"
)

// historyScreen lists the runs that were kept.
type historyScreen struct {
	loaded bool
	err    error
	all    []report.Run
	lines  []historyLine // those that pass the filter
	opened string        // the matrix whose runs are shown, by the id of its entry
	list   list
	narrow filter
}

// historyLine is an entry of the history, or one run of an entry that was opened.
type historyLine struct {
	report.Entry
	inside bool
}

func (h *historyScreen) load(msg historyMsg) {
	h.loaded, h.err, h.all = true, msg.err, msg.runs
	h.fill()
}

func (h *historyScreen) fill() {
	h.lines = nil
	for _, e := range report.Entries(h.all) {
		h.add(e, false)
		if e.One() || h.narrow.empty() && h.opened != e.ID() {
			continue
		}
		for i := range e.Runs { // a filter finds runs wherever they are
			h.add(report.Entry{Runs: e.Runs[i : i+1]}, true)
		}
	}
	h.list.clamp(len(h.lines), len(h.lines))
}

func (h *historyScreen) add(e report.Entry, inside bool) {
	var flags []string
	if r := e.Runs[0]; e.One() {
		flags = []string{wordFor(r.Verdict.Outcome), string(r.Verdict.Outcome)}
	}
	if e.Surprises() > 0 {
		flags = append(flags, "surprise")
	}
	if h.narrow.match(historyRow(e)+" "+e.ID(), flags...) {
		h.lines = append(h.lines, historyLine{e, inside})
	}
}

// historyRow is a run, or a matrix in one line.
func historyRow(e report.Entry) string {
	r := e.Runs[0]
	at := r.Started.Format("2006-01-02 15:04")
	if !e.One() {
		return clean(fmt.Sprintf("%s  %s, %s: %s", at, r.Part, count(len(e.Runs), "run"), e.Tally(wordFor)))
	}
	return clean(fmt.Sprintf("%s  %-11s %-12s %s", at, r.Attack.ID, r.Profile, brief(r.Verdict)))
}

// wholeDetail says what the line of a whole matrix stands for.
func wholeDetail(e report.Entry, w int) []string {
	r := e.Runs[0]
	unexpected := "as expected"
	if n := e.Surprises(); n > 0 {
		unexpected = itoa(n) + " UNEXPECTED"
	}
	return fields(w, "Runs", e.ID()+" of one "+clean(r.Part), "Profiles", itoa(e.Profiles()), "Seed", fmt.Sprint(r.Seed), "Network", r.Wire,
		"Verdicts", e.Tally(wordFor), "Reviewed", unexpected, "Enter", "shows each run, or hides them again; / finds one",
		"Command", "thiefbox history --all")
}

// entryDetail says more about a line.
func entryDetail(e report.Entry, w int) []string {
	if !e.One() {
		return wholeDetail(e, w)
	}
	r := e.Runs[0]
	return fields(w, "Run", r.ID, "Attack", r.Attack.ID+" "+r.Attack.Title, "Profile", r.Profile,
		"Seed", fmt.Sprint(r.Seed), "Network", r.Wire, "Verdict", brief(r.Verdict), "Reviewed", expectation(r.Expected, r.Verdict.Outcome),
		"Because", r.Verdict.Reason, "Command", "thiefbox replay "+r.ID)
}

func (h *historyScreen) place() place     { return placeHistory }
func (h *historyScreen) crumbs() []string { return []string{"History"} }
func (h *historyScreen) context() string  { return count(len(h.all), "run") }
func (h *historyScreen) filter() filter   { return h.narrow }

func (h *historyScreen) setFilter(f filter) {
	h.narrow, h.list = f, list{}
	h.fill()
}

func (h *historyScreen) current() (report.Entry, bool) {
	if h.list.cursor < 0 || h.list.cursor >= len(h.lines) {
		return report.Entry{}, false
	}
	return h.lines[h.list.cursor].Entry, true
}

// toggle shows the runs of a matrix, or hides them again.
func (h *historyScreen) toggle(id string) {
	if h.opened == id {
		id = ""
	}
	h.opened = id
	h.fill()
}

// goTo puts the cursor on an entry, and opens it.
func (h *historyScreen) goTo(id string) {
	h.narrow, h.opened = filter{}, id
	h.fill()
	for i, l := range h.lines {
		if l.ID() == id {
			h.list = list{cursor: i, top: i}
			return
		}
	}
}

func (h *historyScreen) status() string {
	if !h.loaded {
		return "reading the history"
	}
	if h.err != nil {
		return "the history cannot be read; r tries again"
	}
	if e, ok := h.current(); ok && !e.One() {
		return "enter shows each of these " + count(len(e.Runs), "run") + "; none of them is run again"
	}
	return "enter replays a run without running anything again"
}

func (h *historyScreen) twin() string { return "thiefbox history" }

func (h *historyScreen) selection() (text, what string) {
	e, ok := h.current()
	switch {
	case !ok:
		return "", ""
	case !e.One():
		return "thiefbox history --all", "the command to list them"
	}
	return "thiefbox replay " + e.ID(), "the command to replay it"
}

func (h *historyScreen) act(a *app, k action) tea.Cmd {
	if h.list.act(k, len(h.lines), h.rows(a.h-3)) {
		return nil
	}
	switch k {
	case actEnter:
		e, ok := h.current()
		switch {
		case ok && e.One():
			return a.replay(e.ID())
		case ok && h.narrow.empty():
			h.toggle(e.ID())
		case ok:
			h.goTo(e.ID())
		}
	case actAgain:
		return a.fetchHistory()
	}
	return nil
}

// empty says why nothing is listed.
func (h *historyScreen) empty(w int) []string {
	switch {
	case !h.loaded:
		return []string{"reading the history"}
	case h.err != nil:
		return append(wrap("cannot read the history: "+h.err.Error(), w), "r tries again")
	case !h.narrow.empty():
		return []string{"nothing matches; esc clears the filter"}
	}
	return []string{"no runs here; every run you make is kept and listed"}
}

const historyDetailHeight = 10

// rows is how many runs are shown in a body of this height.
func (h *historyScreen) rows(height int) int {
	if height < 18 {
		return height - 2
	}
	return height - historyDetailHeight - 4
}

func (h *historyScreen) body(t theme, w, height int) []string {
	n := h.rows(height)
	p := pane{title: "Runs, newest first", focused: true, foot: moreOf(len(h.lines), n)}
	if !h.narrow.empty() {
		p.right = "filter: " + h.narrow.text
	}
	from, to := h.list.shown(len(h.lines), n)
	for i := from; i < to; i++ {
		l := h.lines[i]
		row := historyRow(l.Entry)
		if l.inside {
			row = "  " + row
		}
		if l.Surprises() > 0 {
			row += "  UNEXPECTED"
		}
		if i == h.list.cursor {
			row = t.strong.Render(" > " + row)
		} else {
			row = "   " + row
		}
		p.lines = append(p.lines, row)
	}
	if len(h.lines) == 0 {
		p.lines = indent("   ", h.empty(w-6))
	}
	upper := p.draw(t, w, n+2)
	if height < 18 {
		return upper
	}
	detail := pane{title: "Selected"}
	if e, ok := h.current(); ok {
		detail.lines = indent(" ", entryDetail(e, w-4))
	}
	return above(upper, detail.draw(t, w, height-n-2))
}

// moreOf says how many there are, if not all fit.
func moreOf(n, shown int) string {
	if n <= shown {
		return ""
	}
	return itoa(n) + " in all"
}
