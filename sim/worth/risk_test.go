package worth

import (
	"context"
	"math"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/dice"
)

// The mean and the variance of the gamma distribution are both its shape.
func TestGamma(t *testing.T) {
	d := dice.New(1)
	for _, shape := range []float64{0.3, 1, 4.5} {
		const n = 40_000
		sum, squares := 0.0, 0.0
		for range n {
			x := gamma(d, shape)
			sum, squares = sum+x, squares+x*x
		}
		mean := sum / n
		if variance := squares/n - mean*mean; math.Abs(mean-shape) > 0.05*shape+0.01 || math.Abs(variance-shape) > 0.1*shape+0.02 {
			t.Errorf("shape %g: expected mean and variance to be the same, got %g and %g", shape, mean, variance)
		}
	}
}

// leaky is a toy in which whoever gets in learns from some records.
func leaky(w toy, records int) Runner {
	return func(ctx context.Context, attack string, p control.Profile) (Answer, error) {
		a, err := w.run(ctx, attack, p)
		if a.Verdict.StoppedBy == "" {
			a.Records = records
		}
		return a, err
	}
}

func sideOf(t *testing.T, p control.Profile, attacks map[string]Runner) Side {
	t.Helper()
	s := Side{Profile: p}
	for _, id := range []string{"a", "b", "c", "d"} {
		if r := attacks[id]; r != nil {
			maps, _, err := Atlas{Run: r}.Maps(t.Context(), []string{id}, p)
			if err != nil {
				t.Fatal(err)
			}
			s.Maps = append(s.Maps, maps...)
		}
	}
	return s
}

func TestCompare(t *testing.T) {
	c := control.Profile{}.Full().Controls.Controls()
	stop := leaky(toy{{c[0], "refuse", 0}}, 2)
	never := leaky(toy{{c[1], "pass", 0}}, 5)
	bare, full := control.Profile{Name: "bare"}, control.Profile{Name: "full", Controls: control.SetOf(c[0])}
	before := sideOf(t, bare, map[string]Runner{"a": stop, "b": never, "d": leaky(nil, 0)})
	after := sideOf(t, full, map[string]Runner{"a": stop, "b": never, "c": stop, "d": leaky(nil, 0)})
	thefts := []Theft{{"a", []string{"log"}}, {"b", []string{"key"}}, {"c", []string{"log", "proof"}}, {"d", nil}}
	r := Compare(before, after, thefts, RiskOptions{Weights: map[string]float64{"a": 1, "b": 1, "c": 2, "d": 9}, Concentration: 30, Draws: 4000, Seed: 1})
	if len(r.Vectors) != 3 { // d yields nothing anywhere
		t.Fatalf("expected three ways to steal, got %+v", r.Vectors)
	}
	if r.Before.Residual.Value != 1 || r.After.Residual.Value != 0.25 || r.Reduced.Value != 0.75 {
		t.Errorf("expected 100%% before and 25%% after, got %+v, %+v", r.Before.Residual, r.After.Residual)
	}
	if i := r.After.Residual; i.P5 >= 0.25 || i.P95 <= 0.25 || math.Abs(i.P50-0.25) > 0.05 || r.Before.Residual.P5 != 1 {
		t.Errorf("expected an interval around it, got %+v", i)
	}
	for _, v := range r.Vectors {
		if v.Attack == "c" && (v.Before.Instead != "a" || v.Before.Yield != 1) {
			t.Errorf("expected a thief with the same foothold to use a, got %+v", v.Before)
		}
	}
	if a := r.After.Adaptive; a.Attack != "b" || a.Records != 5 || a.Yield != 1 {
		t.Errorf("expected the best way that is left, got %+v", a)
	}
	if r.Defect.Control != c[0].ID || r.Defect.Residual != 1 {
		t.Errorf("expected the one control to be the one missed, got %+v", r.Defect)
	}
	again := Compare(before, after, thefts, RiskOptions{Concentration: 30, Draws: 10, Seed: 1})
	if again.Hash == r.Hash || again.Before.Residual.Value != 1 || len(r.Caveats) < 6 {
		t.Errorf("expected other weights to show in the hash, got %s and %s", again.Hash, r.Hash)
	}
}
