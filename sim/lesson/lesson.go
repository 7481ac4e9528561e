// Package lesson is what a guided lesson is, and how far somebody has come in one: read, predict, run, look,
// harden, run again. A lesson is a file (scenarios/lessons) that a trainer can write. It names runs and says what
// happens in them; whether it does is seen when they are run, and a test plays every lesson to compare.
//
// Begin with Lesson; Session (session.go) is somebody taking one, and decides what comes next. The package runs
// nothing itself: it says which run is wanted and is given what came of it.
package lesson

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// Lesson is a lesson as its file says it.
type Lesson struct {
	Name    string   `yaml:"-" json:"name"` // of its file
	Title   string   `yaml:"title" json:"title"`
	Minutes int      `yaml:"minutes" json:"minutes"`
	After   []string `yaml:"after" json:"after,omitempty"` // lessons to take first
	Read    string   `yaml:"read" json:"read"`
	// Run is what the learner watches, and Predict what he is asked beforehand.
	Run     Run     `yaml:"run" json:"run"`
	Predict Predict `yaml:"predict" json:"predict"`
	Look    []Look  `yaml:"look" json:"look"`
	Harden  Harden  `yaml:"harden" json:"harden"`
	Learnt  string  `yaml:"learnt" json:"learnt"`
	Trainer Trainer `yaml:"trainer" json:"trainer"`
}

// Run is an attack under a profile, with some controls switched off. Happens is what the author says comes of it:
// "breached", "held", or "held by rs/dpop-jti".
type Run struct {
	Attack  string   `yaml:"attack" json:"attack"`
	Profile string   `yaml:"profile" json:"profile"`
	Without []string `yaml:"without" json:"without,omitempty"`
	Happens string   `yaml:"happens" json:"happens"`
}

// Command is what plays a run.
func (r Run) Command() string {
	line := "thiefbox run " + r.Attack + " --profile " + r.Profile
	if len(r.Without) > 0 {
		line += " --without " + strings.Join(r.Without, ",")
	}
	return line
}

// Runs are the one that is watched and those of the changes, in order.
func (l Lesson) Runs() []Run {
	out := []Run{l.Run}
	for _, c := range l.Harden.Choices {
		out = append(out, c.Run)
	}
	return out
}

// Predict is a question about what will happen.
type Predict struct {
	Ask     string   `yaml:"ask" json:"ask"`
	Answers []Answer `yaml:"answers" json:"answers"`
	Hints   []string `yaml:"hints" json:"hints"` // each says a little more
}

// Answer is one prediction. It is right if what happened is what it says under Says.
type Answer struct {
	Text string `yaml:"text" json:"text"`
	Says string `yaml:"says" json:"says"`
}

// Look is something to see in the run. Shows is how to tell that it is there: "refused rs/dpop-jti", "pass ...",
// "off ...", or a fact: "learnt", "acted", "crossed".
type Look struct {
	Text  string `yaml:"text" json:"text"`
	Shows string `yaml:"shows" json:"shows"`
}

// Harden is a choice of what to change.
type Harden struct {
	Ask     string   `yaml:"ask" json:"ask"`
	Choices []Choice `yaml:"choices" json:"choices"`
	Hints   []string `yaml:"hints" json:"hints"`
}

// Choice is one change, and the run that shows what it is worth.
type Choice struct {
	Text    string `yaml:"text" json:"text"`
	Run     Run    `yaml:"run" json:"run"`
	Because string `yaml:"because" json:"because"`
}

// Trainer is the page that only the trainer reads.
type Trainer struct {
	Aim       string     `yaml:"aim" json:"aim"`
	Minutes   int        `yaml:"minutes" json:"minutes"` // with the talk around it
	Questions []Question `yaml:"questions" json:"questions"`
}

// Question is something to ask a class, and a good answer.
type Question struct {
	Ask    string `yaml:"ask" json:"ask"`
	Answer string `yaml:"answer" json:"answer"`
}

// Parse reads a lesson's file. Unknown fields and missing parts are errors, with lines where YAML knows them.
func Parse(name string, data []byte) (Lesson, error) {
	var l Lesson
	if err := yaml.UnmarshalWithOptions(data, &l, yaml.Strict()); err != nil {
		return l, fmt.Errorf("lesson %s: %w", name, err)
	}
	l.Name = name
	for _, missing := range []struct {
		part string
		gone bool
	}{
		{"title", l.Title == ""}, {"read", l.Read == ""}, {"run", l.Run.Attack == "" || l.Run.Profile == ""},
		{"predict with two answers", l.Predict.Ask == "" || len(l.Predict.Answers) < 2}, {"look", len(l.Look) == 0},
		{"harden with two choices", l.Harden.Ask == "" || len(l.Harden.Choices) < 2}, {"learnt", l.Learnt == ""},
		{"hints for predict and harden", len(l.Predict.Hints) == 0 || len(l.Harden.Hints) == 0},
		{"trainer with aim, minutes and questions", l.Trainer.Aim == "" || l.Trainer.Minutes == 0 || len(l.Trainer.Questions) == 0},
	} {
		if missing.gone {
			return l, fmt.Errorf("lesson %s: expected %s, got none", name, missing.part)
		}
	}
	for i := range l.Harden.Choices {
		if r := &l.Harden.Choices[i].Run; r.Attack == "" { // the same attack again
			r.Attack = l.Run.Attack
		}
	}
	return l, nil
}

// Happened is what came of a run, as lessons say it.
func Happened(r report.Run) string {
	if r.Verdict.Outcome == verdict.Held && r.Verdict.StoppedBy != "" {
		return "held by " + r.Verdict.StoppedBy
	}
	return strings.ToLower(string(r.Verdict.Outcome))
}

// Agrees tells whether what was said is what happened. "held" agrees with any control.
func Agrees(said, happened string) bool {
	return said == happened || said == "held" && strings.HasPrefix(happened, "held")
}

// Seen tells whether something to look at is in a run.
func (l Look) Seen(r report.Run) bool {
	what, id, _ := strings.Cut(l.Shows, " ")
	for _, f := range r.Verdict.Facts {
		if id == "" && string(f.Kind) == what {
			return true
		}
	}
	for _, e := range r.Recording.Events {
		if b, ok := e.Body.(event.Ruling); ok && b.Control == id && b.Outcome == what {
			return true
		}
	}
	return false
}
