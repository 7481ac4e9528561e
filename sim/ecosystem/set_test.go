package ecosystem

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Every number that List names can be set by name, and nothing else changes with it.
func TestNumbersAreSetByName(t *testing.T) {
	p := Defaults()
	if len(p.Names()) != len(p.List()) {
		t.Fatalf("expected a name for each of %d numbers, got %d", len(p.List()), len(p.Names()))
	}
	for i, name := range p.Names() {
		if got := p.Get(name); got != p.List()[i].Value {
			t.Errorf("%s: expected %g, as the list has it, got %g", name, p.List()[i].Value, got)
		}
		q, err := p.With(name, 0.123)
		if err != nil || !slices.Equal(q.Changes(p), []string{name + "=0.123"}) {
			t.Errorf("%s: expected nothing else to change, got %v, %v", name, q.Changes(p), err)
		}
	}
	if len(p.Changes(Defaults())) != 0 {
		t.Error("expected a change to be made to a copy")
	}
	if _, err := p.With("speed", 1); err == nil {
		t.Error("expected a number there is not to be refused")
	}
}

// What a policy is written as is what is read.
func TestPoliciesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{Notify: rapid.Bool().Draw(t, "notify"), Ratchet: rapid.Bool().Draw(t, "ratchet"), Deadline: float64(rapid.IntRange(0, 400).Draw(t, "days"))}
		if rapid.Bool().Draw(t, "phased") {
			p.Deadline, p.Phased = 0, []float64{float64(rapid.IntRange(1, 30).Draw(t, "first")), 60.5}
		}
		got, err := ParsePolicy(p.Spec())
		if err != nil || !reflect.DeepEqual(got, Own(p)) {
			t.Fatalf("expected %+v, got %+v, %v", Own(p), got, err)
		}
	})
	for _, wrong := range []string{"", "tomorrow", "-3", "30//60", "NaN", "1e9"} {
		if _, err := ParsePolicy(wrong); err == nil {
			t.Errorf("expected %q to be refused", wrong)
		}
	}
}
