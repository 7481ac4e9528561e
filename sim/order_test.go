package sim

import (
	"slices"
	"testing"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
	"thiefbox/sim/worth"
)

// What `order` promises is computed from runs under other sets of controls. So deploy as it says, step by step, and play
// for real: what a step stops got in before it and does not after; as many are open as it says; at the end those that it
// says no control stops get in, and no others; and nobody honest breaks whom it has not named.
func TestOrderKeepsItsPromise(t *testing.T) {
	if testing.Short() || Sampled > 1 {
		t.Skip("ablates every attack, and plays them all again")
	}
	for _, from := range []string{"bcp", "fapi2-mtls"} {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			p := profile(t, from)
			ids := orderable(p)
			maps, _, err := worth.Atlas{Run: Worth(seed), Seed: seed}.Maps(t.Context(), ids, p)
			if err != nil {
				t.Fatal(err)
			}
			breaks, err := Breaks(t.Context(), p, seed)
			if err != nil {
				t.Fatal(err)
			}
			keepsPromise(t, p, ids, worth.Order(p, maps, breaks))
		})
	}
}

func orderable(p control.Profile) (ids []string) {
	for _, a := range attacker.All() {
		if Applies(a, p.Dialect) && attacker.BlockOf(a.ID)[:2] != "CH" {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

func keepsPromise(t *testing.T, p control.Profile, ids []string, r worth.Rollout) {
	t.Helper()
	if len(r.Steps) < 3 {
		t.Errorf("expected a way to go, got %d steps", len(r.Steps))
	}
	open := played(t, p, ids)
	if !slices.Equal(open, r.Open) {
		t.Errorf("expected %v to get in at the beginning, got %v", r.Open, open)
	}
	named := map[string]bool{}
	for _, who := range stumble(t, p) {
		named[who] = true // was in trouble before
	}
	for i, step := range r.Steps {
		for _, id := range step.Controls {
			c, err := control.Lookup(id)
			if err != nil {
				t.Fatal(err)
			}
			p = p.With(c)
		}
		for _, who := range step.Breaks {
			named[who] = true
		}
		// Whatever neither is stopped nor let in is the same as before: playing all of it after the last step is enough.
		touched := append(slices.Clone(step.Stops), step.LetsIn...)
		if i == len(r.Steps)-1 {
			touched = ids
		}
		for _, id := range played(t, p, touched) {
			if slices.Contains(step.Stops, id) {
				t.Errorf("step %d, %v: it says that it stops %s, which gets in", i+1, step.Controls, id)
			}
		}
		open = slices.DeleteFunc(open, func(id string) bool { return slices.Contains(step.Stops, id) })
		if open = append(open, step.LetsIn...); len(open) != step.Open {
			t.Errorf("step %d, %v: expected %d to be open, counted %d", i+1, step.Controls, step.Open, len(open))
		}
		for _, who := range stumble(t, p) {
			if !named[who] {
				t.Errorf("step %d, %v: %s stumbles, and nothing said so", i+1, step.Controls, who)
			}
		}
	}
	if left := played(t, p, ids); !slices.Equal(left, r.Left) {
		t.Errorf("expected %v to be left in the end, got %v", r.Left, left)
	}
}

// played are those of the attacks that get in.
func played(t *testing.T, p control.Profile, ids []string) (breached []string) {
	t.Helper()
	var some []attacker.Technique
	for _, a := range attacker.All() {
		if slices.Contains(ids, a.ID) {
			some = append(some, a)
		}
	}
	m, err := Matrix(t.Context(), some, []control.Profile{p}, MatrixOptions{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	breached = []string{}
	for i, a := range some {
		if m.Cells[i][0].Verdict.Outcome == verdict.Breached {
			breached = append(breached, a.ID)
		}
	}
	return breached
}

func stumble(t *testing.T, p control.Profile) []string {
	t.Helper()
	who, err := stumblers(t.Context(), Options{Profile: p, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return who
}
