package worth

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
)

// toy is a world in which a few controls are asked in turn: one that refuses ends it, one that asks to
// try again may have later ones left out, so that more controls are not always safer.
type toy []toyStep

type toyStep struct {
	control *control.Control
	kind    string // pass, refuse, challenge
	skip    int    // challenge: how many steps are left out then
}

func (w toy) run(_ context.Context, _ string, p control.Profile) (Answer, error) {
	var a Answer
	for i := 0; i < len(w); i++ {
		s := w[i]
		switch on := within(control.SetOf(s.control), p.Controls); {
		case !on:
			a.Off = a.Off.With(s.control)
		case s.kind == "refuse":
			a.Must = a.Must.With(s.control)
			a.Verdict = verdict.Verdict{Outcome: verdict.Held, StoppedBy: s.control.ID}
			return a, nil
		case s.kind == "challenge":
			a.Must = a.Must.With(s.control)
			i += s.skip
		}
	}
	a.Verdict.Outcome = verdict.Breached
	return a, nil
}

const toyControls = 7

func genToy(t *rapid.T) toy {
	var w toy
	for range rapid.IntRange(1, 12).Draw(t, "steps") {
		w = append(w, toyStep{
			control.All()[rapid.IntRange(0, toyControls-1).Draw(t, "control")],
			rapid.SampledFrom([]string{"pass", "refuse", "refuse", "challenge"}).Draw(t, "kind"),
			rapid.IntRange(0, 3).Draw(t, "skip"),
		})
	}
	return w
}

func subset(n int) control.Set {
	var s control.Set
	for i := range toyControls {
		if n>>i&1 == 1 {
			s = s.With(control.All()[i])
		}
	}
	return s
}

// Against all 2^n runs of a toy world, the map, the sets, the shares and the backfires are what they say.
func TestMapAgainstEveryRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := genToy(t)
		all := 1<<toyControls - 1
		m, err := Explore(t.Context(), NewBook(w.run, "toy", control.Profile{}, nil), control.Set{}, subset(all), Budget)
		if err != nil || m.Open > 0 {
			t.Fatal(err, m.Open)
		}
		held := make([]bool, all+1)
		for n := range held {
			want, _ := w.run(t.Context(), "", control.Profile{Controls: subset(n)})
			got, ok := m.At(subset(n))
			if !ok || got.Verdict.Outcome != want.Verdict.Outcome || got.Verdict.StoppedBy != want.Verdict.StoppedBy {
				t.Fatalf("under %s expected %+v, got %+v, %v", subset(n), want.Verdict, got.Verdict, ok)
			}
			held[n] = want.Verdict.Outcome == verdict.Held
		}
		checkSets(t, "stop", m.StopSets(), func(n int) bool { return held[n] })
		checkSets(t, "break", m.BreakSets(), func(n int) bool { return !held[all&^n] })
		checkShares(t, m, held)
		backfires := false
		for n := range held {
			for i := range toyControls {
				backfires = backfires || held[n] && !held[n|1<<i]
			}
		}
		if got := m.Backfires(); (len(got) > 0) != backfires {
			t.Fatalf("expected backfires: %v, got %v", backfires, got)
		}
	})
}

// checkSets compares with the minimal sets of a family, by brute force.
func checkSets(t *rapid.T, what string, got []control.Set, in func(int) bool) {
	want := map[control.Set]bool{}
	for n := range 1 << toyControls {
		minimal := in(n)
		for m := range n {
			minimal = minimal && (m&n != m || !in(m))
		}
		if minimal {
			want[subset(n)] = true
		}
	}
	for _, s := range got {
		if !want[s] {
			t.Fatalf("%s: %s is not one of the smallest sets", what, s)
		}
		delete(want, s)
	}
	if len(want) > 0 {
		t.Fatalf("%s: missing %v", what, want)
	}
}

// checkShares compares with the definition of the Shapley value.
func checkShares(t *rapid.T, m Map, held []bool) {
	got := map[*control.Control]float64{}
	for _, s := range m.Shares() {
		got[s.Control] = s.Value
	}
	value := map[bool]float64{true: 1}
	for i := range toyControls {
		want := 0.0
		for n := range held {
			if n>>i&1 == 0 {
				want += beta(bits.OnesCount(uint(n)), toyControls-1-bits.OnesCount(uint(n))) * (value[held[n|1<<i]] - value[held[n]])
			}
		}
		if c := control.All()[i]; math.Abs(got[c]-want) > 1e-9 {
			t.Fatalf("share of %s: expected %v, got %v", c, want, got[c])
		}
	}
}

// A part of a map is the map of the part.
func TestWithin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := genToy(t)
		lower := subset(rapid.IntRange(0, 1<<toyControls-1).Draw(t, "lower"))
		upper := lower.Union(subset(rapid.IntRange(0, 1<<toyControls-1).Draw(t, "upper")))
		m, _ := Explore(t.Context(), NewBook(w.run, "toy", control.Profile{}, nil), control.Set{}, subset(1<<toyControls-1), Budget)
		part := m.Within(lower, upper)
		for n := range 1 << toyControls {
			s := subset(n)
			if !within(lower, s) || !within(s, upper) {
				continue
			}
			want, _ := w.run(t.Context(), "", control.Profile{Controls: s})
			cells := 0
			for _, c := range part.Cells {
				if own := s.Minus(lower); within(c.On, own) && own.Minus(c.Off) == own {
					cells++
					if c.Answer.Verdict.Outcome != want.Verdict.Outcome {
						t.Fatalf("under %s expected %s, got %s", s, want.Verdict.Outcome, c.Answer.Verdict.Outcome)
					}
				}
			}
			if cells != 1 {
				t.Fatalf("expected %s in one cell, got %d", s, cells)
			}
		}
	})
}

func TestBudgetAndInterruption(t *testing.T) {
	w := toy{{control.All()[0], "refuse", 0}, {control.All()[1], "refuse", 0}, {control.All()[2], "refuse", 0}}
	b := NewBook(w.run, "toy", control.Profile{}, nil)
	m, err := Explore(t.Context(), b, control.Set{}, subset(7), 2)
	if err != nil || m.Open == 0 || b.Runs != 2 || len(m.Cells) != 2 {
		t.Errorf("expected a map that says it is incomplete after 2 runs, got %d open, %d runs, %v", m.Open, b.Runs, err)
	}
	again := NewBook(nil, "toy", control.Profile{}, b.Answers) // nobody to ask
	if n, err := Explore(t.Context(), again, control.Set{}, subset(7), 2); err != nil || !reflect.DeepEqual(n, m) {
		t.Errorf("expected the same map from what was known, got %v, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	atlas := Atlas{Run: w.run, Workers: 1, Progress: func(done, _ int) {
		if done == 2 {
			cancel()
		}
	}}
	maps, _, err := atlas.between(ctx, []string{"a", "b", "c", "d", "e"}, control.Profile{}, control.Set{}, subset(7))
	if !errors.Is(err, context.Canceled) || len(maps) < 2 || len(maps) > 3 || maps[0].Attack != "a" {
		t.Errorf("expected what was done before the interruption, got %d maps, %v", len(maps), err)
	}
}
