package tui

import "strings"

// cells is a line of text to draw on.
type cells []rune

func canvas(w int) cells {
	c := make(cells, max(w, 0))
	for i := range c {
		c[i] = ' '
	}
	return c
}

// put writes s from column x on. Wide characters are not for here: labels are cleaned beforehand.
func (c cells) put(x int, s string) {
	for _, r := range s {
		if x >= 0 && x < len(c) {
			c[x] = r
		}
		x++
	}
}

func (c cells) centre(x, room int, s string) {
	s = cut(s, room)
	c.put(x-width(s)/2, s)
}

// line draws an arrow between two columns.
func (c cells) line(from, to int, stroke byte) {
	left, right, head, at := from, to, ">", to-1
	if to < from {
		left, right, head, at = to, from, "<", to+1
	}
	c.put(left+1, strings.Repeat(string(stroke), max(0, right-left-1)))
	c.put(at, head)
}

func (c cells) String() string { return string(c) }

// fitLeft pads on the left.
func fitLeft(s string, w int) string {
	return strings.Repeat(" ", max(0, w-len(s))) + s
}
