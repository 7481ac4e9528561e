package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"thiefbox/sim/verdict"
)

// TextOptions says how text is written.
type TextOptions struct {
	Plain   bool // sentences, one a line: no columns and no colour; for pipes, logs and screen readers
	Width   int  // columns to wrap at; 0 does not wrap
	Verbose bool // everything: machinery, honest people's messages, each ruling
}

// page collects text and remembers the first error of writing it.
type page struct {
	w   io.Writer
	opt TextOptions
	err error
}

func (p *page) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, guarded(fmt.Sprintf(format, args...))+"\n")
	}
}

// guarded is the last look at a line: nothing unprintable leaves but our own colours. Who writes data
// into a line cleans it first, so that data cannot bring colours either.
func guarded(line string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(line, escape)
		if i < 0 {
			return b.String() + Clean(line)
		}
		b.WriteString(Clean(line[:i]))
		line = line[i:]
		colour := ourColour(line)
		if colour == "" {
			b.WriteString("·")
			line = line[1:]
			continue
		}
		b.WriteString(colour)
		line = line[len(colour):]
	}
}

const escape = '\x1b'

func ourColour(line string) string {
	for _, code := range colours {
		if strings.HasPrefix(line, code) {
			return code
		}
	}
	return ""
}

// entry writes a heading column and text that wraps beside it.
func (p *page) entry(head string, indent int, text string) {
	for i, l := range wrap(text, p.opt.Width-indent) {
		if i > 0 {
			head = ""
		}
		p.line("%s", strings.TrimRight(pad(head, indent)+l, " "))
	}
}

// wrap breaks text at spaces so that lines have at most width columns; a longer word stays whole.
func wrap(text string, width int) []string {
	if width < 20 {
		return []string{text}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && columns(line)+1+columns(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// columns is the width of s on a terminal, for the scripts we print; colour takes none.
func columns(s string) int {
	n := 0
	for s != "" {
		if strings.HasPrefix(s, "\x1b[") {
			if end := strings.IndexByte(s, 'm'); end > 0 {
				s = s[end+1:]
				continue
			}
		}
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		n++
	}
	return n
}

func pad(s string, width int) string {
	if n := width - columns(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}

// cut shortens a cell of a table.
func cut(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	runes := []rune(s)
	return string(runes[:max(width-1, 0)]) + "…"
}

// paint colours a word, which says the same without colour.
func (p *page) paint(word, s string) string {
	if p.opt.Plain {
		return s
	}
	switch word {
	case "Breached", Leak:
		return red + s + usual
	case "Held", Stop:
		return green + s + usual
	case "Void":
		return yellow + s + usual
	}
	return s
}

// The colours.
const (
	red, green, yellow = "\x1b[31;1m", "\x1b[32m", "\x1b[33;1m"
	usual              = "\x1b[0m"
)

var colours = []string{red, green, yellow, usual}

// judgement is an outcome and how it compares: "Held, as expected", "Breached, but Held was expected".
func judgement(got, expected verdict.Outcome) string {
	switch {
	case expected == "":
		return Word(got)
	case got == expected:
		return Word(got) + ", as expected"
	}
	return Word(got) + ", but " + Word(expected) + " was expected"
}

// lesson is what to remember of a verdict, in one breath: what became of it, and if a control held,
// what that asks and what goes wrong without it.
func lesson(v verdict.Verdict) string {
	if v.Outcome == verdict.Held {
		return Sentence(Clean(Lesson(v.StoppedBy)))
	}
	return Sentence(Clean(v.Reason))
}
