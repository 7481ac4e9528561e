package tui

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// screenBuffer is a terminal that only remembers.
type screenBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screenBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *screenBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// The program starts, takes keys and leaves the terminal as it found it.
func TestProgram(t *testing.T) {
	keys, keyboard := io.Pipe()
	var screen screenBuffer
	ended := make(chan error, 1)
	go func() {
		ended <- Run(context.Background(), fixtureSource(), Options{Theme: "mono", Input: keys, Output: &screen})
	}()
	_, _ = io.WriteString(keyboard, "q")
	select {
	case err := <-ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("expected q to quit")
	}
	out := screen.String()
	if !strings.Contains(out, "\x1b[?1049h") || !strings.Contains(out, "\x1b[?1049l") {
		t.Error("expected the alternate screen to be entered and left")
	}
	if strings.Contains(out, "\x1b]11;?") || strings.Contains(out, "\x1b[6n") {
		t.Error("expected the terminal not to be asked for anything")
	}
	if strings.Contains(out, "\x1b[?1000h") || strings.Contains(out, "\x1b[?1002h") {
		t.Error("expected the mouse to be left alone")
	}
}

func TestProgramEndsWithItsContext(t *testing.T) {
	keys, _ := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Run(ctx, fixtureSource(), Options{Input: keys, Output: io.Discard}); err != nil {
		t.Errorf("expected a cancelled program to end quietly, got %v", err)
	}
}

func TestProgramRefusesAnUnknownTheme(t *testing.T) {
	if err := Run(context.Background(), Source{}, Options{Theme: "pink"}); err == nil {
		t.Error("expected an error")
	}
}

// A recording opened from outside starts to play, over an empty source if need be.
func TestReplay(t *testing.T) {
	run := stolenToken("fapi2-dpop", true)
	a := newApp(context.Background(), Source{}, environment{theme: themeMono})
	a.resize(80, 24)
	a.openRun(run, nil)
	if !a.run.play.playing || a.top().place() != placeRun {
		t.Fatal("expected the replay to play")
	}
	checkFrame(t, a, a.View())
	press(t, a, "G")
	if !strings.Contains(a.View(), "stop") {
		t.Errorf("expected the verdict\n%s", a.View())
	}
	press(t, a, "esc", "enter", "j", "e", "esc", "p", "c", "4", "6", "7", "y")
	checkFrame(t, a, a.View())
}
