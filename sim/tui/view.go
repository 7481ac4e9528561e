package tui

import (
	"slices"
	"strings"
)

// View draws the whole window: where we are, the screen, a sentence, the keys. It only reads.
func (a *app) View() string {
	if a.w <= 0 || a.h <= 0 {
		return ""
	}
	if a.tooSmall() {
		return strings.Join(exactly(a.sorry(), a.w, a.h), "\n")
	}
	h := a.h - 3
	var body []string
	if a.over != nil {
		body = a.over.draw(a, a.w, h)
	} else {
		body = a.top().body(a.theme, a.w, h)
	}
	lines := append([]string{a.header()}, exactly(body, a.w, h)...)
	lines = append(lines, " "+a.sentence(), a.footer())
	return strings.Join(exactly(lines, a.w, a.h), "\n")
}

func (a *app) header() string {
	path := append([]string{"thiefbox"}, a.top().crumbs()...)
	right := a.top().context() + " "
	left := " " + strings.Join(path, " / ")
	if width(left)+width(right)+2 > a.w {
		left = " " + strings.Join(path[1:], " / ")
	}
	room := a.w - width(right) - 1
	if room < 20 {
		return a.theme.strong.Render(cut(left, a.w))
	}
	left = cut(left, room)
	return a.theme.strong.Render(left) + strings.Repeat(" ", a.w-width(left)-width(right)) + right
}

// sentence is the line above the keys: what is being typed, the answer to the last key, or the state.
func (a *app) sentence() string {
	switch {
	case a.typing != nil:
		return "filter: " + a.typing.String() + "_   enter keeps it, esc clears it"
	case a.note != "":
		return clean(a.note)
	case a.over != nil:
		return a.over.status()
	}
	return a.top().status()
}

// footer names the keys of the screen. `? help` comes first and is never cut, the way out comes last;
// the others as they fit.
func (a *app) footer() string {
	here := a.top().place()
	items := slices.DeleteFunc(slices.Clone(a.localAt(here)), func(b binding) bool {
		return !inFooter(b) || here == placeHome && b.act == actNextChoice // the drill it is for says so
	})
	items = append(items, general(actPalette), bind(actJump, nil, "1-"+itoa(digits%10), "screens", ""))
	out := []string{"? " + a.theme.accent.Render("help")}
	way := wayOut(here).Help()
	room := a.w - width(" ? help") - width("   "+way.Key+" "+way.Desc) - 1
	for _, b := range items {
		h := b.Help()
		if need := width("   " + h.Key + " " + h.Desc); need <= room {
			out = append(out, h.Key+" "+a.theme.accent.Render(h.Desc))
			room -= need
		}
	}
	out = append(out, way.Key+" "+a.theme.accent.Render(way.Desc))
	return " " + strings.Join(out, "   ")
}

// wayOut is esc, or at home q.
func wayOut(p place) binding {
	if p == placeHome {
		return general(actQuit)
	}
	return general(actBack)
}

// general is the row of a key that works everywhere.
func general(k action) binding {
	i := slices.IndexFunc(everywhere, func(b binding) bool { return b.act == k })
	return everywhere[i]
}

// inFooter leaves out what is only for the fast.
func inFooter(b binding) bool {
	switch b.act {
	case actPageDown, actTop, actCurl:
		return false
	}
	return !secondOfPair(b.act)
}

// secondOfPair are keys that the row of another key names too: "h/l", "j/k".
func secondOfPair(k action) bool {
	switch k {
	case actUp, actBackward, actLastDecision, actLastChoice, actPaneBack, actLeft, actRight, actPageUp, actBottom:
		return true
	}
	return false
}

// plain is a command that uses no screen.
func plain(command string) string {
	if strings.Contains(command, " --plain") {
		return command
	}
	return command + " --plain"
}

// sorry is what a window shows that is too small for anything else.
func (a *app) sorry() []string {
	text := []string{
		"Window " + itoa(a.w) + "x" + itoa(a.h) + " is too small. Need " + itoa(minWidth) + "x" + itoa(minHeight) + ".",
		"Keys are ignored until it is larger, except q.",
		"The same without a screen: " + plain(a.top().twin()),
	}
	var lines []string
	for _, t := range text {
		lines = append(lines, wrap(t, a.w)...)
	}
	return lines
}
