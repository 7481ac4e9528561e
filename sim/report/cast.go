package report

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"thiefbox/sim/event"
)

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// cast knows who is who in a recording.
type cast struct {
	actors map[string]event.Actor
	thief  string
}

func castOf(events []event.Event) cast {
	c := cast{actors: map[string]event.Actor{}}
	for _, e := range events {
		if a, ok := e.Body.(event.Actor); ok {
			c.actors[a.ID] = a
			if a.Role == event.RoleThief {
				c.thief = a.ID
			}
		}
	}
	return c
}

// owns tells whether an identity at a server is one of the actor's own.
func (c cast) owns(actor, name string) bool { return slices.Contains(c.actors[actor].Names, name) }

// name is how a sentence calls an actor: people and the thief by their id, machines by what they are.
func (c cast) name(id string) string {
	id, _, _ = strings.Cut(id, "/") // the node does not matter to a reader
	a, known := c.actors[id]
	switch {
	case !known, a.Name == "", a.Role == event.RolePerson, a.Role == event.RoleThief:
		return id
	}
	return "the " + lower(a.Name)
}

// lower begins a description in the middle of a sentence: "Web EHR" becomes "web EHR", "FHIR API" stays.
func lower(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if second, _ := utf8.DecodeRuneInString(s[size:]); !unicode.IsLower(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

func (c cast) isThief(id string) bool { return c.thief != "" && id == c.thief }

// theThief is what to call him in a recording, "the thief" if it introduces nobody of that role.
func (c cast) theThief() string {
	if c.thief == "" {
		return "the thief"
	}
	return c.thief
}

// Actors returns those who take part in a recording, in the order in which they first do.
func Actors(rec event.Recording) []event.Actor {
	c := castOf(rec.Events)
	var order []event.Actor
	seen := map[string]bool{}
	enter := func(ids ...string) {
		for _, id := range ids {
			if id == "" || seen[id] {
				continue
			}
			seen[id] = true
			a, known := c.actors[id]
			if !known {
				a = event.Actor{ID: id, Name: id}
			}
			order = append(order, a)
		}
	}
	for _, e := range rec.Events {
		switch b := e.Body.(type) {
		case event.Request:
			enter(b.From, b.To)
		case event.Step:
			enter(b.Actor)
		case event.Lured:
			enter(c.thief, b.Victim)
		case event.Granted, event.Overheard:
			enter(c.thief)
		}
	}
	return order
}
