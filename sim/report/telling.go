package report

import (
	"encoding/json"

	"thiefbox/sim/event"
	"thiefbox/sim/verdict"
)

// Telling is a run cut down to what a page shows of it: the thief's part, without secrets. It holds no
// recording, so that a page over thousands of runs fits into memory.
type Telling struct {
	Attack   string
	Profiles []string // under which it went the same way
	Verdict  verdict.Verdict
	Steps    []Step
	Lanes    []Lane // who takes part, in the order of appearance
	key      string
}

// Lane is an actor of a sequence diagram.
type Lane struct{ ID, Name string }

// Tell cuts a run down.
func Tell(run Run) Telling {
	t := Telling{Attack: run.Attack.ID, Profiles: []string{run.Profile}, Verdict: run.Verdict}
	cast := castOf(run.Recording.Events)
	seen := map[string]bool{}
	for _, s := range toldSteps(run, worthTelling) {
		if s.Kind == StepOverheard || s.Kind == StepGranted { // what reaches him from nowhere in particular
			s.From, s.To = "", ""
		}
		s.Label = cut(s.Label, 60)
		t.Steps = append(t.Steps, s)
		for _, id := range []string{s.From, s.To} {
			if id != "" && !seen[id] {
				seen[id] = true
				t.Lanes = append(t.Lanes, Lane{id, Clean(cast.name(id))})
			}
		}
	}
	t.key = t.story()
	return t
}

// story is what has to be the same for two runs to be told as one.
func (t Telling) story() string {
	var parts []any
	for _, s := range t.Steps {
		parts = append(parts, s.Kind, s.From, s.To, s.Label, s.Outcome, outcomes(s.Rulings))
	}
	b, _ := json.Marshal(append(parts, t.Verdict.Outcome, t.Verdict.StoppedBy)) // plain values: it cannot fail
	return string(b)
}

func outcomes(rulings []event.Ruling) (out []string) {
	for _, r := range rulings {
		out = append(out, r.Control+" "+r.Outcome)
	}
	return out
}

// Together joins tellings of one attack that went the same way under several profiles.
func Together(all []Telling) []Telling {
	var out []Telling
next:
	for _, t := range all {
		for i := range out {
			if out[i].Attack == t.Attack && out[i].key == t.key {
				out[i].Profiles = append(out[i].Profiles, t.Profiles...)
				continue next
			}
		}
		out = append(out, t)
	}
	return out
}
