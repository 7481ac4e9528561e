package report

import (
	"fmt"
	"io"
	"strings"

	"thiefbox/sim/event"
)

// WriteRun tells a run as sentences: what the thief had, what he tried, what came of it, the verdict.
// Secrets are replaced by names, since what is printed ends up in tickets and build logs.
func WriteRun(w io.Writer, run Run, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	p.heading(run)
	if opt.Verbose && run.Attack.Story != "" {
		p.entry("", 0, Clean(run.Attack.Story))
	}
	p.thiefHas(run.Attack)
	p.entry("", 0, p.judged(run)+". "+lesson(run.Verdict))
	if !opt.Verbose {
		p.line("")
	}
	told := 0
	for _, s := range toldSteps(run, everyStep) {
		if opt.Verbose || worthTelling(s) {
			p.step(s)
			told++
		}
	}
	if told > 0 {
		p.line("")
	}
	p.verdict(run)
	return p.err
}

func (p *page) heading(run Run) {
	title := "an honest run"
	if run.Attack.ID != "" {
		title = strings.TrimSpace(run.Attack.ID + " " + run.Attack.Title)
	}
	p.entry("", 0, Sentence(Clean(fmt.Sprintf("%s, under %s.", title, run.Profile))))
}

// thiefHas says what an attack begins with.
func (p *page) thiefHas(a Attack) {
	if len(a.Needs) == 0 {
		return
	}
	needs := make([]string, len(a.Needs))
	for i, n := range a.Needs {
		needs[i] = short(n)
	}
	p.entry("", 0, Clean("The thief "+list(needs)+"."))
}

func (p *page) judged(run Run) string {
	return p.paint(Word(run.Verdict.Outcome), judgement(run.Verdict.Outcome, run.Expected))
}

// worthTelling leaves out what honest people did, and machinery, unless the thief gained by it.
func worthTelling(s Step) bool {
	if s.Outcome == Leak {
		return true
	}
	switch s.Kind {
	case StepGranted:
		return true
	case StepOverheard, StepLure, StepFault, StepSignedIn:
		return s.Phase != event.PhaseJourney
	case StepPhase, StepStory, StepJourney:
		return false
	}
	return s.Phase == event.PhaseAttack && !s.Minor
}

const stepColumn = 10

func (p *page) step(s Step) {
	if s.Kind == StepPhase {
		p.line("")
		p.entry("", 0, s.Sentence)
		return
	}
	sentence := s.Sentence
	if s.Outcome != "" {
		sentence += " [" + p.paint(s.Outcome, s.Outcome) + "]"
	}
	p.entry(fmt.Sprintf("step %d", s.Event), stepColumn, sentence)
	if p.opt.Verbose {
		p.rulings(s)
	}
}

func (p *page) rulings(s Step) {
	for _, r := range s.Rulings {
		text := fmt.Sprintf("%s %s: %s", r.Party, r.Outcome, demand(r.Control))
		if r.Saw != "" {
			text += ", saw " + cut(r.Saw, 60)
		}
		if r.Outcome == outcomeRefused || r.Outcome == outcomeChallenged {
			text += "; " + r.Cause
		}
		p.entry("", stepColumn+2, "- "+text)
	}
}

func (p *page) verdict(run Run) {
	p.entry("verdict", stepColumn, p.judged(run)+". "+Sentence(Clean(run.Verdict.Reason)))
	p.entry("repeat", stepColumn, fmt.Sprintf("seed %d, in %s.", run.Seed, wire(run.Wire)))
	if run.ID != "" {
		p.entry("kept", stepColumn, fmt.Sprintf("as %s: thiefbox replay %s", run.ID, run.ID))
	}
}

func wire(w string) string {
	if w == "tcp" {
		return "real sockets"
	}
	return "memory"
}

// Sentence begins with a capital and ends with a full stop.
func Sentence(s string) string {
	if s == "" {
		return ""
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	if i := strings.IndexAny(s, " /"); i > 0 && s[i] == '/' {
		return s // an id such as rs/dpop-htu keeps its case
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
