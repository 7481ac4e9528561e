package verdict

import "thiefbox/sim/event"

// acted: a server did something at the thief's request under a name that is not his. An API served a
// record he has no right to, or the authorization server cancelled a credential of somebody else's.
// What others are served while they handle a request of his is theirs.
func (c *casefile) acted() []Fact {
	var facts []Fact
	for _, i := range c.done {
		switch b := c.events[i].Body.(type) {
		case event.Access:
			if c.sentByThief(i) && (!c.isHis(b.Subject) || !c.isHis(b.Client)) {
				facts = c.served(facts, i, b)
			}
		case event.Written:
			if c.sentByThief(i) && (!c.isHis(b.Subject) || !c.isHis(b.Client)) {
				facts = c.changed(facts, i, b)
			}
		case event.Withdrawn:
			if c.sentByThief(i) && !c.isHis(b.Owner) {
				facts = append(facts, Fact{Kind: Acted, Event: c.events[i].N,
					Text: c.thief() + " had " + article(b.Type) + " of " + b.Owner + " cancelled"})
			}
		}
	}
	return facts
}

// changed: he wrote under another's name. Whose record it was does not matter: even his own would now say
// that somebody else wrote it.
func (c *casefile) changed(facts []Fact, i int, b event.Written) []Fact {
	f := Fact{Kind: Acted, Event: c.events[i].N, Text: c.thief() + " changed " + b.Resource + " in the name of " + b.Subject}
	if b.Subject != b.Client {
		f.Text += " by way of " + b.Client
	}
	if len(b.Patients) == 1 {
		f.Patient = b.Patients[0]
	}
	return append(facts, f)
}

func (c *casefile) served(facts []Fact, i int, b event.Access) []Fact {
	var others []string
	for _, p := range b.Patients {
		if !c.mayRead(p) {
			others = append(others, p)
		}
	}
	if len(others) == 0 {
		return facts
	}
	f := Fact{Kind: Acted, Event: c.events[i].N,
		Text: c.thief() + " was served " + b.Resource + " in the name of " + b.Subject + " by way of " + b.Client}
	if b.Subject == b.Client {
		f.Text = c.thief() + " was served " + b.Resource + " in the name of " + b.Client
	}
	if len(others) == 1 {
		f.Patient = others[0]
	}
	return append(facts, f)
}
