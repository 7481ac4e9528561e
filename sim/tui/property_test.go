package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"pgregory.net/rapid"

	"thiefbox/sim/report"
)

// Every screen in every size: no panic, as many lines as there are, none too wide, `? help` in sight.
func TestAllSizes(t *testing.T) {
	for _, s := range screens {
		t.Run(s.name, func(t *testing.T) {
			a := testApp(t, 120, 36)
			press(t, a, s.keys...)
			for w := 20; w <= 200; w += 9 {
				for h := 5; h <= 60; h += 5 {
					feed(t, a, tea.WindowSizeMsg{Width: w, Height: h})
					checkFrame(t, a, a.View())
				}
			}
		})
	}
}

var anyKey = strings.Fields("enter tab shift+tab esc up down left right ctrl+p pgdown pgup backspace " +
	"? : / y Y o t m 1 2 3 4 5 6 7 8 9 0 z d b j k h l H L g G e p c x v [ ] + - f r a ~ ! 0")

// Whatever is pressed at whatever size, in whatever order, the frame stays whole.
func TestAnyKeysAnySize(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		a := testApp(t, 100, 30)
		for range rapid.IntRange(1, 40).Draw(r, "n") {
			switch rapid.IntRange(0, 9).Draw(r, "what") {
			case 0:
				feed(t, a, tea.WindowSizeMsg{Width: rapid.IntRange(0, 200).Draw(r, "w"), Height: rapid.IntRange(0, 60).Draw(r, "h")})
			case 1, 2:
				feed(t, a, tickMsg{})
			default:
				press(t, a, rapid.SampledFrom(anyKey).Draw(r, "key"))
			}
			if a.theme.name == themeMono && a.w > 0 && a.h > 0 {
				checkFrame(t, a, a.View())
			} else {
				_ = a.View()
			}
		}
	})
}

// A thief writes some of what is shown. It may not move the cursor, nor widen a line.
func TestHostileDataIsHarmless(t *testing.T) {
	evil := "\x1b[2J\x1b]0;owned\x07\r\n\t\u202e\u200b世界世界世界\xff" + strings.Repeat("A", 300)
	run := stolenToken("legacy", false)
	run.Attack.Title, run.Attack.Story, run.Verdict.Reason, run.Profile = evil, evil, evil, evil
	s := newStage("T-01", evil)
	s.exchange("mallory", "fhir", get("https://fhir.thiefbox.test/"+evil, "Authorization", "Bearer "+evil), 200, evil)
	run.Recording.Events = append(run.Recording.Events, s.log.Events()...)
	a := testApp(t, 120, 36)
	a.openRun(run, []string{evil})
	for _, keys := range [][]string{{"G"}, {"tab"}, {"tab"}, {"enter"}, {"G"}, {"tab"}, {"tab"}, {"v"}, {"tab"}, {"e"}} {
		press(t, a, keys...)
		for _, size := range [][2]int{{120, 36}, {80, 24}, {60, 16}} {
			feed(t, a, tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			checkFrame(t, a, a.View())
		}
	}
	a.compare = newCompareScreen([]report.Run{run, stolenToken("fapi2-dpop", true)}, 0)
	a.open(a.compare)
	press(t, a, "G")
	checkFrame(t, a, a.View())
}

func FuzzClean(f *testing.F) {
	f.Add("plain")
	f.Add("\x1b[31m\u202e\xff世")
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range []int{1, 2, 3, 10, 40} {
			for _, l := range append(wrap(s, w), fold(s, w)...) {
				if width(l) > max(w, 2) {
					t.Errorf("%d cells: %q is %d wide", w, l, width(l))
				}
			}
			if got := width(fit(clean(s), w)); got != w {
				t.Errorf("expected %d cells, got %d for %q", w, got, s)
			}
		}
	})
}
