package sim

import (
	"context"
	"fmt"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/verdict"
	"thiefbox/sim/worth"
)

// Worth returns the runner that sim/worth computes with: attacks of the registry, in memory, with one seed.
func Worth(seed uint64) worth.Runner { return worthOf(Sharing(Options{Seed: seed})) }

func worthOf(o Options) worth.Runner {
	techniques := map[string]attacker.Technique{}
	for _, t := range attacker.All() {
		techniques[t.ID] = t
	}
	return func(ctx context.Context, attack string, p control.Profile) (worth.Answer, error) {
		t, ok := techniques[attack]
		if !ok {
			return worth.Answer{}, fmt.Errorf("there is no attack %q", attack)
		}
		o := o
		o.Profile = p
		rec, err := Run(ctx, t, o)
		if err != nil {
			return worth.Answer{}, err
		}
		return Answer(rec.Events, verdict.Judge(rec.Events)), nil
	}
}

// Answer reads off a run for which other sets of controls it would have been the same run. Of the verdict it keeps
// everything but the facts: they are the bulk of it, and books keep answers by the thousand.
func Answer(events []event.Event, v verdict.Verdict) worth.Answer {
	must, off := map[string]bool{}, map[string]bool{}
	for _, e := range events {
		r, ok := e.Body.(event.Ruling)
		switch {
		case !ok || r.Outcome == string(control.Pass):
		case r.Outcome == string(control.Off):
			off[r.Control] = true
		default:
			must[r.Control] = true
		}
	}
	records := v.Records()
	v.Facts = nil
	return worth.Answer{Verdict: v, Must: setOf(must), Off: setOf(off), Records: records}
}

func setOf(ids map[string]bool) control.Set {
	var s control.Set
	for id := range ids {
		if c, err := control.Lookup(id); err == nil {
			s = s.With(c)
		}
	}
	return s
}
