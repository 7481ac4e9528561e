package tui

import (
	"fmt"
	"slices"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

const (
	matrixDetail  = 8  // height of the pane below
	minAttack     = 24 // with its id
	fairAttack    = 30 // where six profiles fit beside it
	goodAttack    = 36
	bestAttack    = 44
	minCell       = 7 // "[LEAK!]"
	fairCell      = 8 // the least in which names of profiles can be read
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
	if h < 26 { // two more attacks, for two lines that e shows too
		return matrixDetail - 2
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
	if from, widths := m.columns(w - 2); len(widths) < len(m.matrix.Profiles) {
		p.foot += fmt.Sprintf(", profiles %d to %d of %d", from+1, from+len(widths), len(m.matrix.Profiles))
	}
	if course := p.foot + "; " + m.course(); width(course)+6 <= w {
		p.foot = course
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
	if w-fairAttack >= 6*fairCell {
		room = w - fairAttack
	}
	n := len(m.matrix.Profiles)
	for _, attack := range []int{bestAttack, goodAttack} {
		for part := maxCell - 2; part >= fairCell-1; part-- {
			if widths = m.natural(part); total(widths) <= w-attack {
				return 0, widths
			}
		}
	}
	fitting := max(1, min(n, room/fairCell))
	for i := range widths {
		widths[i] = min(maxCell, max(minCell, room/fitting))
	}
	from = max(0, min(m.column-fitting/2, n-fitting))
	return from, widths[from : from+fitting]
}

// natural is how wide columns are if their names are broken into parts of at most so many cells.
func (m *matrixScreen) natural(part int) (widths []int) {
	for _, p := range m.matrix.Profiles {
		longest := 0
		for _, piece := range nameParts(p.Name, part) {
			longest = max(longest, width(piece))
		}
		widths = append(widths, max(minCell, longest+1))
	}
	return widths
}

func total(widths []int) (n int) {
	for _, w := range widths {
		n += w
	}
	return n
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
		lines = append(lines, "  nothing to show; "+m.back()+" brings the others back")
	}
	return lines
}

// back names the keys that undo what leaves attacks out.
func (m *matrixScreen) back() string {
	var keys []string
	for key, on := range map[string]bool{"esc": !m.narrow.empty(), "f": m.surprises, "d": m.changed} {
		if on {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return strings.Join(keys, " and ")
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

// nameParts breaks a name into at most three parts of w cells: after - and + where it can, before one where
// it is a cell short, and in pieces alike where a piece is too long.
func nameParts(name string, w int) []string {
	var parts []string
	part := ""
	for _, piece := range pieces(clean(name)) {
		if len(part) > 1 && width(part)+width(piece) > w {
			parts = append(parts, part)
			part = ""
		}
		if body := strings.TrimRight(piece, "-+"); part == "" && width(piece) > w && width(body) == w {
			parts, part = append(parts, body), piece[len(body):]
			continue
		}
		folded := fold(part+piece, w)
		if len(folded) > 1 {
			folded = fold(part+piece, (width(part+piece)+len(folded)-1)/len(folded))
		}
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
		return pane{title: "Nothing selected"}.draw(t, w, h)
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
