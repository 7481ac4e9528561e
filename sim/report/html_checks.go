package report

import (
	"fmt"
	"slices"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

// A page over the whole catalogue has tens of thousands of checks that passed, in a few hundred lists that
// come again and again: they are most of what there is to write down, and the least of what there is to
// read. So each list is written once, as a round of checks, and a step points to it. Checks that refused or
// asked to try again stand on their step, with what they saw.

// pageStep is a step of a telling as the page shows it.
type pageStep struct {
	Sentence string
	Outcome  string
	Loud     []event.Ruling // refused or challenged
	Quiet    []quietChecks
}

// quietChecks are the checks of a step that passed, or that were asked while off.
type quietChecks struct {
	Outcome  string
	Controls []string // a list too short to stand elsewhere
	Round    int      // or the round it is, from 1
	Count    int
}

// pageTelling is a telling with its steps made ready.
type pageTelling struct {
	Telling
	Steps []pageStep
}

// pageRound is a list of checks that steps point to.
type pageRound struct {
	Number   int
	Controls []string
}

// rounds collects the lists.
type rounds struct {
	numbers map[string]int
	all     []pageRound
	asked   map[string]bool // every control that a step names
}

// shortList is how many checks a step names itself.
const shortList = 3

func (r *rounds) telling(t Telling) pageTelling {
	out := pageTelling{Telling: t}
	for _, s := range t.Steps {
		step := pageStep{Sentence: s.Sentence, Outcome: s.Outcome}
		quiet := map[string][]string{}
		var order []string
		for _, ruling := range s.Rulings {
			r.asked[ruling.Control] = true
			if ruling.Outcome != string(control.Pass) && ruling.Outcome != string(control.Off) {
				step.Loud = append(step.Loud, ruling)
				continue
			}
			if !slices.Contains(order, ruling.Outcome) {
				order = append(order, ruling.Outcome)
			}
			quiet[ruling.Outcome] = append(quiet[ruling.Outcome], ruling.Control)
		}
		for _, outcome := range order {
			step.Quiet = append(step.Quiet, r.list(outcome, quiet[outcome]))
		}
		out.Steps = append(out.Steps, step)
	}
	return out
}

func (r *rounds) list(outcome string, controls []string) quietChecks {
	q := quietChecks{Outcome: outcome, Count: len(controls)}
	if len(controls) <= shortList {
		q.Controls = controls
		return q
	}
	key := strings.Join(controls, " ")
	if r.numbers[key] == 0 {
		r.all = append(r.all, pageRound{len(r.all) + 1, controls})
		r.numbers[key] = len(r.all)
	}
	q.Round = r.numbers[key]
	return q
}

// glossary is every control that a step or a round names, in the order of the catalogue.
func (r *rounds) glossary() (out []*control.Control) {
	for _, c := range control.All() {
		if r.asked[c.ID] {
			out = append(out, c)
		}
	}
	return out
}

// Words says how many checks these are and what came of them, where a round has their names.
func (q quietChecks) Words() string {
	if q.Outcome == string(control.Off) {
		return fmt.Sprintf("%s switched off", count(q.Count, "check"))
	}
	return fmt.Sprintf("%s passed", count(q.Count, "check"))
}

// sameAblations joins what several profiles have in common.
func sameAblations(all []pageAblation) (out []pageAblation) {
	key := func(a pageAblation) string { return fmt.Sprint(a.BreakSets, a.StopSets, a.Shares, a.Backfires) }
	for _, a := range all {
		i := slices.IndexFunc(out, func(o pageAblation) bool { return key(o) == key(a) })
		if i < 0 {
			out = append(out, a)
			continue
		}
		out[i].Profiles = append(out[i].Profiles, a.Profiles...)
	}
	return out
}
