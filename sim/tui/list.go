package tui

// list is a cursor over rows, of which a window is shown. Its methods are told how many rows there
// are and how many fit, because both change: by filtering, and by resizing.
type list struct{ cursor, top int }

// act does the moving keys; it reports whether the key was one.
func (l *list) act(k action, n, h int) bool {
	switch k {
	case actDown:
		l.cursor++
	case actUp:
		l.cursor--
	case actPageDown:
		l.cursor += max(1, h-1)
	case actPageUp:
		l.cursor -= max(1, h-1)
	case actTop:
		l.cursor = 0
	case actBottom:
		l.cursor = n - 1
	default:
		return false
	}
	l.clamp(n, h)
	return true
}

func (l *list) clamp(n, h int) {
	l.cursor = max(0, min(l.cursor, n-1))
	l.top = window(l.top, l.cursor, n, h)
}

// shown is the window: rows from up to, but without, to.
func (l list) shown(n, h int) (from, to int) {
	from = window(l.top, l.cursor, n, h)
	return from, min(from+h, n)
}

// scroll is an offset into lines that have no cursor.
type scroll int

// toEnd shows the last lines, however many there are.
const toEnd scroll = 1 << 30

// act does the moving keys; it reports whether the key was one.
func (s *scroll) act(k action, n, h int) bool {
	last := scroll(max(0, n-h))
	*s = min(*s, last)
	switch k {
	case actDown:
		*s++
	case actUp:
		*s--
	case actPageDown:
		*s += scroll(max(1, h-1))
	case actPageUp:
		*s -= scroll(max(1, h-1))
	case actTop:
		*s = 0
	case actBottom:
		*s = last
	default:
		return false
	}
	*s = max(0, min(*s, last))
	return true
}

// from is the lines from the offset on, and how to say that there is more.
func (s scroll) from(lines []string, h int) (shown []string, more string) {
	at := max(0, min(int(s), len(lines)-h))
	if len(lines) > h {
		more = itoa(min(at+h, len(lines))) + " of " + count(len(lines), "line")
	}
	return lines[at:], more
}
