package lesson

import (
	"strings"
	"testing"

	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

func aLesson() Lesson {
	return Lesson{
		Name:    "one",
		Predict: Predict{Answers: []Answer{{"he gets in", "breached"}, {"he does not", "held"}}, Hints: []string{"think"}},
		Harden:  Harden{Choices: []Choice{{Text: "nothing", Run: Run{Profile: "bcp"}}, {Text: "bind it", Run: Run{Profile: "fapi2-dpop"}}}},
	}
}

func ended(o verdict.Outcome, by string) report.Run {
	return report.Run{Verdict: verdict.Verdict{Outcome: o, StoppedBy: by}}
}

// A lesson ends when a change stops the thief, not before; what was foreseen is remembered.
func TestASession(t *testing.T) {
	s := Take(aLesson(), Progress{})
	s.Next()
	if !s.Hint() || s.Hint() || len(s.Given()) != 1 {
		t.Error("expected one hint, and no more")
	}
	if s.Predict(7) == nil || s.Step != Predicting {
		t.Error("expected an answer that is not there to be refused")
	}
	if err := s.Predict(1); err != nil {
		t.Fatal(err)
	}
	s.Ran(ended(verdict.Breached, ""))
	if s.Right || !strings.Contains(s.Compared(), "not what happened: the thief got in") {
		t.Errorf("expected a wrong prediction, got %q", s.Compared())
	}
	s.Next()
	for i, outcome := range []verdict.Outcome{verdict.Breached, verdict.Held} {
		if _, err := s.Change(i); err != nil {
			t.Fatal(err)
		}
		s.RanAgain(ended(outcome, "rs/dpop-binding"))
		s.Next()
		if s.Done != (outcome == verdict.Held) {
			t.Errorf("after %s: done %v", outcome, s.Done)
		}
	}
	if s.Step != Finished || len(s.Tries) != 2 || s.Progress.Word() != "done" {
		t.Errorf("expected the end, got %s after %d tries", s.Step, len(s.Tries))
	}
	if s.Reset(); s.Done || s.Step != Reading || len(s.Tries) > 0 {
		t.Error("expected to begin anew")
	}
}

// A run is not kept with the progress, so whoever comes back to look at it runs it again.
func TestComingBack(t *testing.T) {
	for from, want := range map[Step]Step{Looking: Running, Again: Hardening, Predicting: Predicting, Step(99): Reading} {
		if got := Take(aLesson(), Progress{Step: from}).Step; got != want {
			t.Errorf("%d: expected %s, got %s", from, want, got)
		}
	}
}

func TestThePath(t *testing.T) {
	all := []Lesson{{Name: "a"}, {Name: "b", After: []string{"a"}}, {Name: "c", After: []string{"a"}}}
	done := map[string]Progress{}
	for _, want := range []string{"a", "b", "c", ""} {
		got := Path(all, done)
		if got != want {
			t.Errorf("expected %q next, got %q", want, got)
		}
		done[got] = Progress{Done: true}
	}
}

func TestALessonIsWhole(t *testing.T) {
	for text, want := range map[string]string{"title: x": "expected read", "titel: x": "titel", "\tx": "lesson"} {
		if _, err := Parse("x", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: expected %q, got %v", text, want, err)
		}
	}
	if !Agrees("held", "held by rs/x") || Agrees("held by rs/y", "held by rs/x") || Agrees("held", "breached") {
		t.Error("expected held to agree with any control, and a control with itself")
	}
}
