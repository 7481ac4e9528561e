package verdict

import (
	"strconv"

	"thiefbox/sim/event"
)

// stopped finds what stopped a thief who got nothing. It looks at what he set going in the attack,
// the last thing first, and takes the first that came to grief.
func (c *casefile) stopped() Verdict {
	outcomes := c.outcomes()
	for n := len(outcomes) - 1; n > 0; n-- {
		switch o := outcomes[n]; {
		case o.refused >= 0:
			return c.held(o.refused)
		case o.failed && o.endedBadly && o.challenged >= 0:
			return c.held(o.challenged)
		case o.failed:
			return Verdict{Outcome: Void, Decisive: c.events[o.error].N, Reason: c.accident(o.error)}
		}
	}
	return Verdict{Outcome: Void, Reason: "nothing refused " + c.thief() + ", and he got nothing"}
}

func (c *casefile) held(i int) Verdict {
	r := c.events[i].Body.(event.Ruling)
	return Verdict{Outcome: Held, StoppedBy: r.Control, Decisive: c.events[i].N, Reason: c.defence(r)}
}

// outcome is how a thing the thief set going came out, all that it caused included.
type outcome struct {
	refused    int // index of the last ruling that refused, -1 if none
	challenged int // index of the last ruling that asked to try again
	error      int // index of the last error answer that no later try made good
	failed     bool
	endedBadly bool // the last answer that counts was an error
}

// outcomes are the outcomes by root exchange; those of other exchanges stay empty.
func (c *casefile) outcomes() []outcome {
	all := make([]outcome, len(c.exchanges))
	for n := range all {
		all[n] = outcome{refused: -1, challenged: -1, error: -1}
	}
	for n := 1; n < len(c.exchanges); n++ {
		x := &c.exchanges[n]
		if x.tainted && c.underAttack(c.exchanges[x.root].opened) {
			c.add(&all[x.root], n)
		}
	}
	return all
}

func (c *casefile) add(o *outcome, n int) {
	x := &c.exchanges[n]
	bad := x.status >= 400
	if bad && c.overcome(n) {
		return
	}
	o.refused = max(o.refused, x.refused)
	o.challenged = max(o.challenged, x.challenged)
	if x.answered < 0 || !c.counts(x) {
		return
	}
	o.endedBadly = bad
	if bad {
		o.failed, o.error = true, x.answered
	}
}

// counts tells whether an exchange's own status says something about the thief. What an honest
// server was told while it was still at work shows in its own answer, or is of no consequence.
func (c *casefile) counts(x *exchange) bool {
	if x.cause <= 0 || x.cause >= len(c.exchanges) || c.isThief(x.from) {
		return true
	}
	parent := &c.exchanges[x.cause]
	atWork := parent.from != "" && (parent.answered < 0 || x.opened < parent.answered)
	return !atWork || c.isThief(parent.to)
}

// overcome tells whether the sender tried the same again in the same matter and got further: an
// honest client that renews its token, or whoever supplies the nonce it was asked for, was not stopped.
// What the thief does of his own accord are matters of their own, unless he was asked to try again.
func (c *casefile) overcome(n int) bool {
	x := &c.exchanges[n]
	if x.cause <= 0 && (x.refused >= 0 || x.challenged < 0) {
		return false
	}
	for m := n + 1; m < len(c.exchanges); m++ {
		y := &c.exchanges[m]
		if y.cause != x.cause || y.from != x.from || y.to != x.to || y.method != x.method || y.url != x.url || y.answered < 0 {
			continue
		}
		if y.status < 400 || x.refused < 0 && x.challenged >= 0 && y.refused < 0 && y.challenged < 0 {
			return true
		}
	}
	return false
}

// accident words an error that no control made.
func (c *casefile) accident(i int) string {
	x := c.at(i)
	return c.thief() + " got nothing because of an error that no control made: " + strconv.Itoa(x.status) + " to " +
		x.method + " " + path(x.url) + " at " + c.name(x.to)
}
