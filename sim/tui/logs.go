package tui

import tea "github.com/charmbracelet/bubbletea"

// logsScreen shows the newest log lines. Secrets were taken out before they got here.
type logsScreen struct {
	all    []string
	lines  []string
	at     scroll
	narrow filter
}

func (l *logsScreen) load(msg logsMsg) {
	l.all = msg.lines
	l.fill()
}

func (l *logsScreen) fill() {
	l.lines = nil
	for i := len(l.all) - 1; i >= 0; i-- { // newest first
		if s := clean(l.all[i]); l.narrow.match(s) {
			l.lines = append(l.lines, s)
		}
	}
	l.at = 0
}

func (l *logsScreen) place() place     { return placeLogs }
func (l *logsScreen) crumbs() []string { return []string{"Logs"} }
func (l *logsScreen) context() string  { return count(len(l.all), "line") }
func (l *logsScreen) filter() filter   { return l.narrow }

func (l *logsScreen) setFilter(f filter) {
	l.narrow = f
	l.fill()
}

func (l *logsScreen) status() string {
	return "the log of this session, newest first; r reads it again, --log FILE keeps it"
}

func (l *logsScreen) twin() string { return "thiefbox --log thiefbox.jsonl" }

func (l *logsScreen) selection() (text, what string) {
	if int(l.at) >= len(l.lines) {
		return "", ""
	}
	return l.lines[l.at], "the top line"
}

func (l *logsScreen) act(a *app, k action) tea.Cmd {
	if l.at.act(k, len(l.lines), a.h-5) {
		return nil
	}
	if k == actAgain {
		return a.fetchLogs()
	}
	return nil
}

func (l *logsScreen) body(t theme, w, h int) []string {
	shown, more := l.at.from(l.lines, h-2)
	p := pane{title: "Log", lines: indent(" ", shown), foot: more, focused: true}
	if !l.narrow.empty() {
		p.right = "filter: " + l.narrow.text
	}
	if len(l.lines) == 0 {
		p.lines = []string{" nothing here yet"}
	}
	return p.draw(t, w, h)
}
