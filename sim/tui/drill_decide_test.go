package tui

import (
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/drill"
)

// The cursor stays on the line that is read while others come in; at the top, it stays with the newest.
func TestTheLineThatIsReadStays(t *testing.T) {
	a, ex := atDrill(t, 80, 24)
	press(t, a, "esc", "tab", "j")
	read := a.drill.evidence()[1].N
	for n := 10; n < 14; n++ {
		ex.sight.Logs = append(slices.Clone(ex.sight.Logs), drill.Evidence{N: n, Log: "server"})
		press(t, a, "w")
	}
	if at, _ := a.drill.at(paneEvidence); a.drill.evidence()[at].N != read {
		t.Errorf("expected to stay on e%d, got e%d", read, a.drill.evidence()[at].N)
	}
	if press(t, a, "g", "w"); a.drill.lists[paneEvidence].cursor != 0 {
		t.Error("expected to stay with the newest")
	}
}

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
