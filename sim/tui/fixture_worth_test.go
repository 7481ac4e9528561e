package tui

import (
	"context"
	"errors"
	"fmt"

	"thiefbox/sim/clause"
	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
	"thiefbox/sim/worth"
)

// layered is an attack that two controls stop one behind the other, of which the profile has the first.
func layered(_ context.Context, _ string, p control.Profile) (worth.Answer, error) {
	var a worth.Answer
	for _, c := range []*control.Control{control.RSDPoPBinding, control.RSDPoPJTI} {
		if p.Controls.With(c) == p.Controls {
			a.Must = control.SetOf(c)
			a.Verdict = verdict.Verdict{Outcome: verdict.Held, StoppedBy: c.ID, Reason: "the FHIR API refused"}
			return a, nil
		}
		a.Off = a.Off.With(c)
	}
	a.Verdict, a.Records = verdict.Verdict{Outcome: verdict.Breached, Reason: "mallory learnt the record of p01"}, 1
	return a, nil
}

func fixtureAblation(ctx context.Context, attack, profile string) (worth.Map, control.Set, error) {
	if attack == "X-05" {
		return worth.Map{}, control.Set{}, fmt.Errorf("X-05 is not applicable under %s", profile)
	}
	maps, _, err := worth.Atlas{Run: layered, Workers: 1}.Maps(ctx, []string{attack}, control.Profile{})
	if err != nil {
		return worth.Map{}, control.Set{}, err
	}
	return maps[0], control.SetOf(control.RSDPoPBinding, control.RSScope), nil
}

func fixtureRisk(ctx context.Context, before, after string, wish RiskWish, _ func(int, int)) (worth.Risk, error) {
	m, own, err := fixtureAblation(ctx, "T-01", after)
	if err != nil {
		return worth.Risk{}, err
	}
	from := worth.Side{Profile: control.Profile{Name: before}, Maps: []worth.Map{m}}
	to := worth.Side{Profile: control.Profile{Name: after, Controls: own}, Maps: []worth.Map{m}}
	return worth.Compare(from, to, []worth.Theft{{Attack: "T-01"}}, worth.RiskOptions{Weights: wish.ByAttack, Concentration: 30, Draws: 100, Seed: 42}), nil
}

func fixtureCoverage(_ context.Context, profile string, _ func(int, int)) (worth.Coverage, error) {
	docs := []clause.Document{{ID: "RFC 9449", Title: "DPoP", Clauses: []clause.Clause{
		{ID: "RFC 9449 s4.3-12", Level: "must", Text: "at an API: for this token, by the key it is bound to"},
		{ID: "RFC 9449 s99", Level: "should", Text: "something nobody touches"},
		{ID: "RFC 9449 s6.1", Level: "must", Text: "cnf.jkt in the token", Wire: "done"},
		{ID: "RFC 9449 s98", Level: "must", Text: "no message shows it", Wire: "no"},
	}}}
	return worth.Cover(profile, docs, []worth.Cited{{Attack: "T-01", Refs: []string{"RFC 9449 s4.3-12"}}}, nil), nil
}

func fixtureReadWeights(file string) (RiskWish, error) {
	if file != "ours.yaml" {
		return RiskWish{}, errors.New("no file " + file)
	}
	return RiskWish{ByAttack: map[string]float64{"T-01": 3}, Concentration: 10, File: file}, nil
}
