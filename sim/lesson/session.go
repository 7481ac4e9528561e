package lesson

import (
	"fmt"

	"thiefbox/sim/report"
)

// Step is where somebody is in a lesson.
type Step int

// The steps, in order.
const (
	Reading Step = iota
	Predicting
	Running
	Looking
	Hardening
	Again
	Finished
)

func (s Step) String() string {
	return [...]string{"read", "predict", "run", "look", "harden", "run again", "done"}[s]
}

// Progress is how far somebody has come, as it is kept.
type Progress struct {
	Step      Step   `json:"step"`
	Predicted string `json:"predicted,omitempty"` // what the prediction said
	Happened  string `json:"happened,omitempty"`
	Right     bool   `json:"right"`
	Tries     []Try  `json:"tries,omitempty"` // hardenings, in order
	Hints     int    `json:"hints"`           // taken, in all
	Done      bool   `json:"done"`            // once finished, it stays so until it is reset
}

// Try is one change that was made, and what came of it.
type Try struct {
	Choice   int    `json:"choice"`
	Happened string `json:"happened"`
	Held     bool   `json:"held"`
}

// Session is somebody taking a lesson.
type Session struct {
	Lesson Lesson
	Progress
	why    []string // a wrong prediction, explained from the run
	hints  int      // shown at this step
	choice int      // under way
}

// Take goes on with a lesson where it was left. What has to be run anew, because a run is not kept with the
// progress, is run anew.
func Take(l Lesson, p Progress) *Session {
	if p.Step < Reading || p.Step > Finished {
		p.Step = Reading
	}
	switch p.Step {
	case Looking:
		p.Step = Running
	case Again:
		p.Step = Hardening
	}
	return &Session{Lesson: l, Progress: p}
}

// Next goes on from a step that only wants to be read.
func (s *Session) Next() {
	switch s.Step {
	case Reading, Looking:
		s.to(s.Step + 1)
	case Again:
		if !s.Tries[len(s.Tries)-1].Held { // another try
			s.to(Hardening)
			return
		}
		s.Done = true
		s.to(Finished)
	}
}

func (s *Session) to(step Step) { s.Step, s.hints = step, 0 }

// Predict notes what the learner thinks will happen.
func (s *Session) Predict(answer int) error {
	if answer < 0 || answer >= len(s.Lesson.Predict.Answers) {
		return fmt.Errorf("expected an answer from 1 to %d, got %d", len(s.Lesson.Predict.Answers), answer+1)
	}
	s.Predicted = s.Lesson.Predict.Answers[answer].Says
	s.to(Running)
	return nil
}

// Ran takes up the run of the lesson and compares it with what was predicted.
func (s *Session) Ran(r report.Run) {
	s.Happened = Happened(r)
	s.Right, s.why = Agrees(s.Predicted, s.Happened), Why(s.Predicted, r)
	s.to(Looking)
}

// Change notes what the learner changes, and says which run is wanted.
func (s *Session) Change(choice int) (Run, error) {
	if choice < 0 || choice >= len(s.Lesson.Harden.Choices) {
		return Run{}, fmt.Errorf("expected a choice from 1 to %d, got %d", len(s.Lesson.Harden.Choices), choice+1)
	}
	s.choice = choice
	return s.Lesson.Harden.Choices[choice].Run, nil
}

// RanAgain takes up the run after the change.
func (s *Session) RanAgain(r report.Run) {
	happened := Happened(r)
	s.Tries = append(s.Tries, Try{s.choice, happened, Agrees("held", happened)})
	s.to(Again)
}

// LastTry is the latest change; false before the first.
func (s *Session) LastTry() (Try, bool) {
	if len(s.Tries) == 0 {
		return Try{}, false
	}
	return s.Tries[len(s.Tries)-1], true
}

// Hint gives one more hint, if there is one at this step.
func (s *Session) Hint() bool {
	if s.hints >= len(s.all()) {
		return false
	}
	s.hints++
	s.Hints++
	return true
}

// Given are the hints given at this step.
func (s *Session) Given() []string { return s.all()[:s.hints] }

func (s *Session) all() []string {
	switch s.Step {
	case Predicting:
		return s.Lesson.Predict.Hints
	case Hardening:
		return s.Lesson.Harden.Hints
	}
	return nil
}

// Choices is how many there are to choose from at this step; 0 where there is nothing to choose.
func (s *Session) Choices() int {
	switch s.Step {
	case Predicting:
		return len(s.Lesson.Predict.Answers)
	case Hardening:
		return len(s.Lesson.Harden.Choices)
	}
	return 0
}

// Reset begins the lesson anew, as if it had never been taken.
func (s *Session) Reset() { *s = *Take(s.Lesson, Progress{}) }

// Path says which lesson to take next: the first that is not done and whose predecessors are. It is empty when
// all are done.
func Path(all []Lesson, progress map[string]Progress) string {
	for _, l := range all {
		ready := !progress[l.Name].Done
		for _, before := range l.After {
			ready = ready && progress[before].Done
		}
		if ready {
			return l.Name
		}
	}
	return ""
}

// Compared says what was predicted and what happened.
func (s *Session) Compared() string {
	said := "nothing"
	for _, a := range s.Lesson.Predict.Answers {
		if a.Says == s.Predicted {
			said = `"` + a.Text + `"`
		}
	}
	verdict := "That is not what happened"
	if s.Right {
		verdict = "That is what happened"
	}
	return "You said " + said + ". " + verdict + ": " + Plain(s.Happened) + "."
}

// Why is what ran, for whoever foresaw it wrongly; empty for a right prediction, and before the run.
func (s *Session) Why() []string { return s.why }

// Word is the progress in a word or two.
func (p Progress) Word() string {
	switch {
	case p.Done && p.Right:
		return "done, foreseen"
	case p.Done:
		return "done"
	case p.Step > Reading:
		return "at " + p.Step.String()
	}
	return "new"
}
