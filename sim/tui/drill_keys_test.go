package tui

import (
	"strings"
	"testing"

	"thiefbox/sim/drill"
)

// TestConsoleShowsKeys: which APIs believe which key of the login server stands in the console, as it does in line mode.
func TestConsoleShowsKeys(t *testing.T) {
	_, e := atDrill(t, 120, 36)
	d := &drillScreen{sight: e.sight}
	if text := strings.Join(d.clocks(newTheme("mono"), 60), "\n"); strings.Contains(text, "Keys") {
		t.Errorf("expected nothing about keys where there is one, got\n%s", text)
	}
	d.sight.Keys = []drill.KeyView{{API: "records", Kid: "as-2026", Count: 31, Of: 120, Old: true}, {API: "records", Kid: "as-2027", Count: 89, Of: 120, Asks: true}}
	text := strings.Join(d.clocks(newTheme("mono"), 200), "\n")
	for _, want := range []string{"as-2026 (replaced): 31 of 120 at records", "as-2027: 89 of 120 at records, which ask about each token besides"} {
		if !strings.Contains(text, want) {
			t.Errorf("expected %q in\n%s", want, text)
		}
	}
}
