package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// terminal is an app on a terminal whose clock the test moves.
func terminal(env map[string]string) (*app, *bytes.Buffer, *time.Time) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	var stderr bytes.Buffer
	return &app{env: Env{
		Stderr: &stderr, Now: func() time.Time { return now },
		Getenv: func(k string) string { return env[k] }, IsTerminal: func(any) bool { return true },
	}}, &stderr, &now
}

// Work that is over at once must not flash a line.
func TestProgressIsSilentInTheFirstSecond(t *testing.T) {
	a, stderr, now := terminal(nil)
	p := a.progress("runs")
	for i := range 9 {
		*now = now.Add(100 * time.Millisecond)
		p.step(i, 10)
	}
	p.end()
	if stderr.Len() != 0 {
		t.Errorf("expected nothing, got %q", stderr)
	}
}

// A line a run would flicker, and slow down what it reports on.
func TestProgressRewritesOneLineNowAndThen(t *testing.T) {
	a, stderr, now := terminal(nil)
	p := a.progress("runs")
	*now = now.Add(2 * time.Second)
	for i := range 1000 {
		p.step(i, 1000)
		*now = now.Add(time.Millisecond)
	}
	p.end()
	if n := strings.Count(stderr.String(), "runs"); n != 10 {
		t.Errorf("painted %d times in a second, want 10: %q", n, stderr)
	}
	if strings.Contains(stderr.String(), "\n") || !strings.HasSuffix(stderr.String(), "\r\x1b[K") {
		t.Errorf("expected one line that is taken away at the end, got %q", stderr)
	}
}

// A screen reader reads every repaint aloud, and a dumb terminal cannot repaint.
func TestProgressOnPlainTerminals(t *testing.T) {
	a, stderr, now := terminal(map[string]string{"TERM": "dumb"})
	p := a.progress("runs")
	for i := range 12 {
		*now = now.Add(time.Second)
		p.step(i, 12)
	}
	p.end()
	if got := stderr.String(); got != "0 of 12 runs\n5 of 12 runs\n10 of 12 runs\n" {
		t.Errorf("got %q", got)
	}
}

// A log file must not fill with them.
func TestProgressNeedsATerminal(t *testing.T) {
	a, stderr, now := terminal(nil)
	a.env.IsTerminal = func(any) bool { return false }
	p := a.progress("runs")
	*now = now.Add(time.Minute)
	p.step(1, 2)
	p.end()
	if stderr.Len() != 0 {
		t.Errorf("expected nothing, got %q", stderr)
	}
}
