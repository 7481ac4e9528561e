package tui

import (
	"fmt"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

const (
	matrixDetail  = 8  // height of the pane below
	minAttack     = 24 // with its id
	goodAttack    = 36
	minCell       = 7 // "[LEAK!]"
	maxCell       = 12
	matrixHeading = 3
)

// rows is how many attacks are shown in a body of this height.
func (m *matrixScreen) rows(h int) int {
	return max(1, h-matrixHeading-2-m.detailHeight(h))
}

func (m *matrixScreen) detailHeight(h int) int {
	if h < 18 {
		return 4
	}
	return matrixDetail
}

func (m *matrixScreen) body(t theme, w, h int) []string {
	lower := m.detailHeight(h)
	if !m.loaded {
		return pane{title: "Attack x profile", lines: m.waiting(w - 2), focused: true}.draw(t, w, h)
	}
	p := pane{title: "Attack x profile", focused: true}
	if p.lines = m.table(t, w-2, m.rows(h)); m.folded {
		p.lines = m.foldedTable(t, w-2, m.rows(h))
	}
	p.foot = fmt.Sprintf("%d of %s shown", len(m.shown), count(len(m.matrix.Attacks), "attack"))
	if course := p.foot + "; " + m.course(); width(course)+6 <= w {
		p.foot = course
	}
	if from, widths := m.columns(w - 2); len(widths) < len(m.matrix.Profiles) {
		p.foot += fmt.Sprintf(", profiles %d to %d of %d", from+1, from+len(widths), len(m.matrix.Profiles))
	}
	switch {
	case m.job != nil:
		p.right = fmt.Sprintf("running again: %d of %d", m.job.done.Load(), m.job.total.Load())
	case !m.narrow.empty():
		p.right = "filter: " + m.narrow.text
	}
	return above(p.draw(t, w, h-lower), m.detail(t, w, lower))
}

// waiting is what is shown while the first matrix is computed.
func (m *matrixScreen) waiting(w int) []string {
	if m.job == nil {
		return []string{"", "  no matrix yet; r runs it"}
	}
	return append([]string{"", "  Running every attack under every profile."}, m.job.bar(w)...)
}

// columns is which profiles are in view, and how wide their columns are: as wide as their names
// want to be, if that leaves room to read what the attacks are.
func (m *matrixScreen) columns(w int) (from int, widths []int) {
	room := w - minAttack
	n := len(m.matrix.Profiles)
	total := 0
	for _, p := range m.matrix.Profiles {
		longest := 0
		for _, part := range nameParts(p.Name, maxCell-2) {
			longest = max(longest, width(part))
		}
		widths = append(widths, max(minCell, longest+2))
		total += widths[len(widths)-1]
	}
	if total <= w-goodAttack {
		return 0, widths
	}
	fitting := max(1, min(n, room/minCell))
	for i := range widths {
		widths[i] = min(maxCell, max(minCell, room/fitting))
	}
	from = max(0, min(m.column-fitting/2, n-fitting))
	return from, widths[from : from+fitting]
}

func (m *matrixScreen) table(t theme, w, h int) []string {
	from, widths := m.columns(w)
	left := w
	for _, cw := range widths {
		left -= cw
	}
	lines := m.heading(t, left, from, widths)
	first, last := m.list.shown(len(m.shown), h)
	for i := first; i < last; i++ {
		row := m.shown[i]
		a := m.matrix.Attacks[row]
		mark := " "
		if i == m.list.cursor {
			mark = ">"
		}
		line := mark + fit(pad(a.ID, m.idWidth(left))+"  "+clean(a.Title), left-2) + " "
		if i == m.list.cursor {
			line = t.strong.Render(line)
		}
		for j, cw := range widths {
			line += m.cell(t, m.matrix.Cells[row][from+j], i == m.list.cursor && from+j == m.column, cw)
		}
		lines = append(lines, line)
	}
	if len(m.shown) == 0 {
		lines = append(lines, "  nothing to show; esc or f brings the others back")
	}
	return lines
}

// idWidth lines the titles up if there is room to read them besides.
func (m *matrixScreen) idWidth(left int) int {
	const usual = 4
	w := usual
	for _, a := range m.matrix.Attacks {
		w = max(w, width(a.ID))
	}
	if left-w < goodAttack {
		return usual
	}
	return w
}

// cell is a word; the one under the cursor stands in brackets, a surprise has an exclamation mark.
func (m *matrixScreen) cell(t theme, c report.Cell, current bool, w int) string {
	word := cellWord(c)
	if c.Surprise() {
		word += "!"
	}
	if current {
		return t.word(fit("["+word+"]", w))
	}
	return t.word(fit(" "+word, w))
}

// heading writes the names of profiles in as many lines as they need.
func (m *matrixScreen) heading(t theme, left, from int, widths []int) []string {
	lines := make([]string, matrixHeading)
	for i := range lines {
		lines[i] = strings.Repeat(" ", left)
	}
	for j, cw := range widths {
		parts := nameParts(m.matrix.Profiles[from+j].Name, cw-1)
		for i := range lines {
			part := ""
			if k := i - (matrixHeading - len(parts)); k >= 0 {
				part = parts[k]
			}
			lines[i] += fit(" "+part, cw)
		}
	}
	for i := range lines {
		lines[i] = t.strong.Render(lines[i])
	}
	return lines
}

// nameParts breaks a name into at most three parts of w cells: after - and + where it can, and
// anywhere in a piece that is too long.
func nameParts(name string, w int) []string {
	var parts []string
	part := ""
	for _, piece := range pieces(clean(name)) {
		if part != "" && width(part)+width(piece) > w {
			parts = append(parts, part)
			part = ""
		}
		folded := fold(part+piece, w)
		parts = append(parts, folded[:len(folded)-1]...)
		part = folded[len(folded)-1]
	}
	if part != "" {
		parts = append(parts, part)
	}
	if len(parts) > matrixHeading {
		parts = append(parts[:matrixHeading-1], cut(strings.Join(parts[matrixHeading-1:], ""), w))
	}
	return parts
}

// pieces splits a name at its joints, which stay at the ends of the pieces.
func pieces(name string) []string {
	var out []string
	for i := strings.IndexAny(name, "-+"); i >= 0; i = strings.IndexAny(name, "-+") {
		out = append(out, name[:i+1])
		name = name[i+1:]
	}
	return append(out, name)
}

// detail says why the cell under the cursor is what it is.
func (m *matrixScreen) detail(t theme, w, h int) []string {
	if m.folded {
		return m.familyDetail(t, w, h)
	}
	a, c, ok := m.current()
	if !ok {
		return pane{}.draw(t, w, h)
	}
	p := pane{title: a.ID + " / " + c.Profile, right: cellWord(c)}
	lines := []string{clean(a.Title)}
	switch {
	case !c.Applicable:
		lines = append(lines, wrap("Makes no sense here: it needs "+strings.Join(a.Against, ", ")+".", w-4)...)
	default:
		lines = append(lines, wrap(wordFor(c.Verdict.Outcome)+": "+c.Verdict.Reason, w-4)...)
		if stopper, err := control.Lookup(c.Verdict.StoppedBy); err == nil && c.Verdict.Outcome == verdict.Held {
			lines = append(lines, wrap("The check: "+stopper.Title+" ("+stopper.Clause+"). Without it, "+stopper.Why, w-4)...)
		}
		if c.Verdict.Outcome == verdict.Breached && a.Beyond != "" {
			lines = append(lines, wrap(beyond(a), w-4)...)
		}
		if c.Surprise() {
			lines = append(lines, t.odd.Render(cut(expectation(c.Expected, c.Verdict.Outcome), w-4)))
		}
	}
	p.lines = indent(" ", lines)
	return p.draw(t, w, h)
}
