package worth

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/verdict"
)

// Estimates lie about the exact values, as far off as they say they may be. The slack is for a test that draws
// hundreds of worlds: one in twenty 95% intervals misses, and hardly any by twice its width.
func TestSampleAgainstExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, all := genToy(t), subset(1<<toyControls-1)
		m, _ := Explore(t.Context(), NewBook(w.run, "toy", control.Profile{}, nil), control.Set{}, all, Budget)
		exact := map[*control.Control]float64{}
		for _, s := range m.Shares() {
			exact[s.Control] = s.Value
		}
		s, err := SampleShares(t.Context(), NewBook(w.run, "toy", control.Profile{}, nil), control.Set{}, all, Orders, dice.New(7))
		if err != nil || s.Orders != Orders {
			t.Fatal(s, err)
		}
		sum := 0.0
		for _, x := range s.Shares {
			if math.Abs(x.Value-exact[x.Control]) > 2.5*x.Error+0.02 {
				t.Fatalf("%s: expected %.3f, got %.3f, error %.3f", x.Control, exact[x.Control], x.Value, x.Error)
			}
			sum += x.Value
			delete(exact, x.Control)
		}
		for c, v := range exact {
			if math.Abs(v) > 0.05 {
				t.Fatalf("%s was never drawn to matter, and its share is %.3f", c, v)
			}
		}
		whole, _ := w.run(t.Context(), "", control.Profile{Controls: all})
		if want := map[bool]float64{true: 1}[whole.Verdict.Outcome == verdict.Held]; math.Abs(sum-want) > 1e-9 {
			t.Fatalf("expected the estimates to add up to %v, as the values do, got %v", want, sum)
		}
	})
}

// The same seed gives the same estimate, whether or not anything was known before; and it can be interrupted.
func TestSampleRepeats(t *testing.T) {
	w := toy{{control.All()[0], "challenge", 1}, {control.All()[1], "refuse", 0}, {control.All()[2], "refuse", 0}}
	first := NewBook(w.run, "toy", control.Profile{}, nil)
	a, err := SampleShares(t.Context(), first, control.Set{}, subset(7), 50, dice.New(1))
	if err != nil {
		t.Fatal(err)
	}
	again := NewBook(nil, "toy", control.Profile{}, first.Answers) // nobody to ask
	b, err := SampleShares(t.Context(), again, control.Set{}, subset(7), 50, dice.New(1))
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("expected %v again, got %v, %v", a, b, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := SampleShares(ctx, first, control.Set{}, subset(7), 50, dice.New(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("expected to be interrupted, got %v", err)
	}
}

// A map that is cut short says what its shares are: estimates, with their error and how many orders stand behind them.
func TestIncompleteAblation(t *testing.T) {
	w := toy{{control.All()[0], "refuse", 0}, {control.All()[1], "refuse", 0}, {control.All()[2], "refuse", 0}}
	p := control.Profile{Controls: subset(7)}
	maps, _, err := Atlas{Run: w.run, Workers: 1, Budget: 2}.Maps(t.Context(), []string{"toy"}, p)
	if err != nil {
		t.Fatal(err)
	}
	a := Ablate(maps[0], p)
	if a.Outcome != verdict.Held || a.Complete || a.Orders != Orders || len(a.Shares) != 3 {
		t.Fatalf("expected three estimates, got %+v", a)
	}
	for _, s := range a.Shares {
		if math.Abs(s.Share-1.0/3) > 2.5*s.Error || s.Error == 0 || s.Error > 0.06 {
			t.Errorf("expected a third, got %+v", s)
		}
	}
	c := Across(p, maps, func(attack string) bool { return attack == "toy" })
	if len(c.Attacks) != 0 || len(c.Chains) != 1 || c.Controls[0].Share != 0 {
		t.Errorf("expected what consists of others to stand apart and not to count, got %+v", c)
	}
}

// Sixty controls that are asked and pass, and three that refuse: what passed does not matter to a larger set's answer.
// Walked upwards, each order would ask anew at each of the sixty.
func TestSampleNeedsFewRuns(t *testing.T) {
	all := control.All()
	var w toy
	var on control.Set
	for i, c := range all[:63] {
		kind := "pass"
		if i%21 == 20 {
			kind = "refuse"
		}
		w, on = append(w, toyStep{c, kind, 0}), on.With(c)
	}
	b := NewBook(w.run, "toy", control.Profile{}, nil)
	s, err := SampleShares(t.Context(), b, control.Set{}, on, Orders, dice.New(1))
	if err != nil || len(s.Shares) != 3 {
		t.Fatalf("expected the three that refuse to share it, got %v, %v", s.Shares, err)
	}
	if b.Runs > 3*Orders {
		t.Errorf("expected some three runs an order at most, got %d for %d", b.Runs, Orders)
	}
}
