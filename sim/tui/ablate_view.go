package tui

import (
	"fmt"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/worth"
)

func (s *ablateScreen) body(t theme, w, h int) []string {
	if !s.loaded {
		text := "nothing to ablate yet; choose an attack in the matrix and press b"
		switch {
		case s.waiting:
			text = "Playing the attack with and without what stops it."
		case s.err != nil:
			text = clean(s.err.Error()) + "; [ and ] choose another attack, p another profile"
		}
		return pane{title: "Ablation", lines: indent("  ", append([]string{""}, wrap(text, w-8)...)), focused: true}.draw(t, w, h)
	}
	controls := pane{title: "Controls that matter", focused: true, foot: fmt.Sprintf("%d of %d on", common(s.on, s.ids), len(s.ids))}
	if w < 96 {
		upper := max(5, min(len(s.ids)+2, h-10))
		controls.lines = s.controls(t, w-2, upper-2)
		return above(controls.draw(t, w, upper), s.outcome().draw(t, w, h-upper, w-4))
	}
	left := w * 45 / 100
	controls.lines = s.controls(t, left-2, h-2)
	if about := s.about(left - 4); len(controls.lines)+len(about)+3 <= h {
		controls.lines = append(append(controls.lines, ""), about...)
	}
	return beside(controls.draw(t, left, h), s.outcome().draw(t, w-left, h, w-left-4))
}

// about is what the control under the cursor asks, and why.
func (s *ablateScreen) about(w int) []string {
	if s.list.cursor >= len(s.ids) {
		return nil
	}
	return indent(" ", controlText(s.ids[s.list.cursor].ID, w))
}

func common(set control.Set, ids []*control.Control) (n int) {
	for _, c := range ids {
		if contains(set, c) {
			n++
		}
	}
	return n
}

// controls lists what matters: on or off, its share, and whether the profile has it.
func (s *ablateScreen) controls(t theme, w, h int) (lines []string) {
	if len(s.ids) == 0 {
		return indent(" ", wrap("No control of this dialect makes a difference to this attack.", w-2))
	}
	from, to := s.list.shown(len(s.ids), h)
	for i := from; i < to; i++ {
		c, mark, box, extra := s.ids[i], " ", "[ ]", ""
		if i == s.list.cursor {
			mark = ">"
		}
		if contains(s.on, c) {
			box = "[x]"
		}
		switch {
		case !contains(s.own, c):
			extra = "not in the profile"
		case s.shares[c.ID] != 0:
			extra = fmt.Sprintf("share %.0f%%", 100*s.shares[c.ID])
		}
		line := fit(mark+box+" "+c.ID, w-len(extra)-1) + extra
		if i == s.list.cursor {
			line = t.strong.Render(line)
		}
		lines = append(lines, line)
	}
	return lines
}

// textPane draws text of its own width.
type textPane struct {
	pane
	text func(t theme, w int) []string
}

func (p textPane) draw(t theme, w, h, inner int) []string {
	p.lines = indent(" ", p.text(t, inner))
	return p.pane.draw(t, w, h)
}

func (s *ablateScreen) outcome() textPane {
	return textPane{pane{title: "With these on"}, func(t theme, w int) []string {
		a, ok := s.atlas.At(s.on)
		if !ok {
			return wrap("Not looked into: the budget of runs was spent before this set.", w)
		}
		lines := append([]string{t.word(inBrief(a.Verdict, a.Records))}, wrap(a.Verdict.Reason, w)...)
		abl := worth.Ablate(s.atlas, control.Profile{Controls: s.on})
		lines = append(lines, "")
		switch {
		case len(abl.BreakSets) > 0:
			lines = append(append(lines, t.strong.Render("From here it gets in without")), setLines(abl.BreakSets, w, 5)...)
		case len(abl.StopSets) == 0:
			lines = append(lines, wrap("No control of this dialect stops it.", w)...)
		}
		if len(abl.StopSets) > 0 {
			lines = append(append(lines, "", t.strong.Render("Smallest sets that stop it alone")), setLines(abl.StopSets, w, 8)...)
		}
		for _, b := range abl.Backfires[:min(1, len(abl.Backfires))] {
			lines = append(append(lines, ""), wrap("More is not always safer: "+strings.Join(b.Stops, ", ")+" stops it; with "+strings.Join(b.Added, ", ")+" added it gets in.", w)...)
		}
		if len(abl.Backfires) == 0 && abl.Complete {
			lines = append(append(lines, ""), wrap("More is never worse here: true of all sets.", w)...)
		}
		return lines
	}}
}

func setLines(sets [][]string, w, most int) (lines []string) {
	for i, set := range sets {
		if i == most {
			return append(lines, fmt.Sprintf("  and %d more", len(sets)-i))
		}
		lines = append(lines, hang("  ", strings.Join(set, " + "), w)...)
	}
	return lines
}
