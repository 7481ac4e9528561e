// Package party is what every honest server and client has in common: a name, a policy, a clock,
// dice, and a way to tell what happened. It joins control, which decides, to event, which remembers.
package party

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"thiefbox/sim/clock"
	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/event"
)

// Party is one honest participant.
type Party struct {
	Name   string // its actor id, with the node if it has several: "as", "fhir/a"
	Policy *Policy
	Clock  *clock.Clock
	Dice   *dice.Dice
	Tell   func(context.Context, event.Body)
	// Rule is told what the guards decide, in place of Tell, by who hears of so many decisions that making an event
	// of each costs him; Ruling makes one when somebody reads it. nil for Tell.
	Rule func(context.Context, control.Decision)

	habits habits
}

// Policy holds the profile in force. It can be changed while the world runs.
type Policy struct {
	p atomic.Pointer[control.Profile]
}

// NewPolicy returns a policy that starts with p.
func NewPolicy(p control.Profile) *Policy {
	var policy Policy
	policy.Set(p)
	return &policy
}

// Set puts p in force from the next request on.
func (p *Policy) Set(profile control.Profile) { p.p.Store(&profile) }

// Profile is the profile in force.
func (p *Policy) Profile() control.Profile { return *p.p.Load() }

// Dialect is how the party speaks at present.
func (p *Party) Dialect() control.Dialect { return p.Policy.p.Load().Dialect }

// Enforce runs the guards over r and tells each ruling. It returns the *control.Refusal, or nil.
func Enforce[R any](ctx context.Context, p *Party, r *R, guards []control.Guard[R]) error {
	return enforce(ctx, p, p.Policy.p.Load(), r, guards)
}

// EnforceUnder is Enforce under a profile that holds for this request alone, such as that of a client
// which was put under a rule before the others.
func EnforceUnder[R any](ctx context.Context, p *Party, profile control.Profile, r *R, guards []control.Guard[R]) error {
	return enforce(ctx, p, &profile, r, guards)
}

func enforce[R any](ctx context.Context, p *Party, profile *control.Profile, r *R, guards []control.Guard[R]) error {
	if p.Rule != nil {
		return control.Enforce(profile, func(d control.Decision) { p.Rule(ctx, d) }, r, guards)
	}
	if len(guards) == 0 {
		return nil
	}
	rulings := p.habits.borrow(guards[0].Control, len(guards))
	defer rulings.giveBack()
	at := 0
	say := func(d control.Decision) {
		p.Tell(ctx, rulings.at(at, p.Name, d))
		at++
	}
	return control.Enforce(profile, say, r, guards)
}

// Ruling is the event that a party of this name made a decision.
func Ruling(name string, d control.Decision) event.Ruling {
	r := event.Ruling{Party: name, Control: d.Control.ID, Outcome: string(d.Outcome), Saw: d.Saw}
	if d.Refusal == nil {
		return r
	}
	r.Cause = d.Refusal.Cause.Error()
	var m *control.Mismatch
	if errors.As(d.Refusal.Cause, &m) {
		told := *m
		told.Fix = control.Advise(d.Control, m)
		r.What, r.Want, r.Got, r.Fix = m.What, m.Want, m.Got, told.Fix
		r.Cause = strings.Replace(r.Cause, m.Error(), told.Error(), 1)
	}
	return r
}
