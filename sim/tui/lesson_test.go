package tui

import (
	"context"
	"strings"
	"testing"

	"thiefbox/sim/lesson"
	"thiefbox/sim/report"
)

// withLessons is an app with one lesson, and what is kept of it.
func withLessons(t *testing.T, w, h int) (*app, map[string]lesson.Progress) {
	t.Helper()
	kept := map[string]lesson.Progress{}
	a := testApp(t, w, h)
	a.src.Lessons = Lessons{
		All: func() ([]lesson.Lesson, error) {
			return []lesson.Lesson{{Name: "1-token", Title: "What is it worth?", Minutes: 6, Read: "A token is a note.",
				Run:     lesson.Run{Attack: "T-01", Profile: "legacy", Happens: "breached"},
				Predict: lesson.Predict{Ask: "What happens?", Answers: []lesson.Answer{{Text: "he gets it", Says: "breached"}, {Text: "he does not", Says: "held"}}, Hints: []string{"who asks?"}},
				Look:    []lesson.Look{{Text: "the record", Shows: "learnt"}},
				Harden: lesson.Harden{Ask: "What helps?", Choices: []lesson.Choice{{Text: "advice", Run: lesson.Run{Attack: "T-01", Profile: "bcp", Happens: "breached"}},
					{Text: "a key", Run: lesson.Run{Attack: "T-01", Profile: "fapi2-dpop", Happens: "held by rs/dpop-binding"}, Because: "it is bound"}}},
				Learnt: "It is cash.", Trainer: lesson.Trainer{Aim: "to know", Questions: []lesson.Question{{Ask: "why?", Answer: "because"}}}}}, nil
		},
		Progress: func() (map[string]lesson.Progress, error) { return kept, nil },
		Keep:     func(name string, p lesson.Progress) error { kept[name] = p; return nil },
		Run: func(ctx context.Context, r lesson.Run) (report.Run, error) {
			return a.src.Run(ctx, r.Attack, r.Profile, r.Without)
		},
	}
	settle(t, a, a.open(a.lessons))
	return a, kept
}

// From reading to done: the prediction is compared with the run, a change that does not help is tried and said
// so, one that does ends the lesson, and all of it is kept.
func TestALessonFromReadingToDone(t *testing.T) {
	a, kept := withLessons(t, 80, 24)
	see := func(want string) {
		t.Helper()
		if !strings.Contains(a.View(), want) {
			t.Fatalf("expected %q\n%s", want, a.View())
		}
	}
	see("A token is a note.")
	press(t, a, "enter", "enter", "i")
	see("Hint: who asks?")
	press(t, a, "j", "enter", "enter")
	see("That is not what happened")
	press(t, a, "w")
	if a.top().place() != placeRun {
		t.Fatalf("expected the run to open\n%s", a.View())
	}
	press(t, a, "esc", "enter", "enter")
	see("The thief still gets in")
	press(t, a, "enter", "j", "enter")
	see("it is bound")
	press(t, a, "enter")
	see("It is cash.")
	if p := kept["1-token"]; !p.Done || p.Right || len(p.Tries) != 2 || p.Hints != 1 {
		t.Errorf("expected the whole progress to be kept, got %+v", p)
	}
	press(t, a, "r")
	if p := kept["1-token"]; p.Done {
		t.Errorf("expected to begin anew, got %+v", p)
	}
}

func TestLessonsInAllSizes(t *testing.T) {
	a, _ := withLessons(t, 120, 36)
	for _, keys := range [][]string{nil, {"e"}, {"esc", "enter"}, {"enter", "i"}, {"enter", "enter"}, {"enter", "enter"}, {"enter", "j", "enter", "enter"}} {
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
