package cli

import (
	"context"
	"fmt"

	"thiefbox/attacker"
	"thiefbox/sim"
	"thiefbox/sim/clause"
	"thiefbox/sim/control"
	"thiefbox/sim/worth"
)

func (a *app) screenAblate(ctx context.Context, attack, profile string) (worth.Map, control.Set, error) {
	t, err := findAttack(attack)
	if err != nil {
		return worth.Map{}, control.Set{}, err
	}
	p, err := oneProfile("profile", profile)
	if err != nil {
		return worth.Map{}, control.Set{}, err
	}
	if !sim.Applies(t, p.Dialect) {
		what, instead := pair{t, p}.notApplicable()
		return worth.Map{}, control.Set{}, fmt.Errorf("%s; %s", what, instead)
	}
	maps, _, err := a.maps(ctx, []attacker.Technique{t}, p, 0)
	if err != nil {
		return worth.Map{}, control.Set{}, err
	}
	return maps[0], p.Controls, nil
}

func (a *app) screenRisk(ctx context.Context, before, after string, progress func(done, total int)) (worth.Risk, error) {
	b, err := oneProfile("before", before)
	if err != nil {
		return worth.Risk{}, err
	}
	p, err := oneProfile("after", after)
	if err != nil {
		return worth.Risk{}, err
	}
	o, err := a.riskOptions("")
	if err != nil {
		return worth.Risk{}, err
	}
	return a.risk(ctx, b, p, o, progress)
}

func (a *app) screenCoverage(ctx context.Context, profile string, progress func(done, total int)) (worth.Coverage, error) {
	p, err := oneProfile("profile", profile)
	if err != nil {
		return worth.Coverage{}, err
	}
	docs, err := clause.Documents()
	if err != nil {
		return worth.Coverage{}, err
	}
	return a.coverage(ctx, docs, p, progress)
}
