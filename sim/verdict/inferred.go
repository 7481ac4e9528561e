package verdict

import (
	"slices"

	"thiefbox/sim/event"
)

// Inferred is the fact that the thief was told, without being shown it, what stands in a record that is not
// his to read.
const Inferred FactKind = "inferred"

// inferred: an answer to the thief was decided by a record that is not his to read and is not in it: it was
// counted, or looked through. That the answer came out as it did is what he wanted to know. Each patient
// counts once, where first told of.
func (c *casefile) inferred() []Fact {
	var facts []Fact
	for _, i := range c.done {
		b, ok := c.events[i].Body.(event.Access)
		if !ok || len(b.Told) == 0 || !c.sentByThief(i) {
			continue
		}
		for _, patient := range b.Told {
			if c.mayRead(patient) || slices.ContainsFunc(facts, func(f Fact) bool { return f.Patient == patient }) {
				continue
			}
			facts = append(facts, Fact{Kind: Inferred, Event: c.events[i].N, Patient: patient,
				Text: c.thief() + " was told what stands in a record of patient " + patient + ", without being shown it"})
		}
	}
	return facts
}
