package tui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"thiefbox/sim/report"
)

// clean makes data safe to show on one line.
func clean(s string) string { return report.Clean(s) }

// width is the number of cells s takes; styling takes none.
func width(s string) int {
	n := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= ' ' && c <= '~':
			n++
			i++
		case c == '\x1b': // our own styling: ESC [ digits m
			end := strings.IndexByte(s[i:], 'm')
			if end < 0 {
				return ansi.StringWidth(s)
			}
			i += end + 1
		case strings.HasPrefix(s[i:], "\u2500"), strings.HasPrefix(s[i:], "\u2502"): // frames
			n++
			i += 3
		default:
			return n + ansi.StringWidth(s[i:])
		}
	}
	return n
}

// cut shortens s to w cells and marks the place with two dots.
func cut(s string, w int) string {
	if width(s) <= w {
		return s
	}
	if w <= 2 {
		return ansi.Truncate(s, max(w, 0), "")
	}
	return ansi.Truncate(s, w, "..")
}

// fit is cut, or padded with spaces: exactly w cells.
func fit(s string, w int) string {
	s = cut(s, w)
	if gap := w - width(s); gap > 0 {
		return s + strings.Repeat(" ", gap)
	}
	return s
}

// spread puts left and right at the two ends of w cells. The right one goes first when space runs out.
func spread(left, right string, w int) string {
	gap := w - width(left) - width(right)
	if gap < 1 {
		return fit(left, w)
	}
	return left + strings.Repeat(" ", gap) + right
}

// wrap breaks s at spaces into lines of at most w cells; a word that is longer is broken anywhere.
func wrap(s string, w int) []string {
	if w < 1 {
		return nil
	}
	var lines []string
	for _, paragraph := range strings.Split(strings.TrimRight(s, "\n"), "\n") {
		lines = append(lines, wrapLine(clean(paragraph), w)...)
	}
	return lines
}

func wrapLine(s string, w int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = word
		case width(line)+1+width(word) <= w:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
		for width(line) > w {
			var head string
			head, line = breakAt(line, w)
			lines = append(lines, head)
		}
	}
	return append(lines, line)
}

// fold breaks s anywhere into lines of w cells and keeps its spaces: for raw data.
func fold(s string, w int) []string {
	s = clean(s)
	if w < 1 {
		return nil
	}
	var lines []string
	for width(s) > w {
		var head string
		head, s = breakAt(s, w)
		lines = append(lines, head)
	}
	return append(lines, s)
}

// breakAt splits off what fits into w cells. A character too wide for even one line becomes a dot.
func breakAt(s string, w int) (head, rest string) {
	if head = ansi.Truncate(s, w, ""); head != "" {
		return head, strings.TrimPrefix(s, head)
	}
	_, size := utf8.DecodeRuneInString(s)
	return "·", s[size:]
}

// indent puts prefix before each line.
func indent(prefix string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = prefix + l
	}
	return out
}

// count writes "1 record", "3 records".
func count(n int, noun string) string {
	s := itoa(n) + " " + noun
	if n != 1 {
		s += "s"
	}
	return s
}

// pad is s with spaces up to w cells, and whole if it is longer.
func pad(s string, w int) string { return s + strings.Repeat(" ", max(0, w-width(s))) }
