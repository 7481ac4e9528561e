package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"

	"thiefbox/attacker"
	"thiefbox/sim"
	"thiefbox/sim/clause"
	"thiefbox/sim/control"
	"thiefbox/sim/profile"
	"thiefbox/sim/report"
	"thiefbox/sim/tui"
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

func (a *app) screenRisk(ctx context.Context, before, after string, wish tui.RiskWish, progress func(done, total int)) (worth.Risk, error) {
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
	o.Weights, o.Concentration = wish.ByAttack, cmp.Or(wish.Concentration, o.Concentration)
	r, err := a.risk(ctx, b, p, o, progress)
	if wish.ByAttack != nil && wish.File == "" {
		r.Weighed = "as set here"
	}
	return r, err
}

func (a *app) readWeights(file string) (tui.RiskWish, error) {
	o, err := a.riskOptions(file)
	return tui.RiskWish{ByAttack: o.Weights, Concentration: o.Concentration, File: file}, err
}

// keepWeights writes weights beside where the user is, over no other file.
func keepWeights(w tui.RiskWish) (string, error) {
	kept := profile.Weights{ByAttack: w.ByAttack, Concentration: w.Concentration}
	if kept.ByAttack == nil { // all alike
		kept.ByAttack = map[string]float64{}
		for _, id := range ids(waysToSteal()) {
			kept.ByAttack[id] = 1
		}
	}
	var b bytes.Buffer
	if err := kept.Print(&b, ids(waysToSteal()), report.FamilyTitle); err != nil {
		return "", err
	}
	return keepFile(b.Bytes(), func(n int) string { return fmt.Sprintf("thiefbox-weights-%d.yaml", n) })
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
