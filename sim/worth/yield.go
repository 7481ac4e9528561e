package worth

import (
	"slices"

	"thiefbox/sim/control"
)

// yields says what the ways to steal yield under one dialect.
type yields struct {
	maps   map[string]Map
	aimed  map[string]int // records that an attack yields with no control on
	thefts []Theft
}

func newYields(s Side, thefts []Theft) yields {
	y := yields{maps: map[string]Map{}, aimed: map[string]int{}, thefts: thefts}
	for _, m := range s.Maps {
		y.maps[m.Attack] = m
		if a, ok := m.At(m.Lower); ok {
			y.aimed[m.Attack] = a.Records
		}
	}
	return y
}

// of is what a way to steal yields under a set of controls. Where the attack makes no sense, a thief
// with the same foothold uses the best of what does: a proof that need not be replayed, because tokens
// are good without one, has not made the place where he listens any safer.
func (y yields) of(t Theft, s control.Set) Outturn {
	if _, ok := y.maps[t.Attack]; ok {
		return y.direct(t.Attack, s)
	}
	best := Outturn{Instead: "none"}
	for _, other := range y.thefts {
		if _, ok := y.maps[other.Attack]; !ok || !covers(t.Foothold, other.Foothold) {
			continue
		}
		if out := y.direct(other.Attack, s); out.Yield > best.Yield {
			best = out
			best.Instead = other.Attack
		}
	}
	return best
}

func (y yields) direct(attack string, s control.Set) Outturn {
	a, ok := y.maps[attack].At(s)
	aimed := y.aimed[attack]
	if !ok || aimed == 0 || a.Records == 0 {
		return Outturn{}
	}
	return Outturn{Yield: min(1, float64(a.Records)/float64(aimed)), Records: a.Records}
}

// covers tells whether an attack makes use of a foothold and of nothing beyond. One that needs nothing at
// all is another theft: it would have been open to him without the lapse.
func covers(has, needs []string) bool {
	return (len(needs) > 0 || len(has) == 0) && !slices.ContainsFunc(needs, func(n string) bool { return !slices.Contains(has, n) })
}
