package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/report"
	"thiefbox/sim/telemetry"
	"thiefbox/sim/verdict"
)

// The screens show a matrix before it is kept. Whoever quits in between is told what is waited for, and
// loses nothing.
func TestSettleWaitsForWhatIsStillKept(t *testing.T) {
	told := make(listener, 1)
	a := newApp(Env{Stdout: &bytes.Buffer{}, Stderr: told, Getenv: func(string) string { return "" }, Now: func() time.Time { return time.Unix(1, 0) }})
	a.data = t.TempDir()
	a.expected = func(string, string) verdict.Outcome { return verdict.Held }
	a.settle()
	if len(told) > 0 {
		t.Fatalf("expected no word where there is nothing to wait for, got %q", <-told)
	}
	s := a.newSpool()
	for range 3 {
		a.finished(t.Context(), report.Run{Attack: report.Attack{ID: "T-01"}, Profile: "legacy", Verdict: verdict.Verdict{Outcome: verdict.Held}}, s)()
	}
	a.opened.Lock() // somebody reads the history
	a.unloadLater(t.Context(), s)
	settled := make(chan struct{})
	go func() { a.settle(); close(settled) }()
	if word := <-told; word != "thiefbox: keeping 3 runs in the history, one moment\n" {
		t.Errorf("expected to be told, got %q", word)
	}
	select {
	case <-settled:
		t.Fatal("expected to wait")
	default:
	}
	a.opened.Unlock()
	<-settled
	kept, err := a.history()
	if err != nil || len(kept) != 3 {
		t.Fatalf("expected 3 runs kept, got %d (%v)", len(kept), err)
	}
	if e := report.Entries(kept); len(e) != 1 || e[0].ID() != "r0001-r0003" {
		t.Errorf("expected one entry, got %+v", e)
	}
}

// listener hears what is written to standard error.
type listener chan string

func (l listener) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

// A history that cannot be used is no reason to fail: while the screens own the terminal their log says so.
func TestUnloadLaterComplainsToTheLog(t *testing.T) {
	a := newApp(Env{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, Getenv: func(string) string { return "" }, Now: func() time.Time { return time.Unix(1, 0) }})
	ring := telemetry.NewRing(9)
	if err := a.openJournal(ring); err != nil {
		t.Fatal(err)
	}
	a.data = "spool_test.go" // no directory
	a.unloadLater(t.Context(), a.newSpool())
	a.settle()
	if lines := ring.Lines(); len(lines) != 1 || !strings.Contains(lines[0], "not kept in the history") {
		t.Errorf("expected one complaint, got %q", lines)
	}
	a.noHistory = true
	s := a.newSpool()
	s.pack(report.Run{})()
	a.unloadLater(t.Context(), s)
	a.settle()
	if n := len(ring.Lines()); n != 1 {
		t.Errorf("expected nothing to be kept and no word of it, got %d lines", n)
	}
}
