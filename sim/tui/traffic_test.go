package tui

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/event"
)

// serving is an app beside a server that has seen a theft and its refusal.
func serving(t *testing.T, w, h int) *app {
	t.Helper()
	recorded := stolenToken("fapi2-dpop", true).Recording.Events
	src := fixtureSource()
	src.Traffic = &Traffic{
		First:   "Issuer  https://localhost/x\nClients \x1b[2J",
		Issuers: func() []string { return []string{"fapi2-dpop"} },
		Events: func(_ string, above, _ int) []event.Event {
			return slices.DeleteFunc(slices.Clone(recorded), func(e event.Event) bool { return e.N <= above })
		},
		Export: func(issuer string) (string, error) { return issuer + ".har", nil },
	}
	a := newApp(context.Background(), src, environment{theme: themeMono, clip: clipboard{out: io.Discard}})
	a.tick = func() tea.Cmd { return nil }
	feed(t, a, tea.WindowSizeMsg{Width: w, Height: h})
	settle(t, a, a.Init())
	return a
}

// Whoever presses q by mistake does not end a server under the clients that call it; twice is meant.
func TestLeavingABusyServer(t *testing.T) {
	busy := true
	for _, keys := range [][]string{{"q", "q"}, {"ctrl+c", "ctrl+c"}, {"q", "ctrl+c"}, {"ctrl+c", "q"}} {
		a := serving(t, 120, 36)
		a.src.Traffic.Busy = func() bool { return busy }
		if !quits(a, keys[0], false) || !strings.Contains(a.View(), "once more") {
			t.Errorf("%v: expected to be asked\n%s", keys, a.View())
		}
		press(t, a, "down") // another key is an answer too
		if !quits(a, keys[0], false) || !quits(a, keys[1], true) {
			t.Errorf("expected %v to end it, and no other key between", keys)
		}
	}
	busy = false
	a := serving(t, 120, 36)
	a.src.Traffic.Busy = func() bool { return busy }
	if !quits(a, "q", true) {
		t.Error("expected q to end a server that nobody calls")
	}
}

// quits presses a key and tells whether the program ends, or not, as wanted.
func quits(a *app, key string, want bool) bool {
	msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(key)}
	if key == "ctrl+c" {
		msg = tea.KeyMsg{Type: tea.KeyCtrlC}
	}
	_, cmd := a.Update(msg)
	if cmd == nil {
		return !want
	}
	_, ends := cmd().(tea.QuitMsg)
	return ends == want
}

// The first page says what to paste; the first request that comes in takes its place; a refusal says why, and
// opens with every check.
func TestTrafficIsShownAsItComes(t *testing.T) {
	a := serving(t, 120, 36)
	if v := a.View(); !strings.Contains(v, "What to paste where") || a.top().place() != placeTraffic {
		t.Fatalf("expected the first page\n%s", v)
	}
	feed(t, a, tickMsg{})
	if v := a.View(); !strings.Contains(v, "[Requests at fapi2-dpop]") || !strings.Contains(v, "rs/dpop") {
		t.Fatalf("expected the requests\n%s", v)
	}
	if all := len(a.traffic.shown); a.traffic.list.cursor != all-1 {
		t.Errorf("expected to follow to %d, got %d", all-1, a.traffic.list.cursor)
	}
	press(t, a, "/", "~", "r", "e", "f", "enter")
	for _, c := range a.traffic.shown {
		if c.refusedBy() == "" {
			t.Errorf("expected refusals only, got %s", c.Request.Message.URL)
		}
	}
	want, _ := a.traffic.current()
	press(t, a, "enter")
	in, ok := a.top().(*inspect)
	if !ok || in.current().n != want.N {
		t.Fatalf("expected message %d in the inspector\n%s", want.N, a.View())
	}
	if press(t, a, "x"); a.top() != screen(in) {
		t.Error("expected what a server saw not to be run again")
	}
	press(t, a, "esc", "x")
	if !strings.Contains(a.note, "fapi2-dpop.har") {
		t.Errorf("expected to be told the file, got %q", a.note)
	}
	if press(t, a, "Y"); !strings.Contains(a.note, "as curl") {
		t.Errorf("expected curl to be copied, got %q", a.note)
	}
}

// Nothing new costs nothing: the list is made anew only when something came.
func TestTrafficStandsStill(t *testing.T) {
	a := serving(t, 80, 24)
	feed(t, a, tickMsg{})
	press(t, a, "k")
	if a.traffic.follow {
		t.Error("expected looking back to stop following")
	}
	before := a.traffic.rows
	feed(t, a, tickMsg{}, tickMsg{})
	if &before[0] != &a.traffic.rows[0] {
		t.Error("expected the list to stay as it is")
	}
}

func TestTrafficInAllSizes(t *testing.T) {
	a := serving(t, 120, 36)
	for _, keys := range [][]string{nil, {"tab"}, {"tab"}, {"enter"}, {"esc", "/", "z", "enter"}} {
		feed(t, a, tickMsg{})
		press(t, a, keys...)
		for w := 20; w <= 200; w += 20 {
			for h := 5; h <= 60; h += 11 {
				a.resize(w, h)
				checkFrame(t, a, a.View())
			}
		}
		a.resize(120, 36)
	}
}
