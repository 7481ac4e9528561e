package worth

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
)

// Against every run of a toy world: the sets that a search finds where the map was cut short do what is said of them,
// and do it no more without any one of their controls. There is one wherever there is any.
func TestShrinkAgainstEveryRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, all := genToy(t), subset(1<<toyControls-1)
		b := NewBook(w.run, "toy", control.Profile{}, nil)
		m, _ := Explore(t.Context(), b, control.Set{}, all, rapid.IntRange(1, 4).Draw(t, "budget"))
		s, err := Shrink(t.Context(), b, m, all, ShrinkBudget)
		if err != nil || s.Unshrunk != 0 || s.Asked > ShrinkBudget {
			t.Fatal(s, err)
		}
		is := func(on control.Set) verdict.Outcome {
			a, _ := w.run(t.Context(), "", control.Profile{Controls: on})
			return a.Verdict.Outcome
		}
		for _, set := range s.Stops {
			if is(set) != verdict.Held {
				t.Fatalf("%s does not stop it", set)
			}
			for _, c := range set.Controls() {
				if is(set.Without(c)) == verdict.Held {
					t.Fatalf("%s stops it without %s too", set, c)
				}
			}
		}
		for _, set := range s.Breaks {
			if is(all.Minus(set)) != verdict.Breached {
				t.Fatalf("the loss of %s does not let it in", set)
			}
			for _, c := range set.Controls() {
				if is(all.Minus(set.Without(c))) == verdict.Breached {
					t.Fatalf("the loss of %s lets it in with %s too", set, c)
				}
			}
		}
		if is(all) == verdict.Held && (len(s.Stops) == 0 || is(control.Set{}) == verdict.Breached && len(s.Breaks) == 0) {
			t.Fatalf("expected to find a set of either kind, got %+v", s)
		}
	})
}

// When the questions are used up, what is found still does what is said of it, and it is said that it may be too large.
func TestShrinkIsBounded(t *testing.T) {
	c := control.All()
	w := toy{{c[0], "challenge", 1}, {c[1], "refuse", 0}, {c[2], "challenge", 1}, {c[3], "refuse", 0}, {c[4], "refuse", 0}, {c[5], "refuse", 0}}
	b := NewBook(w.run, "toy", control.Profile{}, nil)
	m, _ := Explore(t.Context(), b, control.Set{}, subset(1<<6-1), 1)
	s, err := Shrink(t.Context(), b, m, subset(1<<6-1), 6)
	if err != nil || s.Unshrunk == 0 || s.Asked > 6+2 {
		t.Errorf("expected sets that are not shrunk after 6 questions, got %+v, %v", s, err)
	}
	for _, set := range s.Stops {
		if a, _ := w.run(t.Context(), "", control.Profile{Controls: set}); a.Verdict.Outcome != verdict.Held {
			t.Errorf("%s does not stop it", set)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Shrink(ctx, b, m, subset(1<<6-1), 100); !errors.Is(err, context.Canceled) {
		t.Errorf("expected to be interrupted, got %v", err)
	}
}

// What was known before changes nothing, and an ablation shows what was searched for.
func TestShrunkAblation(t *testing.T) {
	c := control.All()
	w := toy{{c[0], "refuse", 0}, {c[1], "refuse", 0}, {c[2], "refuse", 0}}
	p := control.Profile{Controls: subset(7)}
	var known []Answer
	atlas := Atlas{Run: w.run, Workers: 1, Budget: 1, Keep: func(_ string, _ control.Dialect, all []Answer) { known = all }}
	maps, _, err := atlas.Maps(t.Context(), []string{"toy"}, p)
	if err != nil {
		t.Fatal(err)
	}
	a := Ablate(maps[0], p)
	want := [][]string{{c[0].ID}}
	if a.Complete || a.Questions != ShrinkBudget || !reflect.DeepEqual(a.StopSets, want) || !reflect.DeepEqual(a.BreakSets, [][]string{{c[0].ID, c[1].ID, c[2].ID}}) {
		t.Errorf("expected one set of each kind, got %+v", a)
	}
	atlas.Known = func(string, control.Dialect) []Answer { return known }
	again, runs, err := atlas.Maps(t.Context(), []string{"toy"}, p)
	if err != nil || runs != 0 || !reflect.DeepEqual(Ablate(again[0], p), a) {
		t.Errorf("expected the same from what was known, got %d runs and %v", runs, err)
	}
}
