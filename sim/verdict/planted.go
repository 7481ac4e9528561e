package verdict

import (
	"slices"

	"thiefbox/sim/event"
)

// planted: what the thief wrote stands in the record of a patient who is none of his. His mark shows it,
// whoever sent it in the end: an honest system that stores words it was handed plants them for him.
func (c *casefile) planted() []Fact {
	var facts []Fact
	for _, i := range c.done {
		b, ok := c.events[i].Body.(event.Written)
		if !ok || !c.underAttack(i) || !slices.ContainsFunc(b.Marks, func(mark string) bool { return c.isThief(c.marks[mark]) }) {
			continue
		}
		for _, patient := range b.Patients {
			if !c.mayRead(patient) {
				facts = append(facts, Fact{Kind: Planted, Event: c.events[i].N, Patient: patient,
					Text: c.thief() + " wrote into the record of patient " + patient + ", who is none of his: " + b.Resource})
			}
		}
	}
	return facts
}
