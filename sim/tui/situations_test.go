package tui

import (
	"path/filepath"
	"testing"

	"thiefbox/sim/drill"
)

// situations are those of the drill, the lessons and the rollout of which a picture is kept.
var situations = []struct {
	name string
	open func(t *testing.T, w, h int) *app
	keys []string
}{
	{"drill-brief", drillOf, nil},
	{"drill-inbox", drillOf, []string{"esc", "n"}},
	{"drill-evidence", drillOf, []string{"esc", "tab", "x", "j"}},
	{"drill-explanations", drillOf, []string{"esc", "tab", "tab", "j"}},
	{"drill-own-words", drillOf, []string{"esc", "a", "t", "h", "e", " ", "s", "u", "p", "p", "l", "i", "e", "r"}},
	{"drill-form", drillOf, []string{"esc", "tab", "tab", "tab", "enter"}},
	{"drill-preview", drillOf, []string{"esc", "tab", "tab", "tab", "enter", "enter"}},
	{"drill-clocks", drillOf, []string{"esc", "tab", "tab", "tab", "tab"}},
	{"drill-truth", facilitatorsDrill, []string{"esc", "shift+tab"}},
	{"drill-desk", deskOf, nil},
	{"drill-score", drillOf, []string{"esc", "w", "w", "$"}},
	{"lessons", lessonsOf, nil},
	{"lessons-trainer", lessonsOf, []string{"e"}},
	{"lesson-predict", lessonsOf, []string{"enter", "enter", "i"}},
	{"lesson-look", lessonsOf, []string{"enter", "enter", "enter", "enter"}},
	{"lesson-again", lessonsOf, []string{"enter", "enter", "enter", "enter", "enter", "enter"}},
	{"rollout", rolloutOf, nil},
	{"rollout-set", rolloutOf, []string{"tab", "j", "j", "j", "l"}},
	{"rollout-clients", rolloutOf, []string{"tab", "G", "enter", "a", ".", "c", "s", "v"}},
	{"rollout-moves", rolloutOf, []string{"k", "tab", "tab"}},
	{"rollout-trade", rolloutOf, []string{"tab", "tab", "tab"}},
}

func drillOf(t *testing.T, w, h int) *app {
	a, _ := atDrill(t, w, h)
	return a
}

func facilitatorsDrill(t *testing.T, w, h int) *app {
	a := drillOf(t, w, h)
	a.drill.sight.Guide = &drill.Guide{Truth: "The gateway asks for no proof.", Prompts: []string{"What is odd about the requests that succeed?"}}
	a.drill.sight.Coming = []drill.Message{{ID: "I4", From: "the gateway team", Text: "The rule is in."}}
	a.drill.sight.Truth = &drill.Truth{Records: 20, Success: 1, Tries: []drill.Try{{Attempt: drill.Attempt{Won: true, Technique: "D-01", API: "gateway", Reason: "mallory has the record of patient p15"}}}}
	a.drill.facil = true
	return a
}

func deskOf(t *testing.T, w, h int) *app {
	a, _ := atDesk(t, w, h)
	return a
}

func lessonsOf(t *testing.T, w, h int) *app {
	a, _ := withLessons(t, w, h)
	return a
}

func rolloutOf(t *testing.T, w, h int) *app { return atRollout(t, w, h) }

// Every situation at every size looks like its picture. `go test ./sim/tui -update` draws them anew.
func TestSituations(t *testing.T) {
	for _, size := range []struct{ w, h int }{{120, 36}, {80, 24}, {60, 16}} {
		for _, s := range situations {
			name := s.name + "-" + itoa(size.w) + "x" + itoa(size.h)
			t.Run(name, func(t *testing.T) {
				a := s.open(t, size.w, size.h)
				press(t, a, s.keys...)
				compareGolden(t, filepath.Join("testdata", name+".txt"), a.View())
				checkFrame(t, a, a.View())
			})
		}
	}
}
