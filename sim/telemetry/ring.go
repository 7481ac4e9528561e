package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"unicode"

	slogmulti "github.com/samber/slog-multi"
)

// Ring keeps the latest lines of a log for a screen. It is safe for concurrent use.
type Ring struct {
	mu    sync.Mutex
	lines []string
	next  int // where the next line goes, once the ring is full
	size  int
}

// NewRing returns a ring of size lines, at least one.
func NewRing(size int) *Ring { return &Ring{size: max(size, 1)} }

// Lines returns the lines kept, oldest first. The slice is the caller's own.
func (r *Ring) Lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]string, 0, len(r.lines))
	return append(append(out, r.lines[r.next:]...), r.lines[:r.next]...)
}

func (r *Ring) add(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines) < r.size {
		r.lines = append(r.lines, line)
		return
	}
	r.lines[r.next] = line
	r.next = (r.next + 1) % r.size
}

func (r *Ring) handler(least slog.Leveler) slog.Handler {
	write := slogmulti.NewHandleInlineHandler(func(_ context.Context, groups []string, attrs []slog.Attr, rec slog.Record) error {
		r.add(line(groups, attrs, rec))
		return nil
	})
	return slogmulti.NewEnabledInlineMiddleware(func(_ context.Context, l slog.Level, _ func(context.Context, slog.Level) bool) bool {
		return l >= least.Level()
	})(write)
}

// line writes a record as one line: "08:00:01.250 WARN  ruling party=fhir/a control=rs/dpop-jti …".
func line(groups []string, attrs []slog.Attr, rec slog.Record) string {
	var b strings.Builder
	at := "            "
	if !rec.Time.IsZero() {
		at = rec.Time.UTC().Format("15:04:05.000")
	}
	fmt.Fprintf(&b, "%s %-5s %s", at, rec.Level, oneLine(rec.Message))
	prefix := ""
	for _, g := range groups {
		prefix += g + "."
	}
	for _, a := range attrs {
		attribute(&b, prefix, a)
	}
	rec.Attrs(func(a slog.Attr) bool {
		attribute(&b, prefix, a)
		return true
	})
	return b.String()
}

func attribute(b *strings.Builder, prefix string, a slog.Attr) {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, m := range v.Group() {
			attribute(b, prefix, m)
		}
		return
	}
	text := v.String()
	if strings.ContainsFunc(text, func(c rune) bool { return c == ' ' || c == '"' || c == '=' || !unicode.IsPrint(c) }) {
		text = strconv.Quote(text)
	}
	b.WriteString(" " + prefix + a.Key + "=" + text)
}

// oneLine keeps a message from steering the terminal it is shown on.
func oneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return ' '
	}, s)
}
