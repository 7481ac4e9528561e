package control

import (
	"maps"
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestSetAgainstModel does the same to a Set and to a map, and expects them to agree after every step.
func TestSetAgainstModel(t *testing.T) {
	some := rapid.SliceOfN(rapid.SampledFrom(All()), 0, 5)
	rapid.Check(t, func(t *rapid.T) {
		set, model := Set{}, map[*Control]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"with": func(t *rapid.T) {
				cs := some.Draw(t, "cs")
				set = set.With(cs...)
				for _, c := range cs {
					model[c] = true
				}
			},
			"without": func(t *rapid.T) {
				cs := some.Draw(t, "cs")
				set = set.Without(cs...)
				for _, c := range cs {
					delete(model, c)
				}
			},
			"union": func(t *rapid.T) {
				cs := some.Draw(t, "cs")
				set = SetOf(cs...).Union(set)
				for _, c := range cs {
					model[c] = true
				}
			},
			"": func(t *rapid.T) { agree(t, set, model) },
		})
	})
}

func agree(t *rapid.T, set Set, model map[*Control]bool) {
	var want []*Control
	for _, c := range All() {
		if model[c] {
			want = append(want, c)
		}
		if set.has(c) != model[c] {
			t.Fatalf("%s: expected %v, got %v", c, model[c], set.has(c))
		}
	}
	if got := set.Controls(); !slices.Equal(got, want) {
		t.Fatalf("expected %v, got %v", want, got)
	}
	if set.Len() != len(model) {
		t.Fatalf("expected %d controls, got %d", len(model), set.Len())
	}
	var ids []string
	for c := range maps.Keys(model) {
		ids = append(ids, c.ID)
	}
	sort.Strings(ids)
	if set.String() != strings.Join(ids, ",") {
		t.Fatalf("expected %v, got %s", ids, set)
	}
}

// Sets are values, so deriving one set from another leaves the other alone.
func TestSetsAreValues(t *testing.T) {
	s := SetOf(RSScope)
	_, _, _ = s.With(RSDPoPAth), s.Without(RSScope), s.Union(Everything())
	if s != SetOf(RSScope) {
		t.Errorf("expected rs/scope alone, got %s", s)
	}
}

func TestSetEnds(t *testing.T) {
	if (Set{}).Len() != 0 || (Set{}).String() != "" || len((Set{}).Controls()) != 0 {
		t.Error("expected the zero set to be empty")
	}
	if Everything().Len() != len(All()) || !slices.Equal(Everything().Controls(), All()) {
		t.Error("expected everything to be the catalogue")
	}
	if Everything().Without(All()...) != (Set{}) {
		t.Error("expected everything without everything to be empty")
	}
}
