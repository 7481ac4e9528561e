package worth

import (
	"slices"
	"testing"

	"thiefbox/sim/clause"
	"thiefbox/sim/control"
)

// A clause is touched by who cites it, and by the attacks that a citing control stops; an attacker of the
// model, by his attacks and by what stops them.
func TestCover(t *testing.T) {
	docs := []clause.Document{
		{ID: "RFC 9449", Clauses: []clause.Clause{{ID: "RFC 9449 s4.3-9"}, {ID: "RFC 9449 s99"}, {ID: "RFC 9449 s98", Wire: "no"}}},
		{ID: "AM", Clauses: []clause.Clause{{ID: "AM A5"}, {ID: "AM A1"}}},
	}
	maps := []Map{mapOf(t, "D-11", toy{{control.RSDPoPHTU, "refuse", 0}})}
	got := Cover("p", docs, []Cited{{"D-11", []string{"AM A5"}}, {"X-01", []string{"RFC 9449 s4.3-9", "AM A1a"}}}, maps)
	first := got.Documents[0].Clauses
	if !slices.Equal(first[0].Attacks, []string{"D-11", "X-01"}) || !slices.Contains(first[0].Controls, "rs/dpop-htu") {
		t.Errorf("expected what cites it and what shows it, got %+v", first[0])
	}
	if !first[1].Untouched() || first[2].Untouched() {
		t.Errorf("expected one untouched clause, and one that cannot be touched, got %+v", first[1:])
	}
	model := got.Documents[1].Clauses
	if !slices.Equal(model[0].Attacks, []string{"D-11"}) || !slices.Equal(model[0].Controls, []string{"rs/dpop-htu"}) || !model[1].Untouched() {
		t.Errorf("expected A5 with his attack and what stops it, got %+v", model)
	}
}
