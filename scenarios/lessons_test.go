package scenarios_test

import (
	"context"
	"slices"
	"testing"

	"thiefbox/attacker"
	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/lesson"
	"thiefbox/sim/report"
)

// Every lesson is played, each answer and each change: what its file says is what happens.
func TestLessonsSayWhatHappens(t *testing.T) {
	all, err := scenarios.Lessons()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 8 {
		t.Errorf("expected eight lessons, got %d", len(all))
	}
	var taken []string
	for _, l := range all {
		t.Run(l.Name, func(t *testing.T) {
			for _, before := range l.After {
				if !slices.Contains(taken, before) {
					t.Errorf("it comes after %s, which does not come before it", before)
				}
			}
			playLesson(t, l)
		})
		taken = append(taken, l.Name)
	}
}

func playLesson(t *testing.T, l lesson.Lesson) {
	run := runOf(t, l.Run)
	right := 0
	for _, a := range l.Predict.Answers {
		if lesson.Agrees(a.Says, lesson.Happened(run)) {
			right++
		}
	}
	if right != 1 {
		t.Errorf("expected one right answer to %q, got %d", l.Predict.Ask, right)
	}
	for _, look := range l.Look {
		if !look.Seen(run) {
			t.Errorf("%q is not in the run: %s", look.Text, look.Shows)
		}
	}
	held := false
	for _, c := range l.Harden.Choices {
		held = lesson.Agrees("held", lesson.Happened(runOf(t, c.Run))) || held
	}
	if !held {
		t.Error("expected a change that stops the thief")
	}
}

// runOf plays a run of a lesson and compares it with what the lesson says of it.
func runOf(t *testing.T, r lesson.Run) report.Run {
	t.Helper()
	technique := attacker.All()[slices.IndexFunc(attacker.All(), func(a attacker.Technique) bool { return a.ID == r.Attack })]
	profile, err := control.ProfileNamed(r.Profile)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range r.Without {
		c := control.All()[slices.IndexFunc(control.All(), func(c *control.Control) bool { return c.ID == id })]
		profile = profile.Without(c)
	}
	run, err := sim.Judged(context.Background(), technique, sim.Options{Profile: profile, Seed: 42})
	if err != nil {
		t.Fatal(err)
	}
	if got := lesson.Happened(run); got != r.Happens {
		t.Errorf("%s under %s: the lesson says %q, the run %q", r.Attack, r.Profile, r.Happens, got)
	}
	return run
}
