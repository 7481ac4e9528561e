package sim

import (
	"context"
	"fmt"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// Peel plays a technique, switches off whatever stopped it, and plays it again until it wins: the
// layers are the defence in depth, computed. A void run ends the peel early; its verdict is then the
// last layer's.
func Peel(ctx context.Context, t attacker.Technique, o Options) (report.Peel, error) {
	if !Applies(t, o.Profile.Dialect) {
		return report.Peel{}, fmt.Errorf("%s is not applicable under %s: it needs %v", t.ID, o.Profile.Name, t.Against)
	}
	if o.stock == nil {
		o = Sharing(o)
	}
	p := report.Peel{Attack: Describe(t), Profile: o.Profile.Name, Seed: o.Seed}
	var removed []string
	for {
		run, err := Judged(ctx, t, o)
		if err != nil {
			return p, err
		}
		p.Layers = append(p.Layers, report.Layer{Verdict: run.Verdict, Removed: append([]string(nil), removed...)})
		if run.Verdict.Outcome != verdict.Held {
			return p, nil
		}
		c, err := control.Lookup(run.Verdict.StoppedBy)
		if err != nil {
			return p, err
		}
		removed = append(removed, c.ID)
		o.Profile = o.Profile.Without(c)
	}
}
