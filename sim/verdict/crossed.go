package verdict

import "thiefbox/sim/event"

// crossed: in the attack, an honest client signed a browser in as somebody who is not its owner. It
// counts both ways: the thief in the doctor's session, and the doctor, unawares, in the thief's.
func (c *casefile) crossed() []Fact {
	var facts []Fact
	for _, i := range c.done {
		b, ok := c.events[i].Body.(event.SignedIn)
		if !ok || !c.underAttack(i) {
			continue
		}
		x := c.at(i)
		if x == nil || x.from == "" {
			continue // no browser, so nobody was mistaken for anybody
		}
		if owner := c.actors[x.from]; owner != nil && contains(owner.Names, b.Subject) {
			continue
		}
		facts = append(facts, Fact{Kind: Crossed, Event: c.events[i].N,
			Text: c.name(b.Client) + " took the browser of " + x.from + " for " + b.Subject})
	}
	return facts
}
