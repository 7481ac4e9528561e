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
	runs   []report.Run // those that pass the filter
	list   list
	narrow filter
}

func (h *historyScreen) load(msg historyMsg) {
	h.loaded, h.err, h.all = true, msg.err, msg.runs
	h.fill()
}

func (h *historyScreen) fill() {
	h.runs = nil
	for _, r := range h.all {
		flags := []string{wordFor(r.Verdict.Outcome), string(r.Verdict.Outcome)}
		if r.Surprise() {
			flags = append(flags, "surprise")
		}
		if h.narrow.match(historyRow(r)+" "+r.ID, flags...) {
			h.runs = append(h.runs, r)
		}
	}
	h.list.clamp(len(h.runs), len(h.runs))
}

func historyRow(r report.Run) string {
	return fmt.Sprintf("%s  %-5s %-12s %s", r.Started.Format("2006-01-02 15:04"), r.Attack.ID, clean(r.Profile), brief(r.Verdict))
}

func historyDetail(r report.Run, w int) []string {
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

func (h *historyScreen) current() (report.Run, bool) {
	if h.list.cursor < 0 || h.list.cursor >= len(h.runs) {
		return report.Run{}, false
	}
	return h.runs[h.list.cursor], true
}

func (h *historyScreen) status() string {
	if !h.loaded {
		return "reading the history"
	}
	if h.err != nil {
		return "cannot read the history: " + clean(h.err.Error())
	}
	return fmt.Sprintf("%d of %s shown; enter replays one without running anything again", len(h.runs), count(len(h.all), "run"))
}

func (h *historyScreen) twin() string { return "thiefbox history" }

func (h *historyScreen) selection() (text, what string) {
	r, ok := h.current()
	if !ok {
		return "", ""
	}
	return "thiefbox replay " + r.ID, "the command to replay it"
}

func (h *historyScreen) act(a *app, k action) tea.Cmd {
	if h.list.act(k, len(h.runs), h.rows(a.h-3)) {
		return nil
	}
	switch k {
	case actEnter:
		if r, ok := h.current(); ok {
			return a.replay(r.ID)
		}
	case actAgain:
		return a.fetchHistory()
	}
	return nil
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
	p := pane{title: "Runs, newest first", focused: true, foot: moreOf(len(h.runs), n)}
	if !h.narrow.empty() {
		p.right = "filter: " + h.narrow.text
	}
	from, to := h.list.shown(len(h.runs), n)
	for i := from; i < to; i++ {
		row := "   " + historyRow(h.runs[i])
		if h.runs[i].Surprise() {
			row += "  UNEXPECTED"
		}
		if i == h.list.cursor {
			row = t.strong.Render(" > " + row[3:])
		}
		p.lines = append(p.lines, row)
	}
	if len(h.runs) == 0 {
		p.lines = []string{"   no runs here; every run you make is kept and listed"}
	}
	upper := p.draw(t, w, n+2)
	if height < 18 {
		return upper
	}
	detail := pane{title: "Selected"}
	if r, ok := h.current(); ok {
		detail.lines = indent(" ", historyDetail(r, w-4))
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
