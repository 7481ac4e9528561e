package tui

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
)

var update = flag.Bool("update", false, "write the golden screens anew")

// testApp is an app on a terminal of w by h, without the terminal.
func testApp(t testing.TB, w, h int) *app {
	t.Helper()
	a := newApp(context.Background(), fixtureSource(), environment{theme: themeMono, clip: clipboard{out: io.Discard}})
	a.tick = func() tea.Cmd { return nil } // tests beat time themselves
	feed(t, a, tea.WindowSizeMsg{Width: w, Height: h})
	settle(t, a, a.Init())
	return a
}

// feed sends messages and carries out what they set going, ticks excepted.
func feed(t testing.TB, a *app, msgs ...tea.Msg) {
	t.Helper()
	for _, m := range msgs {
		_, cmd := a.Update(m)
		settle(t, a, cmd)
	}
}

func settle(t testing.TB, a *app, cmd tea.Cmd) {
	t.Helper()
	if cmd == nil {
		return
	}
	switch m := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range m {
			settle(t, a, c)
		}
	default:
		feed(t, a, m)
	}
}

// press types keys: "enter", "tab", "j".
func press(t testing.TB, a *app, keys ...string) {
	t.Helper()
	named := map[string]tea.KeyType{"enter": tea.KeyEnter, "tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab, "esc": tea.KeyEsc,
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "ctrl+p": tea.KeyCtrlP,
		"pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "backspace": tea.KeyBackspace, " ": tea.KeySpace}
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		if kind, ok := named[k]; ok {
			msg = tea.KeyMsg{Type: kind}
			if k == " " {
				msg.Runes = []rune(" ")
			}
		}
		feed(t, a, msg)
	}
}

// screens are the situations of which a picture is kept.
var screens = []struct {
	name string
	keys []string
}{
	{"home", nil},
	{"home-attack", []string{"j", "j", "j", "j", "j", "j", "j", "j"}},
	{"home-filter", []string{"/", "d", "-", "0"}},
	{"compare-begin", []string{"enter", " "}},
	{"compare-end", []string{"enter", "G"}},
	{"run-middle", []string{"/", "t", "-", "enter", "enter", "G", "h", "h"}},
	{"run-end", []string{"/", "t", "-", "enter", "enter", "G"}},
	{"run-evidence", []string{"/", "t", "-", "enter", "enter", "G", "tab"}},
	{"inspect-refused", []string{"/", "t", "-", "enter", "enter", "G", "enter"}},
	{"inspect-what-if", []string{"/", "t", "-", "enter", "enter", "G", "enter", "x"}},
	{"inspect-tokens", []string{"/", "t", "-", "enter", "enter", "G", "enter", "tab"}},
	{"inspect-filter", []string{"/", "t", "-", "enter", "enter", "G", "enter", "/", "~", "t", "h", "enter"}},
	{"matrix", []string{"4"}},
	{"matrix-surprise", []string{"4", "f", "l", "l", "l", "l"}},
	{"matrix-families", []string{"4", "z", "j"}},
	{"matrix-differs", []string{"4", "d", "l", "l"}},
	{"ablation", []string{"8"}},
	{"ablation-off", []string{"8", " ", "j"}},
	{"ablation-nothing", []string{"8", "]", "]"}},
	{"risk", []string{"9"}},
	{"risk-weights", []string{"9", "tab", "l", "l", "j"}},
	{"clauses", []string{"0", "j"}},
	{"history", []string{"6"}},
	{"logs", []string{"7"}},
	{"help", []string{"?"}},
	{"palette", []string{":", "p", "r", "o", "o", "f"}},
	{"explain", []string{"4", "e"}},
}

// Every screen at every size looks like its picture. `go test ./sim/tui -update` draws them anew.
func TestScreens(t *testing.T) {
	for _, size := range []struct{ w, h int }{{120, 36}, {80, 24}, {60, 16}} {
		for _, s := range screens {
			name := s.name + "-" + itoa(size.w) + "x" + itoa(size.h)
			t.Run(name, func(t *testing.T) {
				a := testApp(t, size.w, size.h)
				press(t, a, s.keys...)
				compareGolden(t, filepath.Join("testdata", name+".txt"), a.View())
				checkFrame(t, a, a.View())
			})
		}
	}
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	got = trimLines(got)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the screen differs from %s; it is now\n%s", path, got)
	}
}

func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// checkFrame is what every frame must satisfy, whatever it shows.
func checkFrame(t testing.TB, a *app, frame string) {
	t.Helper()
	lines := strings.Split(frame, "\n")
	if len(lines) != a.h {
		t.Fatalf("%dx%d: expected %d lines, got %d", a.w, a.h, a.h, len(lines))
	}
	for i, l := range lines {
		if width(l) > a.w {
			t.Fatalf("%dx%d: line %d is %d wide: %q", a.w, a.h, i+1, width(l), l)
		}
		if i := strings.IndexFunc(l, func(r rune) bool { return unicode.IsControl(r) }); a.theme.name == themeMono && i >= 0 {
			t.Fatalf("%dx%d: a control character in %q", a.w, a.h, l)
		}
	}
	if !a.tooSmall() && !strings.HasPrefix(lines[a.h-1], " ? help") && a.theme.name == themeMono {
		t.Fatalf("%dx%d: expected the footer to begin with ? help, got %q", a.w, a.h, lines[a.h-1])
	}
}
