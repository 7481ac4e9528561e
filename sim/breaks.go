package sim

import (
	"context"
	"slices"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/worth"
)

// Breaks plays the honest journeys of the cast under a profile, and again with each control that it
// lacks: who is refused, or cannot do its work, only then breaks by that control.
func Breaks(ctx context.Context, p control.Profile, seed uint64) (worth.Breakage, error) {
	o := Sharing(Options{Profile: p, Seed: seed})
	before, err := stumblers(ctx, o)
	if err != nil {
		return nil, err
	}
	out := worth.Breakage{}
	for _, c := range control.Everything().Minus(p.Controls).Controls() {
		o.Profile = p.With(c)
		after, err := stumblers(ctx, o)
		if err != nil {
			return nil, err
		}
		for _, who := range after {
			if !slices.Contains(before, who) {
				out[c.ID] = append(out[c.ID], who)
			}
		}
	}
	return out, nil
}

// stumblers are the clients whose requests are refused on an honest day, and the journeys that fail.
func stumblers(ctx context.Context, o Options) ([]string, error) {
	rec, err := Honest(ctx, o)
	if err != nil {
		return nil, err
	}
	actors, from, refused := map[string]event.Actor{}, map[int]string{}, map[int]bool{}
	var out []string
	add := func(who string) {
		if who != "" && !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	for _, e := range rec.Events {
		switch b := e.Body.(type) {
		case event.Actor:
			actors[b.ID] = b
		case event.Request:
			from[e.Exchange] = b.From
		case event.Ruling:
			refused[e.Exchange] = refused[e.Exchange] || b.Outcome == string(control.Refused)
		case event.Response: // a search that leaves out what is refused is served
			if a := actors[from[e.Exchange]]; a.Role == event.RoleClient && refused[e.Exchange] && b.Message.Status >= 400 {
				add(a.Name)
			}
		case event.Journey:
			if !b.OK {
				add(b.Name)
			}
		}
	}
	return out, nil
}
