package verdict

import "thiefbox/sim/event"

// Destroyed is the fact that a record of a patient who is none of the thief's is gone by his doing.
const Destroyed FactKind = "destroyed"

// destroyed: the API deleted a record at the thief's request and in his own name. In another's name it is
// acted, whosever record it was.
func (c *casefile) destroyed() []Fact {
	var facts []Fact
	for _, i := range c.done {
		b, ok := c.events[i].Body.(event.Written)
		if !ok || !b.Deleted || !c.sentByThief(i) || !c.isHis(b.Subject) || !c.isHis(b.Client) {
			continue
		}
		for _, patient := range b.Patients {
			if !c.mayRead(patient) {
				facts = append(facts, Fact{Kind: Destroyed, Event: c.events[i].N, Patient: patient,
					Text: c.thief() + " deleted a record of patient " + patient + ", who is none of his: " + b.Resource})
			}
		}
	}
	return facts
}
