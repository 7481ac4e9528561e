package tui

import (
	"slices"
	"strings"
	"testing"
)

// A player adds an explanation in her own words, spaces and all, and links the line she looks at to one.
func TestAnExplanationInOwnWords(t *testing.T) {
	a, ex := atDrill(t, 120, 36)
	press(t, a, "esc", "a")
	for _, r := range "the supplier's laptop" {
		press(t, a, string(r))
	}
	if press(t, a, "enter", "enter"); !slices.Contains(ex.said, "suppose the supplier's laptop") {
		t.Errorf("expected it to be said, got %v", ex.said)
	}
	if press(t, a, "l"); a.over != nil || !strings.Contains(a.note, "Evidence") {
		t.Errorf("expected to be told where to select a line, got %q", a.note)
	}
	press(t, a, "tab", "l", "enter", "enter", "enter")
	if !slices.Contains(ex.said, "link HYPOTHESIS e9") {
		t.Errorf("expected the selected line to be linked, got %v", ex.said)
	}
}
