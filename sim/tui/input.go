package tui

import (
	"cmp"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// key takes a key to whoever has the keys: the filter being typed, an overlay, or the screen.
func (a *app) key(msg tea.KeyMsg) tea.Cmd {
	if msg.Type == tea.KeyRunes && len(msg.Runes) > 1 && !msg.Paste {
		// Keys that were pressed in one breath, or held down over a slow line, come in one message.
		var cmds []tea.Cmd
		for _, r := range msg.Runes {
			cmds = append(cmds, a.key(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt}))
		}
		return tea.Batch(cmds...)
	}
	if msg.String() == "ctrl+c" {
		return a.leave()
	}
	if a.tooSmall() { // nobody can see what a key would do
		if msg.String() == "q" {
			return tea.Quit
		}
		return nil
	}
	asked := a.leaving
	a.note, a.leaving = "", false
	if asked && msg.String() == "q" && a.typing == nil {
		return tea.Quit
	}
	switch {
	case a.typing != nil:
		a.typeFilter(msg)
		return nil
	case a.over != nil:
		return a.over.key(a, msg)
	}
	if b, ok := meaning(a.top().place(), msg); ok {
		return a.do(b)
	}
	return nil
}

// do carries out what a binding means, whether it came from a key or from the palette.
func (a *app) do(b binding) tea.Cmd {
	switch b.act {
	case actHelp:
		a.over = newHelp(a.top().place(), a.localAt(a.top().place()))
	case actPalette:
		a.over = newPalette(a)
	case actFilter:
		if f, ok := a.top().(filterable); ok {
			a.typing = &line{text: []rune(f.filter().text)}
		}
	case actBack:
		return a.back()
	case actExplain:
		if e, ok := a.top().(explainer); ok {
			w := min(a.w-6, 96)
			title, lines := e.explanation(a.theme, w-4)
			a.over = &page{title: title, lines: wholeTitle(a.theme, title, lines, w-2)}
		}
	case actCopy, actCurl, actTwin:
		return a.copy(b.act)
	case actTheme:
		a.theme = a.theme.next()
		a.note = "theme " + a.theme.name
	case actMouse:
		return a.toggleMouse()
	case actJump:
		return a.jump(b.to)
	case actQuit:
		return a.leave()
	default:
		return a.top().act(a, b.act)
	}
	return nil
}

// leave ends the program, and asks first where that would end a server that clients are calling.
func (a *app) leave() tea.Cmd {
	if a.leaving || a.src.Traffic == nil || a.src.Traffic.Busy == nil || !a.src.Traffic.Busy() {
		return tea.Quit
	}
	a.leaving, a.note = true, "clients called within the last minute: q or ctrl+c once more ends the server"
	return nil
}

func (a *app) jump(p place) tea.Cmd {
	s, why := a.screenAt(p)
	if s == nil {
		a.note = why
		return nil
	}
	if a.top().place() == p {
		return nil
	}
	return a.open(s)
}

func (a *app) toggleMouse() tea.Cmd {
	a.mouse = !a.mouse
	if a.mouse {
		a.note = "mouse on: the wheel scrolls; hold shift to select text"
		return tea.EnableMouseCellMotion
	}
	a.note = "mouse off: your terminal selects text again"
	return tea.DisableMouse
}

// wheel moves like the arrow keys.
func (a *app) wheel(msg tea.MouseMsg) tea.Cmd {
	keys := map[tea.MouseButton]tea.KeyType{tea.MouseButtonWheelUp: tea.KeyUp, tea.MouseButtonWheelDown: tea.KeyDown}
	k, ok := keys[msg.Button]
	if !ok || !a.mouse || a.tooSmall() || a.typing != nil {
		return nil
	}
	return a.key(tea.KeyMsg{Type: k})
}

// typeFilter narrows the list while the user types.
func (a *app) typeFilter(msg tea.KeyMsg) {
	f := a.top().(filterable)
	switch {
	case msg.Type == tea.KeyEnter:
		a.typing = nil
		return
	case msg.Type == tea.KeyEsc:
		a.typing = nil
		f.setFilter(filter{})
		return
	}
	a.typing.key(msg)
	f.setFilter(parseFilter(a.typing.String()))
}

// line is one line of text being typed. It is edited at its end: filters and names are short.
type line struct {
	text []rune
	most int // runes; 80 if 0
}

func (l *line) key(msg tea.KeyMsg) {
	switch msg.Type {
	case tea.KeyRunes, tea.KeySpace:
		for _, r := range clean(string(msg.Runes)) {
			if len(l.text) < cmp.Or(l.most, 80) {
				l.text = append(l.text, r)
			}
		}
	case tea.KeyBackspace:
		l.text = l.text[:max(0, len(l.text)-1)]
	case tea.KeyCtrlU:
		l.text = nil
	case tea.KeyCtrlW:
		words := strings.Fields(string(l.text))
		l.text = []rune(strings.Join(words[:max(0, len(words)-1)], " "))
	}
}

func (l *line) String() string { return string(slices.Clone(l.text)) }
