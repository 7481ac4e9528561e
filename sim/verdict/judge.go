// Package verdict is the judge: it reads the event log of a run and says what the thief ended up with.
//
// It imports nothing but the events, so it cannot hear what a technique claims for itself. Facts have
// a file each (learnt.go, acted.go, planted.go, disclosed.go,
// inferred.go, destroyed.go, crossed.go, hoarded.go): any fact makes a breach. Without one,
// stopped.go looks for the control that stopped the last thing the thief set going. If it finds none
// the run is void, and so is a run whose honest people were not served, or whose log is not whole: a
// world in which nothing works stops every attack, and must not pass for a safe one.
//
// All facts but one are about what is none of the thief's. Hoarded is about what is: each record he may open, and nobody's
// work takes so many in a minute. How many it takes, no log can tell; the scenario says it of the actor (event.Actor,
// Allowance), and where it says nothing there is no such fact.
//
// Begin with Judge; casefile.go is what it knows about a log.
package verdict

import (
	"slices"

	"thiefbox/sim/event"
)

// Judge reads a log from its first event to its last. It changes nothing, and equal logs get equal verdicts.
func Judge(events []event.Event) Verdict {
	c := open(events)
	if facts := c.facts(); len(facts) > 0 {
		return Verdict{Outcome: Breached, Facts: facts, Decisive: facts[0].Event, Reason: c.breach(facts)}
	}
	if why := c.unsound(); why != "" {
		return Verdict{Outcome: Void, Reason: why}
	}
	return c.stopped()
}

// facts lists what the thief achieved, in the order of the events that show it.
func (c *casefile) facts() []Fact {
	if len(c.thieves) == 0 {
		return nil
	}
	var facts []Fact
	facts = append(facts, c.learnt()...)
	facts = append(facts, c.acted()...)
	facts = append(facts, c.planted()...)
	facts = append(facts, c.disclosed()...)
	facts = append(facts, c.inferred()...)
	facts = append(facts, c.destroyed()...)
	facts = append(facts, c.crossed()...)
	facts = append(facts, c.hoarded()...)
	slices.SortStableFunc(facts, func(a, b Fact) int { return a.Event - b.Event })
	return facts
}

// unsound says why a log without facts proves nothing, or is empty.
func (c *casefile) unsound() string {
	switch {
	case c.broken != "":
		return "the log is not whole: " + c.broken
	case len(c.thieves) == 0:
		return "the log introduces no thief"
	case len(c.canaries) == 0:
		return "the log lists no records to protect, so a leak would not have been seen"
	case c.failed != nil:
		return "an honest journey failed (" + c.failed.Name + ": " + c.failed.Error + "), so it proves nothing that the thief failed as well"
	case c.attack < 0:
		return "there was no attack"
	case c.ended == nil:
		return "the run was cut short before the attack was over"
	case c.ended.Error != "":
		return "the technique could not even try: " + c.ended.Error
	}
	return ""
}
