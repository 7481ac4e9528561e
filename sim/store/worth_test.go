package store

import (
	"path/filepath"
	"reflect"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
	"thiefbox/sim/worth"
)

func TestAnswers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]worth.Answer{"T-01": {{
		Verdict: verdict.Verdict{Outcome: verdict.Held, StoppedBy: "rs/scope"}, Must: control.SetOf(control.RSScope), Off: control.SetOf(control.ASScope), Records: 2,
	}}}
	if got, err := s.Answers("one", "key"); got != nil || err != nil {
		t.Errorf("expected nothing of an empty history, got %v, %v", got, err)
	}
	if err := s.KeepAnswers("one", "key", want); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil { // what was written passes the inspection at the next opening
		t.Fatal(err)
	}
	if s, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := s.Answers("one", "key"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("expected %v, got %v, %v", want, got, err)
	}
	if err := s.KeepAnswers("two", "key", want); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Answers("one", "key"); got != nil || err != nil {
		t.Errorf("expected another program's answers to be forgotten, got %v, %v", got, err)
	}
}
