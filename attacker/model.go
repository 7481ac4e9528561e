package attacker

import (
	"slices"

	"thiefbox/sim/event"
)

// Class is an attacker of the FAPI 2.0 attacker model.
type Class string

// The classes that a technique can belong to. A4 of the model is kept there for information only, and
// A2 cannot do more than the others as long as TLS holds.
const (
	A1  Class = "A1"  // a web attacker: sites, accounts and clients of his own, links for others
	A1a Class = "A1a" // also runs an authorization server that the honest client uses
	A3a Class = "A3a" // also reads authorization requests in the browser
	A5  Class = "A5"  // also reads requests to an API after they were served
	// Outside is more than the model grants: keys, databases, messages held back, answers read.
	Outside Class = "outside"
)

// grants says which attacker has a foothold. Whatever is not here lies outside the model.
var grants = map[event.Vantage]Class{
	event.APILog: A5, event.APIProxy: A5, event.FrontRequest: A3a, event.RogueAS: A1a,
	event.ViewerLink: A1, // a site of his own
	event.LabServer:  A1, // an API of his own, at which his victims' clients call
}

// Classes are the attackers of the model who can do this: what Model says, or else what the foothold
// takes. One that takes things the model grants to different attackers has them all.
func (t Technique) Classes() []Class {
	if t.Model != nil {
		return t.Model
	}
	var out []Class
	add := func(c Class) {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	for _, v := range t.Needs {
		if c, ok := grants[v]; ok {
			add(c)
		} else {
			add(Outside)
		}
	}
	for _, asset := range t.Has {
		if asset == event.OwnClient || asset == event.OwnSystem {
			add(A1)
		} else {
			add(Outside)
		}
	}
	if slices.Contains(out, Outside) {
		return []Class{Outside}
	}
	if len(out) > 1 { // every other attacker can do what A1 can
		out = slices.DeleteFunc(out, func(c Class) bool { return c == A1 })
	}
	if len(out) == 0 {
		return []Class{A1}
	}
	return out
}
