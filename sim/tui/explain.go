package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/control"
	"thiefbox/sim/report"
)

// attackText is an attack explained.
func attackText(t theme, a report.Attack, w int) []string {
	lines := wrap(a.Story, w)
	if len(a.Needs) > 0 {
		lines = append(lines, "", t.strong.Render("The thief"))
		for _, n := range a.Needs {
			lines = append(lines, hang("  ", n, w)...)
		}
	}
	lines = append(lines, "")
	lines = append(lines, fields(w, "Only with", strings.Join(a.Against, ", "), "Beyond", beyond(a), "Logs show", a.Evidence, "Read", strings.Join(a.Reads, "; "))...)
	return lines
}

func beyond(a report.Attack) string {
	if a.Beyond == "" {
		return ""
	}
	return "FAPI 2.0 does not stop it: " + a.Beyond
}

// controlText is a control explained: what it demands, where that is written, what goes wrong without it.
func controlText(id string, w int) []string {
	c, err := control.Lookup(id)
	if err != nil {
		return wrap(id, w)
	}
	return fields(w, "Check", c.ID, "Asks that", c.Title, "Clause", c.Clause, "Without it", c.Why)
}

// page is an overlay of text to read.
type page struct {
	title string
	lines []string
	at    scroll
}

func (p *page) key(a *app, msg tea.KeyMsg) tea.Cmd {
	switch msg.String() {
	case "esc", "enter", "q", "?", "e":
		a.over = nil
		return nil
	}
	for _, b := range rows(upDown, pages) {
		if matches(msg, b) {
			p.at.act(b.act, len(p.lines), overlayHeight(len(p.lines), a.h-3)-2)
		}
	}
	return nil
}

func (p *page) draw(a *app, w, h int) []string {
	inner := min(w-4, 98)
	height := overlayHeight(len(p.lines), h)
	lines, more := p.at.from(p.lines, height-2)
	box := pane{title: p.title, lines: indent(" ", lines), foot: more, focused: true}.draw(a.theme, inner, height)
	return append(blank((h-height)/2), indent(strings.Repeat(" ", (w-inner)/2), box)...)
}

func overlayHeight(lines, h int) int { return max(3, min(lines+2, h)) }

func (p *page) status() string { return "esc closes this; j and k scroll" }
