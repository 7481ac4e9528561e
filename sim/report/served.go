package report

import (
	"cmp"
	"maps"
	"slices"

	"thiefbox/sim/event"
)

// Exchanges are all exchanges that began among events, in order.
func Exchanges(events []event.Event) []*Exchange {
	all := exchanges(events)
	var out []*Exchange
	for _, n := range slices.Sorted(maps.Keys(all)) {
		if all[n].RequestEvent != 0 {
			out = append(out, all[n])
		}
	}
	return out
}

// Served makes what a server saw readable as a run is: with actors for those who called and those who answered.
// Nobody judges it.
func Served(issuer string, events []event.Event) Run {
	var rec event.Recording
	seen := map[string]bool{}
	names := map[string]string{"as": "Authorization server", "fhir": "FHIR API"}
	actor := func(id string, role event.Role) {
		if id != "" && !seen[id] {
			seen[id] = true
			rec.Events = append(rec.Events, event.Event{Body: event.Actor{ID: id, Name: cmp.Or(names[id], id), Role: role}})
		}
	}
	for _, e := range events {
		b, ok := e.Body.(event.Request)
		if !ok {
			continue
		}
		switch b.To {
		case "as":
			actor(b.To, event.RoleAuthorizationServer)
		default:
			actor(b.To, event.RoleResourceServer)
		}
	}
	for _, e := range events {
		if b, ok := e.Body.(event.Request); ok {
			actor(b.From, event.RoleClient)
		}
	}
	rec.Events = append(rec.Events, events...)
	return Run{Attack: Attack{Title: "Traffic of " + issuer}, Profile: issuer, Wire: "sockets", Recording: rec}
}
