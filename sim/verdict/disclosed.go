package verdict

import "thiefbox/sim/event"

// Disclosed is the fact that the authorization server explained to the thief a credential that is
// neither his nor meant for an API of his, or told him who is behind it.
const Disclosed FactKind = "disclosed"

// disclosed looks at what introspection and userinfo told the thief: whose token it is, what it is for,
// whether it works, who the person is. He needs no canary to put that to use.
func (c *casefile) disclosed() []Fact {
	var facts []Fact
	for _, i := range c.done {
		b, ok := c.events[i].Body.(event.Disclosed)
		if !ok || !c.sentByThief(i) || c.isHis(b.Owner) || c.anyIsHis(b.Audience) {
			continue
		}
		text := c.thief() + " was told what " + article(b.Type) + " of " + b.Owner + " is good for"
		if b.Type == "identity" {
			text = c.thief() + " was told who is behind a token of " + b.Owner
		}
		facts = append(facts, Fact{Kind: Disclosed, Event: c.events[i].N, Text: text})
	}
	return facts
}

func (c *casefile) anyIsHis(audience []string) bool {
	for _, a := range audience {
		if c.isHis(a) {
			return true
		}
	}
	return false
}
