package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/drill"
)

// exercise stands in for a drill: it notes what it is told, and time passes in it.
type exercise struct {
	sight  drill.Sight
	said   []string
	closed bool
}

func newExercise() *exercise {
	return &exercise{sight: drill.Sight{
		View: drill.View{Title: "Ten minutes", Ends: time.Hour, Crew: make([]time.Duration, 1),
			Inbox:  []drill.Message{{At: time.Minute, ID: "I1", Channel: "phone", From: "a clinic", Text: "He read it from a list.", AnswerBy: time.Hour}},
			Duties: []drill.DutyView{{Obligation: drill.Obligation{ID: "authority", Within: 72 * time.Hour}, Due: 72 * time.Hour}}},
		ID: "TEN", Brief: "Somebody has called.", Suspects: []drill.Suspect{{ID: "key", Text: "a key was stolen", Percent: -1}, {ID: "downgrade", Text: "one API takes bound tokens as bearer tokens", Percent: 80, Evidence: []int{7}},
			{ID: "own1", Text: "the vendor's laptop", Percent: 0, Mark: "refuted", Own: true}},
		Actions: []drill.Action{{ID: "disable", Title: "let a client in no more", Lead: 2 * time.Minute}, {ID: "believe", Title: "say how likely it is"}, {ID: "suppose", Usage: "WORDS...", Title: "add an explanation of your own, in words"}, {ID: "link", Usage: "HYPOTHESIS EVIDENCE...", Title: "link lines of the logs to an explanation"}, {ID: "answer", Title: "answer"}},
		Logs: []drill.Evidence{{N: 7, Log: "gateway", Status: 200, Request: "GET /fhir/Patient/p01", Scheme: "Bearer"},
			{N: 9, Log: "server", Status: 401, Request: "POST /token \x1b[2J\u202e", Client: "ehr"}},
		Weights: drill.Weights{Records: 1},
	}}
}

func (e *exercise) Sight() drill.Sight { return e.sight }
func (e *exercise) Decide(line string) error {
	if e.said = append(e.said, line); line == "disable" {
		return nil
	}
	return errors.New("expected a client, got none")
}

func (e *exercise) Pass(span time.Duration) error {
	e.sight.Now += span
	e.sight.Over = e.sight.Now >= e.sight.Ends
	return nil
}
func (e *exercise) Wait(span time.Duration) error                    { return e.Pass(span) }
func (e *exercise) Next(_ context.Context, most time.Duration) error { return e.Pass(most) }
func (e *exercise) Preview(line string) (drill.Preview, error) {
	e.said = append(e.said, "try "+line)
	return drill.Preview{Who: []string{"ehr at records: broken"}}, nil
}
func (e *exercise) Judge(context.Context) (drill.Score, error) {
	return drill.Score{Skill: 42, Receipts: []drill.Receipt{{Term: "records", Amount: 20, Why: "D-01 at gateway"}}}, nil
}
func (e *exercise) Close() error { e.closed = true; return nil }

// atDrill is an app whose user has opened the drill from home.
func atDrill(t *testing.T, w, h int) (*app, *exercise) {
	t.Helper()
	a, ex := testApp(t, w, h), newExercise()
	a.src.OpenDrill = func(Drill) (Exercise, string, error) { return ex, "ten-1.tape", nil }
	press(t, a, "/", "n", "o", "t", "h", "i", "n", "g", "enter", "esc")
	feed(t, a, drillsMsg{drills: []Drill{{Name: "ten-minutes", Title: "Ten minutes", Length: time.Hour, Brief: "Somebody has called."}}})
	press(t, a, "j", "enter")
	if a.top().place() != placeDrill {
		t.Fatalf("expected the drill, got %s\n%s", placeName(a.top().place()), a.View())
	}
	return a, ex
}

// A newcomer opens the drill from home, reads the brief, starts the clock, and it runs as fast as it says.
func TestTheClockOfADrill(t *testing.T) {
	a, ex := atDrill(t, 120, 36)
	if !strings.Contains(a.View(), "Somebody has called.") {
		t.Errorf("expected the brief first\n%s", a.View())
	}
	press(t, a, "esc", " ")
	feed(t, a, tickMsg{})
	if want := 600 * time.Millisecond; ex.sight.Now != want {
		t.Errorf("expected %s at 6x in a frame, got %s", want, ex.sight.Now)
	}
	press(t, a, "?")
	if feed(t, a, tickMsg{}); ex.sight.Now != 600*time.Millisecond {
		t.Error("expected the clock to wait while something lies over the console")
	}
	press(t, a, "esc", "]", "]", "]", "]", "]", "]")
	for range 120 {
		feed(t, a, tickMsg{})
	}
	if !ex.sight.Over || a.drill.running || !strings.Contains(a.View(), "Skill 42") {
		t.Errorf("expected the drill to end with its score\n%s", a.View())
	}
}

