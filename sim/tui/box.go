package tui

import "strings"

// pane is one framed part of a screen.
type pane struct {
	title   string
	right   string // small print at the right end of the title
	foot    string // small print in the lower edge
	lines   []string
	focused bool // has the keys; shown by brackets, not by colour alone
}

// draw frames the pane in exactly w by h cells.
func (p pane) draw(t theme, w, h int) []string {
	if w < 4 || h < 2 {
		return blank(h)
	}
	inner := w - 2
	out := make([]string, 0, h)
	out = append(out, "┌"+p.top(t, inner)+"┐")
	for i := 0; i < h-2; i++ {
		line := ""
		if i < len(p.lines) {
			line = p.lines[i]
		}
		out = append(out, "│"+fit(line, inner)+"│")
	}
	return append(out, "└"+p.bottom(inner)+"┘")
}

func (p pane) top(t theme, inner int) string {
	open, end := " ", " "
	if p.focused {
		open, end = "[", "]"
	}
	title := cut(p.title, inner-4)
	used := 1 + 2 + width(title)
	right := ""
	if p.right != "" && used+width(p.right)+4 <= inner {
		right = " " + p.right + " ─"
	}
	fill := inner - used - width(right)
	if fill < 0 {
		return strings.Repeat("─", inner)
	}
	return "─" + open + t.accent.Render(title) + end + strings.Repeat("─", fill) + right
}

func (p pane) bottom(inner int) string {
	if p.foot == "" || width(p.foot)+4 > inner {
		return strings.Repeat("─", inner)
	}
	return "─ " + p.foot + " " + strings.Repeat("─", inner-3-width(p.foot))
}

// beside puts blocks of equal height next to each other.
func beside(blocks ...[]string) []string {
	out := make([]string, len(blocks[0]))
	for i := range out {
		var b strings.Builder
		for _, block := range blocks {
			if i < len(block) {
				b.WriteString(block[i])
			}
		}
		out[i] = b.String()
	}
	return out
}

// above puts blocks on top of each other.
func above(blocks ...[]string) []string {
	var out []string
	for _, b := range blocks {
		out = append(out, b...)
	}
	return out
}

func blank(n int) []string { return make([]string, max(n, 0)) }

// exactly makes lines h lines of at most w cells, whatever came.
func exactly(lines []string, w, h int) []string {
	out := make([]string, h)
	for i := range out {
		if i < len(lines) {
			out[i] = cut(lines[i], w)
		}
	}
	return out
}

// window chooses which of n rows to show in h lines so that cursor is among them, about margin rows
// from the edge. It moves as little as it can from the top it is given.
func window(top, cursor, n, h int) int {
	margin := min(2, (h-1)/2)
	if cursor < top+margin {
		top = cursor - margin
	}
	if cursor > top+h-1-margin {
		top = cursor - h + 1 + margin
	}
	return max(0, min(top, n-h))
}
