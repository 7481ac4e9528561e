package tui

import (
	"context"

	"thiefbox/sim/ecosystem"
)

// fixtureRollout is a small migration that is really played: equal seeds give equal pictures.
func fixtureRollout(ctx context.Context, wish RolloutWish) (Rollout, error) {
	s := ecosystem.Study{
		Params: wish.Params, APIs: 12, Suppliers: 30, Clients: 180, Clinics: 5000, Trials: 60, Horizon: 365, Seed: 42,
		Exposed: 1, Refused: true, Gap: true, Policies: append(ecosystem.Policies(), wish.Own),
	}
	out := Rollout{Study: s, Hash: "4e66d2c51df480c9", Measured: "a token of a client that has not moved opens a record.", Rules: []string{"A model, not a forecast.", "There is no mean."}}
	r, err := s.Play(ctx)
	if err != nil {
		return out, err
	}
	out.Policies = s.Summary(r)
	if wish.Moves {
		if out.Sensitivity, err = s.Sensitivity(ctx, s.Policies[0], 10); err != nil {
			return out, err
		}
	}
	out.Curves, err = s.Curves(ctx, []float64{0, 10, 20, 30, 45, 60, 90, 120, 150, 180}, s.Trials)
	return out, err
}
