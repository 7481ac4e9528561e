package tui

import (
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/drill"
)

// deskExercise is followed from a desk.
type deskExercise struct {
	*exercise
	held []bool
}

func (d *deskExercise) Hold(stop bool) error {
	d.held, d.sight.Held = append(d.held, stop), stop
	return nil
}

func atDesk(t *testing.T, w, h int) (*app, *deskExercise) {
	t.Helper()
	a, ex := testApp(t, w, h), &deskExercise{exercise: newExercise()}
	ex.sight.Truth, ex.sight.Guide = &drill.Truth{}, &drill.Guide{Truth: "the gateway"}
	ex.sight.Actions = append(ex.sight.Actions, drill.Action{ID: "inject", Facilitator: true})
	a.src.OpenDrill = func(Drill) (Exercise, string, error) { return ex, "team.tape", nil }
	feed(t, a, a.playDrill(Drill{Tape: "team.tape", Watch: true})())
	return a, ex
}

// At the desk the truth comes first, space holds the players' clock, i sends a message, and nothing else is decided.
func TestTheDesk(t *testing.T) {
	a, ex := atDesk(t, 120, 36)
	if v := a.View(); a.drill.focus != paneTruth || !strings.Contains(v, "the gateway") || !strings.Contains(v, "desk") {
		t.Errorf("expected the truth\n%s", v)
	}
	if press(t, a, "n"); a.note != errAtDesk.Error() || ex.sight.Now != 0 {
		t.Errorf("expected the players to move the clock, got %q", a.note)
	}
	if press(t, a, "w"); ex.sight.Now != a.drill.turn {
		t.Errorf("expected a turn to be sent, got %s", ex.sight.Now)
	}
	if press(t, a, "b"); a.over != nil {
		t.Error("expected no decision at the desk")
	}
	if press(t, a, " ", " "); !slices.Equal(ex.held, []bool{true, false}) {
		t.Errorf("expected the clock to be held and let go, got %v", ex.held)
	}
	if press(t, a, "i", "enter", "enter"); !slices.Contains(ex.said, "inject") {
		t.Errorf("expected a message to be sent, got %v", ex.said)
	}
	if !strings.Contains(a.drill.twin(), "drill watch") {
		t.Errorf("expected the command that follows it, got %s", a.drill.twin())
	}
}

// earExercise hears what a facilitator sends.
type earExercise struct {
	*exercise
	next func(*drill.Sight)
}

func (e *earExercise) Listen() (bool, error) {
	if e.next == nil {
		return false, nil
	}
	e.next(&e.sight)
	e.next = nil
	return true, nil
}

// What a facilitator sends reaches the players while their clock stands; one that she holds cannot be started.
func TestThePlayersHear(t *testing.T) {
	a, ex := testApp(t, 120, 36), &earExercise{exercise: newExercise()}
	asked := 0
	a.ear = func(*drillScreen) tea.Cmd { asked++; return nil }
	a.src.OpenDrill = func(Drill) (Exercise, string, error) { return ex, "team.tape", nil }
	feed(t, a, a.playDrill(Drill{Name: "ten-minutes"})())
	press(t, a, "esc", " ")
	ex.next = func(s *drill.Sight) {
		s.Held = true
		s.Inbox = append(s.Inbox, drill.Message{ID: "I9", Channel: "press", From: "a paper", Text: "Is it true?"})
	}
	feed(t, a, hearMsg{a.drill})
	if !strings.Contains(a.View(), "Is it true?") || a.drill.running || asked != 2 {
		t.Errorf("expected the message, and the clock to stand; asked %d times\n%s", asked, a.View())
	}
	if press(t, a, " "); a.drill.running {
		t.Error("expected a held clock not to start")
	}
	if press(t, a, "i"); a.over != nil || !strings.Contains(a.note, "facilitator") {
		t.Errorf("expected messages to be the facilitator's, got %q", a.note)
	}
}

// Each sees keys of its own: the desk those that move the players' clock and messages, and players none of hers.
func TestKeysOfADeskAndOfPlayers(t *testing.T) {
	a, _ := atDesk(t, 160, 36)
	if foot := a.footer(); strings.Contains(foot, "believe") || !strings.Contains(foot, "hold") || !strings.Contains(foot, "send") {
		t.Errorf("expected the keys of the desk, got %s", foot)
	}
	if press(t, a, "?"); strings.Contains(a.View(), "how likely") {
		t.Errorf("expected no key of the players' in the help\n%s", a.View())
	}
	b, _ := atDrill(t, 240, 36)
	if foot := b.footer(); !strings.Contains(foot, "believe") || strings.Contains(foot, "inject") {
		t.Errorf("expected the keys of players, got %s", foot)
	}
}
