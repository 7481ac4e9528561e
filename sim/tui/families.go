package tui

import (
	"fmt"
	"slices"
	"strings"

	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// A catalogue of hundreds of attacks is read by its families: z folds each into a row, brackets jump from
// one to the next, and d leaves only the rows in which two neighbouring profiles differ.

// family is some rows of the matrix that stand together.
type family struct {
	name string
	rows []int
}

// families are those of the rows that are shown.
func (m *matrixScreen) families() (out []family) {
	for _, i := range m.shown {
		name := report.FamilyOf(m.matrix.Attacks[i].ID)
		at := slices.IndexFunc(out, func(f family) bool { return f.name == name })
		if at < 0 {
			out, at = append(out, family{name: name}), len(out)
		}
		out[at].rows = append(out[at].rows, i)
	}
	return out
}

// tally is how many attacks of a family get in under a profile, of those that make sense: "3/12".
func (m *matrixScreen) tally(f family, column int) (word string, leaks int) {
	fitting := 0
	for _, i := range f.rows {
		c := m.matrix.Cells[i][column]
		if c.Applicable {
			fitting++
		}
		if c.Applicable && c.Verdict.Outcome == verdict.Breached {
			leaks++
		}
	}
	if fitting == 0 {
		return wordNone, 0
	}
	return fmt.Sprintf("%d/%d", leaks, fitting), leaks
}

func (m *matrixScreen) foldedTable(t theme, w, h int) []string {
	from, widths := m.columns(w)
	left := w
	for _, cw := range widths {
		left -= cw
	}
	lines := m.heading(t, left, from, widths)
	all := m.families()
	first, last := m.folds.shown(len(all), h)
	for i := first; i < last; i++ {
		mark := " "
		if i == m.folds.cursor {
			mark = ">"
		}
		line := mark + fit(pad(all[i].name, 3)+pad(itoa(len(all[i].rows)), 3)+"  "+report.FamilyTitle(all[i].name), left-2) + " "
		if i == m.folds.cursor {
			line = t.strong.Render(line)
		}
		for j, cw := range widths {
			word, leaks := m.tally(all[i], from+j)
			cell := fit(" "+word, cw)
			if leaks > 0 {
				cell = t.leak.Render(cell)
			}
			line += cell
		}
		lines = append(lines, line)
	}
	return lines
}

// jumpFamily goes to the first attack of the next family, or of the one before.
func (m *matrixScreen) jumpFamily(by int) {
	if m.list.cursor >= len(m.shown) {
		return
	}
	all, row := m.families(), m.shown[m.list.cursor]
	at := slices.IndexFunc(all, func(f family) bool { return slices.Contains(f.rows, row) })
	at = max(0, min(at+by, len(all)-1))
	m.list.cursor = slices.Index(m.shown, all[at].rows[0])
}

// unfold opens the family under the cursor.
func (m *matrixScreen) unfold() {
	all := m.families()
	m.folded = false
	if m.folds.cursor < len(all) {
		m.list.cursor = max(0, slices.Index(m.shown, all[m.folds.cursor].rows[0]))
	}
}

// compared are the two profiles whose difference d shows: the column of the cursor and the one before.
func (m *matrixScreen) compared() (before, after int) {
	return max(0, m.column-1), min(max(1, m.column), len(m.matrix.Profiles)-1)
}

func (m *matrixScreen) differs(cells []report.Cell) bool {
	if len(cells) < 2 {
		return true
	}
	before, after := m.compared()
	return cells[before].Differs(cells[after])
}

// familyDetail says which attacks of a family get in, profile by profile.
func (m *matrixScreen) familyDetail(t theme, w, h int) []string {
	all := m.families()
	if m.folds.cursor >= len(all) {
		return pane{}.draw(t, w, h)
	}
	f := all[m.folds.cursor]
	p := pane{title: report.FamilyHeading(f.name) + ": what gets in"}
	for j, profile := range m.matrix.Profiles {
		var ids []string
		for _, i := range f.rows {
			if c := m.matrix.Cells[i][j]; c.Applicable && c.Verdict.Outcome == verdict.Breached {
				ids = append(ids, m.matrix.Attacks[i].ID)
			}
		}
		if len(ids) > 0 {
			p.lines = append(p.lines, cut(" "+pad(clean(profile.Name), 20)+" "+strings.Join(ids, " "), w-3))
		}
	}
	if len(p.lines) == 0 {
		p.lines = []string{" nothing, under any profile"}
	}
	return p.draw(t, w, h)
}

// course is how many of the attacks that are shown get in, from profile to profile: what changed, in a line.
func (m *matrixScreen) course() string {
	var counts []string
	for j := range m.matrix.Profiles {
		_, leaks := m.tally(family{rows: m.shown}, j)
		counts = append(counts, itoa(leaks))
	}
	return wordLeak + " " + strings.Join(counts, " > ")
}
