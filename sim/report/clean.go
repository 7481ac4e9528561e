package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes data safe to print on one line. Some of what is printed was written by a thief, or by a
// server that is not ours: control characters could move the cursor, invisible ones could make one word
// look like another. Each becomes a dot.
func Clean(s string) string {
	if printable(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '\t', r == '\n':
			b.WriteByte(' ')
		case r == utf8.RuneError, !unicode.IsPrint(r):
			b.WriteRune('·')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// printable tells whether s is printable ASCII throughout: the common case.
func printable(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
