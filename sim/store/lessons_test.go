package store

import (
	"testing"

	"thiefbox/sim/lesson"
)

func TestLessonsAreKept(t *testing.T) {
	path := place(t)
	s := open(t, path, Options{})
	if all, err := s.Lessons(); err != nil || len(all) != 0 {
		t.Fatalf("expected no progress yet, got %v, %v", all, err)
	}
	want := lesson.Progress{Step: lesson.Hardening, Predicted: "held", Tries: []lesson.Try{{Choice: 1, Held: true}}}
	for _, p := range []lesson.Progress{{Done: true}, want} { // the latest counts
		if err := s.KeepLesson("1-a", p); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, Options{ReadOnly: true})
	all, err := s.Lessons()
	if err != nil || all["1-a"].Step != want.Step || len(all["1-a"].Tries) != 1 || all["1-a"].Done {
		t.Errorf("expected %+v, got %+v, %v", want, all, err)
	}
	_ = s.Close()
}
