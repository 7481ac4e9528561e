package tui

import (
	"fmt"
	"strings"
)

// From this width on there is room for two panes side by side.
const wideEnough = 110

func (h *home) body(t theme, w, height int) []string {
	it, ok := h.current()
	title, detail := "", []string(nil)
	if w >= wideEnough {
		left := w * 46 / 100
		if ok {
			title, detail = h.detail(t, it, w-left-4)
		}
		detail = wholeTitle(t, title, detail, w-left)
		return beside(h.listPane(t, height).draw(t, left, height),
			pane{title: title, lines: indent(" ", detail)}.draw(t, w-left, height))
	}
	upper := homeListHeight(w, height) + 2
	if ok {
		title, detail = h.detail(t, it, w-4)
	}
	more := ""
	if height-upper > 6 {
		detail = wholeTitle(t, title, detail, w)
	}
	if len(detail) > height-upper-2 {
		more = "e shows it all"
	}
	return above(h.listPane(t, upper).draw(t, w, upper),
		pane{title: title, lines: indent(" ", detail), foot: more}.draw(t, w, height-upper))
}

// wholeTitle begins with a title that the frame of a pane of w cells has no room for.
func wholeTitle(t theme, title string, lines []string, w int) []string {
	const frame = 6
	if width(title)+frame <= w {
		return lines
	}
	var out []string
	for _, l := range wrap(title, w-4) {
		out = append(out, t.strong.Render(l))
	}
	return append(append(out, ""), lines...)
}

// homeListHeight is how many rows of the list are shown in a body of this height.
func homeListHeight(w, height int) int {
	if w >= wideEnough {
		return height - 2
	}
	return height - max(5, height*2/5) - 2
}

func (h *home) listPane(t theme, height int) pane {
	var rows []string
	at := 0
	for i, it := range h.items {
		if i == 0 || h.items[i-1].group != it.group {
			if i > 0 {
				rows = append(rows, "")
			}
			rows = append(rows, t.accent.Render(" "+it.group))
		}
		row := "   " + it.title()
		if i == h.list.cursor {
			at = len(rows)
			row = t.strong.Render(" > " + it.title())
		}
		rows = append(rows, row)
	}
	if len(h.items) == 0 {
		rows = []string{"   nothing matches; esc clears the filter"}
	}
	inner := height - 2
	top := window(h.top(at, inner), at, len(rows), inner)
	p := pane{title: "What to watch", lines: rows[top:], focused: true}
	if !h.narrow.empty() {
		p.right = "filter: " + h.narrow.text
	}
	if len(rows) > inner {
		p.foot = itoa(h.list.cursor+1) + " of " + itoa(len(h.items))
	}
	return p
}

// top keeps the first heading in view for as long as the cursor is near it.
func (h *home) top(at, inner int) int {
	if at < inner-2 {
		return 0
	}
	return at - inner/2
}

// detail says what the selected item is and what enter will do.
func (h *home) detail(t theme, it homeItem, w int) (title string, lines []string) {
	switch {
	case it.scenario != nil:
		return clean(it.scenario.Title), h.scenarioDetail(t, *it.scenario, w)
	case it.attack != nil:
		lines = append(attackText(t, *it.attack, w), "")
		lines = append(lines, fields(w, "Enter", "runs it under "+h.now+" (p changes the profile)",
			"c", "compares "+strings.Join(defaultComparison(h.src), " with "),
			"Command", h.twin())...)
		return it.attack.ID + "  " + clean(it.attack.Title), lines
	case it.drill != nil:
		return clean(it.drill.Title), h.chosen(*it.drill).detail(t, w, h.duties(*it.drill))
	case it.kept != nil && it.kept.One():
		return "An earlier run", entryDetail(*it.kept, w)
	case it.kept != nil:
		return "An earlier " + clean(it.kept.Runs[0].Part), entryDetail(*it.kept, w)
	}
	title, _, _ = strings.Cut(exploreTitle[it.to], ":")
	return title, wrap(exploreText[it.to], w)
}

var exploreText = map[place]string{
	placeTraffic: "Who calls, what is decided, and by which check; and what to paste where.",
	placeLessons: "Read, say what will happen, see what does, change something, see whether it helped. Six to eight minutes each; no specification has to be read.",
	placeMatrix: "Plays every attack under every profile and shows who was robbed, as words in a table. " +
		"It takes a few seconds. Enter on a cell opens that run.",
	placeAblate:  "One attack under one profile: switch controls off and on, and see at once whether it gets in.",
	placeRisk:    "The ways to steal records, before and after: which still work, how often, and what the best one left yields.",
	placeClauses: "Clause by clause: the controls that keep it, the attacks that break it, and what nothing touches.",
	placeRollout: "120 APIs and 1,800 clients move to bound tokens, each in its own time, under policies you compare: what stays exposed, and who is " +
		"broken on which date. A model, with a source for every number, and not a forecast.",
	placeHistory: "Every run is kept with all its messages. Enter replays one, step by step, without running anything again.",
	placeLogs:    "The log lines of this session, with secrets left out.",
}

func (h *home) scenarioDetail(t theme, s Scenario, w int) []string {
	lines := append(wrap(s.Story, w), "")
	profiles := make([]string, 0, len(s.Profiles))
	for _, name := range s.Profiles {
		profiles = append(profiles, name+": "+h.profileTitle(name))
	}
	lines = append(lines, t.strong.Render(cut("Press enter: the same theft, side by side", w)))
	for _, p := range profiles {
		lines = append(lines, hang("  ", p, w)...)
	}
	lines = append(lines, "")
	lines = append(lines, fields(w, "Attack", s.Attack+" "+h.attackTitle(s.Attack), "Takes", "less than ten seconds; space pauses, h and l step",
		"Command", runCommand(s.Attack, strings.Join(s.Profiles, ","), h.src.Seed))...)
	lines = append(lines, "")
	for _, l := range legend[:2] {
		lines = append(lines, hang("", l, w)...)
	}
	return lines
}

func (h *home) profileTitle(name string) string {
	for _, p := range h.src.Profiles {
		if p.Name == name {
			return p.Title
		}
	}
	return ""
}

func (h *home) attackTitle(id string) string {
	for _, a := range h.src.Attacks {
		if a.ID == id {
			return a.Title
		}
	}
	return ""
}

func (h *home) explanation(t theme, w int) (string, []string) {
	it, ok := h.current()
	if !ok {
		return "Nothing selected", nil
	}
	return h.detail(t, it, w)
}

// fields lays out names and values, with the values aligned and wrapped.
func fields(w int, pairs ...string) []string {
	const name = 11
	var lines []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		for j, v := range wrap(pairs[i+1], max(w-name, 8)) {
			label := ""
			if j == 0 {
				label = pairs[i]
			}
			lines = append(lines, fmt.Sprintf("%-*s%s", name, label, v))
		}
	}
	return lines
}

// hang wraps text under a prefix, further lines indented by two more.
func hang(prefix, text string, w int) []string {
	var lines []string
	for i, l := range wrap(text, max(w-len(prefix)-2, 8)) {
		if i > 0 {
			l, prefix = "  "+l, strings.Repeat(" ", len(prefix)) // it is said once
		}
		lines = append(lines, prefix+l)
	}
	return lines
}
