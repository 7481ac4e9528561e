package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"thiefbox/sim/event"
)

// Curl writes a request as a curl command for a POSIX shell. It is empty for a response.
func Curl(m event.Message) string {
	if m.Method == "" || m.URL == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString("curl -i")
	if m.Method == "HEAD" {
		b.WriteString(" --head")
	} else if m.Method != "GET" || len(m.Body) > 0 {
		b.WriteString(" -X " + quote(m.Method))
	}
	b.WriteString(" " + quote(m.URL))
	for _, name := range sortedKeys(m.Header) {
		if name == "Content-Length" || name == "Host" || name == "Accept-Encoding" {
			continue // curl writes its own
		}
		for _, v := range m.Header[name] {
			b.WriteString(" \\\n  -H " + quote(name+": "+v))
		}
	}
	if len(m.Body) > 0 {
		b.WriteString(" \\\n  --data-raw " + quote(string(m.Body)))
	}
	return b.String()
}

// quote makes one word for the shell. What cannot stand between single quotes (a NUL, broken UTF-8)
// is written in the $'…' form, which bash, zsh and ksh read.
func quote(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "'"
}
