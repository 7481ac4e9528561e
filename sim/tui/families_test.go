package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// A key that is held down over a slow line arrives as several in one message: none is lost.
func TestKeysInOneBreath(t *testing.T) {
	a := testApp(t, 120, 36)
	press(t, a, "4")
	feed(t, a, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("jll")})
	if a.matrix.column != 2 || a.matrix.list.cursor != 1 {
		t.Errorf("expected row 1 and column 2, got %d and %d", a.matrix.list.cursor, a.matrix.column)
	}
}

func TestFamilies(t *testing.T) {
	a := testApp(t, 120, 36)
	press(t, a, "4", "]")
	if attack, _, _ := a.matrix.current(); attack.ID != "D-04" {
		t.Errorf("expected the next family, got %s", attack.ID)
	}
	press(t, a, "[", "z", "G", "enter")
	if attack, _, _ := a.matrix.current(); a.matrix.folded || attack.ID != "X-05" {
		t.Errorf("expected the last family unfolded, got %s", attack.ID)
	}
	press(t, a, "/", "~", "f", "a", "m", "enter")
	if len(a.matrix.shown) != 3 {
		t.Errorf("expected every attack to have a family, got %d", len(a.matrix.shown))
	}
	press(t, a, "/", "i", "l", "y", "-", "d", "enter")
	if len(a.matrix.shown) != 1 {
		t.Errorf("expected one attack of family D, got %d", len(a.matrix.shown))
	}
}

// d leaves what differs between the column of the cursor and the one to its left, and follows the cursor.
func TestWhatDiffers(t *testing.T) {
	a := testApp(t, 120, 36)
	press(t, a, "4", "d", "l")
	if len(a.matrix.shown) != 0 {
		t.Errorf("expected legacy and bcp to agree, got %d rows", len(a.matrix.shown))
	}
	if press(t, a, "l"); len(a.matrix.shown) != 3 {
		t.Errorf("expected pre-2025 to differ from bcp everywhere, got %d rows", len(a.matrix.shown))
	}
}

// Switching a control over shows at once what it does, and enter plays that.
func TestAblation(t *testing.T) {
	a := testApp(t, 120, 36)
	press(t, a, "4", "l", "l", "l", "b")
	if a.top().place() != placeAblate || !strings.Contains(a.View(), "stop by rs/dpop-binding") {
		t.Fatalf("expected the ablation of this cell\n%s", a.View())
	}
	press(t, a, " ")
	if !strings.Contains(a.View(), "LEAK") {
		t.Errorf("expected it to get in without the binding\n%s", a.View())
	}
	press(t, a, "j", " ")
	if !strings.Contains(a.View(), "stop by rs/dpop-jti") {
		t.Errorf("expected another control to stop it\n%s", a.View())
	}
	if press(t, a, "enter"); !strings.Contains(a.note, "profile file") {
		t.Errorf("expected to be told how to add a control, got %q", a.note)
	}
	press(t, a, "r", "k", " ", "enter")
	if a.top().place() != placeRun {
		t.Errorf("expected the run without the control, got %s", placeName(a.top().place()))
	}
}

// Esc gives back what a filter hides before it leaves, on a screen that was come to from another. It once left
// at once, although the screen said that esc would bring the others back.
func TestEscClearsTheFilterFirst(t *testing.T) {
	a := testApp(t, 120, 36)
	press(t, a, "4")
	press(t, a, "/", "d", "p", "o", "p", "-", "o", "n", "e", "enter") // rs/dpop-one-proof
	all, shown := len(a.matrix.matrix.Attacks), len(a.matrix.shown)
	if shown == 0 {
		t.Fatalf("expected to find attacks by the control that stops them, got %d of %d", shown, all)
	}
	press(t, a, "/", "x", "x", "enter")
	if body := strings.Join(a.matrix.body(a.theme, 118, 33), "\n"); !strings.Contains(body, "esc brings the others back") {
		t.Errorf("expected to be told the way out, got %s", body)
	}
	if press(t, a, "esc"); a.top().place() != placeMatrix || len(a.matrix.shown) != all {
		t.Errorf("expected the whole matrix, got %d rows", len(a.matrix.shown))
	}
	if press(t, a, "esc"); a.top().place() != placeHome {
		t.Error("expected to be back")
	}
}

// What is to be pasted is folded, never cut: there is a secret at the end of it.
func TestLongLinesGoOnBelow(t *testing.T) {
	line := "  Own API     asks about tokens at https://localhost:9443/fapi2-dpop/introspect as fhir-api with the secret 0123456789abcdef"
	for _, w := range []int{116, 76, 56, 12, 5, 0} {
		lines := goOn(line, w)
		if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.ReplaceAll(line, " ", "") {
			t.Errorf("%d: expected every letter, got %q", w, lines)
		}
		for _, l := range lines {
			if w > 12 && width(l) > w {
				t.Errorf("%d: expected no wider line, got %q", w, l)
			}
		}
	}
}