// What breaks clients is shown before it is done, and esc does not do it.
func TestADecisionIsShownFirst(t *testing.T) {
	a, ex := atDrill(t, 120, 36)
	press(t, a, "esc", "tab", "tab", "tab", "enter", "enter")
	if !strings.Contains(a.View(), "ehr at records: broken") {
		t.Fatalf("expected whom it breaks\n%s", a.View())
	}
	if press(t, a, "esc"); !slices.Equal(ex.said, []string{"try disable"}) {
		t.Errorf("expected a try and nothing else, got %v", ex.said)
	}
	if press(t, a, "enter", "enter", "enter"); !slices.Contains(ex.said, "disable") {
		t.Errorf("expected the decision, got %v", ex.said)
	}
}

func TestEvidenceIsMarkedAndNarrowed(t *testing.T) {
	a, _ := atDrill(t, 80, 24)
	press(t, a, "esc", "/", "4", "0", "1", "enter", "x")
	if d := a.drill; len(d.evidence()) != 1 || !d.marked[9] || d.focus != paneEvidence {
		t.Errorf("expected one marked line, got %v", a.drill.marked)
	}
	if words := a.drill.markedWords(); !slices.Equal(words, []string{"e9"}) {
		t.Errorf("expected e9, got %v", words)
	}
}

// A player sees no count of stolen records; a facilitator sees everything.
func TestThePlayerIsNotToldTheTruth(t *testing.T) {
	a, _ := atDrill(t, 120, 36)
	press(t, a, "esc")
	if v := a.View(); !strings.Contains(v, "records unknown yet") || strings.Contains(v, "Truth") {
		t.Errorf("expected no truth for a player\n%s", v)
	}
	a.drill.sight.Truth, a.drill.sight.Guide = &drill.Truth{Tries: []drill.Try{{Attempt: drill.Attempt{Won: true, Technique: "D-01"}}}}, &drill.Guide{Truth: "the gateway"}
	press(t, a, "shift+tab")
	if v := a.View(); !strings.Contains(v, "the gateway") || !strings.Contains(v, "LEAK") {
		t.Errorf("expected the truth\n%s", v)
	}
}

func TestTheConsoleInAllSizes(t *testing.T) {
	a, _ := atDrill(t, 120, 36)
	a.drill.sight.Truth = &drill.Truth{}
	for _, keys := range [][]string{{"esc"}, {"tab"}, {"tab"}, {"tab"}, {"tab"}, {"tab"}, {"$"}, {"esc", "b"}, {"esc", "e"}} {
		press(t, a, keys...)
		for w := 20; w <= 200; w += 15 {
			for h := 5; h <= 60; h += 7 {
				a.resize(w, h)
				checkFrame(t, a, a.View())
			}
		}
		a.resize(120, 36)
	}
}

// Under Actions, x takes back what waits or is under way: without a question if it is one thing.
func TestADecisionIsTakenBack(t *testing.T) {
	a, ex := atDrill(t, 120, 36)
	ex.sight.Actions = append(ex.sight.Actions, drill.Action{ID: drill.Cancel, Usage: "DECISION", Title: "take it back"})
	a.drill.sight = ex.sight
	a.drill.focus = paneActions
	press(t, a, "esc") // of the brief
	if press(t, a, "x"); a.over != nil || !strings.Contains(a.note, "nothing waits") {
		t.Errorf("expected nothing to take back, got %q", a.note)
	}
	ex.sight.Done = []drill.Done{{Decision: drill.Decision{Do: "answer", Args: []string{"I1"}}, N: 3, Starts: time.Minute, Ends: 11 * time.Minute}}
	if a.drill.sight = ex.sight; !a.drill.answered("I1") || !strings.Contains(strings.Join(a.drill.decisions(200), ""), "waits for an operator until T+1m") {
		t.Errorf("expected it to wait, got %q", a.drill.decisions(200))
	}
	if press(t, a, "x", "enter", "enter"); !slices.Contains(ex.said, "cancel 3") {
		t.Errorf("expected it to be taken back, got %v", ex.said)
	}
	ex.sight.Done[0].Cancelled = true
	if a.drill.sight = ex.sight; a.drill.answered("I1") || !strings.Contains(strings.Join(a.drill.decisions(200), ""), "taken back") {
		t.Errorf("expected the message to want an answer again, got %q", a.drill.decisions(200))
	}
}
