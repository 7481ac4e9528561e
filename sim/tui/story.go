package tui

import (
	"slices"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// story is a run made ready for the screens.
type story struct {
	run     report.Run
	without []string      // controls switched off for a what-if
	all     []report.Step // every step
	steps   []report.Step // without machinery, unless it was asked for
	cast    map[string]event.Actor
	order   []string // ids of actors by their part in the play: people, clients, servers, thief

	// whatIf is the same attack without the check that decided, once somebody asked.
	whatIf        *report.Run
	whatIfWithout []string
}

func newStory(r report.Run, without []string, machinery bool) *story {
	if without == nil {
		without = withoutOf(r)
	}
	s := &story{run: r, without: without, all: report.StepsOf(r), cast: map[string]event.Actor{}}
	for _, a := range report.Actors(r.Recording) {
		s.cast[a.ID] = a
		s.order = append(s.order, a.ID)
	}
	slices.SortStableFunc(s.order, func(a, b string) int { return part(s.cast[a].Role) - part(s.cast[b].Role) })
	s.show(machinery)
	return s
}

// show chooses whether metadata, keys and introspection are among the steps.
func (s *story) show(machinery bool) {
	s.steps = nil
	for _, step := range s.all {
		if machinery || !step.Minor {
			s.steps = append(s.steps, step)
		}
	}
}

// part orders the lanes: a request travels from left to right, and the thief stands at the far end.
func part(r event.Role) int {
	switch r {
	case event.RolePerson:
		return 0
	case event.RoleClient:
		return 1
	case event.RoleAuthorizationServer:
		return 2
	case event.RoleResourceServer:
		return 3
	case event.RoleThief:
		return 5
	}
	return 4
}

// name is the profile, and how a what-if departs from it.
func (s *story) name() string {
	return strings.Join(append([]string{s.profile()}, s.without...), departure)
}

// profile is the named profile that was departed from, if any was.
func (s *story) profile() string {
	name, _, _ := strings.Cut(s.run.Profile, departure)
	return name
}

// departure joins a profile's name and the controls that were taken from it, as recordings write it.
const departure = " without "

// withoutOf reads what was taken from a profile off its name.
func withoutOf(r report.Run) []string { return strings.Split(r.Profile, departure)[1:] }

// command prints the run without a screen.
func (s *story) command() string {
	if s.run.ID != "" {
		return "thiefbox replay " + s.run.ID
	}
	if s.run.Attack.ID == "" { // what a server saw
		return "thiefbox serve --plain"
	}
	c := runCommand(s.run.Attack.ID, s.profile(), s.run.Seed)
	if len(s.without) > 0 {
		c += " --without " + strings.Join(s.without, ",")
	}
	return c
}

// title is the attack in one line.
func (s *story) title() string {
	return strings.TrimSpace(s.run.Attack.ID + "  " + clean(s.run.Attack.Title))
}

// step is the i-th step, or the zero step before the first.
func (s *story) step(i int) report.Step {
	if i < 0 || i >= len(s.steps) {
		return report.Step{}
	}
	return s.steps[i]
}

// exchange is what became of the request a step belongs to.
func (s *story) exchange(step report.Step) (report.Exchange, bool) {
	if step.Exchange == 0 {
		return report.Exchange{}, false
	}
	return report.ExchangeOf(s.run.Recording, step.Exchange)
}

// tries counts the requests the thief has sent by step i; leaks, the steps at which he got something.
func (s *story) tries(i int) (tries, leaks, stops int) {
	for _, step := range s.steps[:max(0, min(i+1, len(s.steps)))] {
		if step.Kind == report.StepRequest && step.Phase == event.PhaseAttack && s.cast[step.From].Role == event.RoleThief {
			tries++
		}
		switch {
		case step.Outcome == wordLeak:
			leaks++
		case step.Outcome == wordStop && step.Thief:
			stops++
		}
	}
	return tries, leaks, stops
}

// decided tells whether the audience that has seen up to step i knows the verdict.
func (s *story) decided(i int) bool {
	return i >= len(s.steps)-1 || i >= 0 && s.run.Verdict.Decisive > 0 &&
		s.run.Verdict.Outcome == verdict.Breached && s.steps[i].Event >= s.run.Verdict.Decisive
}

// stopper is the control that decided, if one did.
func (s *story) stopper() (*control.Control, bool) {
	c, err := control.Lookup(s.run.Verdict.StoppedBy)
	return c, err == nil && s.run.Verdict.Outcome == verdict.Held
}

// decisive is the ruling that ended an exchange: the refusal, and its place among the rulings.
func decisive(rulings []event.Ruling) (event.Ruling, int) {
	for i, r := range rulings {
		if r.Outcome == string(control.Refused) || r.Outcome == string(control.Challenged) {
			return r, i
		}
	}
	return event.Ruling{}, -1
}

func controlTitle(id string) string {
	if c, err := control.Lookup(id); err == nil {
		return c.Title
	}
	return id
}
