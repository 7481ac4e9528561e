package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"thiefbox/sim/event"
)

// WriteCompare sets runs of one attack side by side: the verdicts, and how each profile answered each
// thing the thief tried.
func WriteCompare(w io.Writer, runs []Run, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	if len(runs) == 0 {
		p.line("Nothing to compare.")
		return p.err
	}
	a := runs[0].Attack
	p.entry("", 0, Clean(fmt.Sprintf("%s %s, under %s: the same people, thief and seed (%d).", a.ID, a.Title, list(profileNames(runs)), runs[0].Seed)))
	p.thiefHas(a)
	p.line("")
	width := 0
	for _, r := range runs {
		width = max(width, columns(r.Profile)+2)
	}
	for _, r := range runs {
		word := p.paint(Word(r.Verdict.Outcome), judgement(r.Verdict.Outcome, r.Expected))
		p.entry(Clean(r.Profile), width, word+". "+lesson(r.Verdict))
	}
	p.tries(runs, width)
	return p.err
}

func profileNames(runs []Run) []string {
	names := make([]string, len(runs))
	for i, r := range runs {
		names[i] = r.Profile
	}
	return names
}

// try is one thing the thief did in the attack, and the answer.
type try struct {
	label    string
	sentence string
	answer   string
}

// tries pairs what the thief sent with what came back, in order.
func tries(run Run) []try {
	var out []try
	at := map[int]int{} // exchange to its place in out
	c := castOf(run.Recording.Events)
	for _, s := range toldSteps(run, everyStep) {
		switch {
		case s.Phase != event.PhaseAttack || s.Minor:
		case s.Kind == StepRequest && c.isThief(s.From):
			at[s.Exchange] = len(out)
			out = append(out, try{label: s.Label, sentence: s.Sentence, answer: "no answer"})
		case s.Kind == StepResponse && c.isThief(s.To):
			if i, ok := at[s.Exchange]; ok {
				out[i].answer = strings.TrimSpace(s.Label + " " + s.Outcome)
				if s.Outcome == Stop {
					out[i].answer += " " + refusedBy(s.Rulings)
				}
			}
		}
	}
	return out
}

func refusedBy(rulings []event.Ruling) string {
	if r, ok := lastWith(rulings, outcomeRefused); ok {
		return r.Control
	}
	r, _ := lastWith(rulings, outcomeChallenged)
	return r.Control
}

// tries writes the n-th try of each run together while they are the same request; a defence can make
// the thief take another path.
func (p *page) tries(runs []Run, width int) {
	all := make([][]try, len(runs))
	longest := 0
	for i, r := range runs {
		all[i] = tries(r)
		longest = max(longest, len(all[i]))
	}
	for n := range longest {
		var labels []string
		for i := range runs {
			if n < len(all[i]) && !slices.Contains(labels, all[i][n].label) {
				labels = append(labels, all[i][n].label)
			}
		}
		p.line("")
		p.entry("", 0, fmt.Sprintf("try %d: %s", n+1, strings.Join(labels, " or ")))
		for i, r := range runs {
			answer := "nothing more to try"
			if n < len(all[i]) {
				answer = all[i][n].answer
				if len(labels) > 1 {
					answer += " to " + all[i][n].label
				}
			}
			p.entry(Clean(r.Profile), width, answer)
		}
	}
}
