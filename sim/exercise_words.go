package sim

import (
	"fmt"
	"slices"

	"thiefbox/attacker"
	"thiefbox/sim/drill"
)

// DrillVocabulary is what a drill's file can name of the thief's: techniques, where he can listen, what he can have.
func DrillVocabulary() drill.Vocabulary {
	v := drill.Vocabulary{Needs: map[string][]string{}}
	for _, t := range attacker.All() {
		v.Techniques = append(v.Techniques, t.ID)
		for _, a := range t.Has {
			v.Assets = append(v.Assets, string(a))
			v.Needs[t.ID] = append(v.Needs[t.ID], string(a))
		}
		for _, place := range t.Needs {
			v.Needs[t.ID] = append(v.Needs[t.ID], string(place))
		}
	}
	for name := range vantages {
		v.Vantages = append(v.Vantages, string(name))
	}
	for _, all := range []*[]string{&v.Techniques, &v.Assets, &v.Vantages} {
		slices.Sort(*all)
		*all = slices.Compact(*all)
	}
	return v
}

// knows refuses a thief who would use what there is not.
func (x *Exercise) knows(th drill.Thief) error {
	for _, id := range th.Plan {
		if techniqueOf(id) == nil {
			return fmt.Errorf("expected a technique of the catalogue, got %q", id)
		}
	}
	return nil
}
