package worth

import (
	"slices"
	"testing"

	"thiefbox/sim/control"
)

func mapOf(t *testing.T, name string, w toy) Map {
	t.Helper()
	m, err := Explore(t.Context(), NewBook(w.run, name, control.Profile{}, nil), control.Set{}, control.Profile{}.Full().Controls, Budget)
	if err != nil {
		t.Fatal(err)
	}
	m.Attack = name
	return m
}

// The one that stops most goes first; of two that stop as many, the one that breaks nobody; and what
// nothing stops is left.
func TestOrder(t *testing.T) {
	c := control.Profile{}.Full().Controls.Controls()
	maps := []Map{
		mapOf(t, "one", toy{{c[2], "refuse", 0}}),
		mapOf(t, "two", toy{{c[2], "refuse", 0}, {c[1], "refuse", 0}}),
		mapOf(t, "three", toy{{c[3], "refuse", 0}}),
		mapOf(t, "four", toy{{c[4], "refuse", 0}}),
		mapOf(t, "none", toy{{c[5], "pass", 0}}),
	}
	r := Order(control.Profile{Name: "nothing"}, maps, Breakage{c[3].ID: {"Old supplier"}})
	var got []string
	for _, s := range r.Steps {
		got = append(got, s.Controls...)
	}
	if want := []string{c[2].ID, c[4].ID, c[3].ID}; !slices.Equal(got, want) {
		t.Errorf("expected %v, got %v", want, got)
	}
	if s := r.Steps[1]; s.Why != "it breaks fewer clients" || !slices.Equal(s.AsGood, []string{c[3].ID}) || s.Open != 2 {
		t.Errorf("expected the tie to be explained, got %+v", s)
	}
	if !slices.Equal(r.Left, []string{"none"}) || len(r.Open) != 5 {
		t.Errorf("expected one attack to be left of five, got %v of %v", r.Left, r.Open)
	}
}

// Two controls of which neither alone stops anything are found together.
func TestOrderFindsPairs(t *testing.T) {
	c := control.Profile{}.Full().Controls.Controls()
	// c0 sends the thief past c1, which would let him through to c2 only in that case.
	w := toy{{c[0], "challenge", 1}, {c[3], "challenge", 1}, {c[1], "refuse", 0}}
	m := mapOf(t, "pair", w)
	r := Order(control.Profile{}, []Map{m}, nil)
	if len(r.Steps) != 1 || len(r.Steps[0].Controls) != m.StopSets()[0].Len() || len(r.Left) != 0 {
		t.Errorf("expected one step that stops it, got %+v", r)
	}
}
