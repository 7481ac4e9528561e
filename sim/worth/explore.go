package worth

import (
	"context"

	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
)

// Map is what an attack does under every set of controls between two: its cells are disjoint, and
// together they are every set that has all of Lower and nothing beyond Upper.
type Map struct {
	Attack       string
	Lower, Upper control.Set
	Cells        []Cell
	// Open is how many parts were not looked into because the budget was spent; 0 means the map is complete.
	Open int
	// Sample estimates shares where the map is not complete; nil where it is, and Shares are exact.
	Sample *Sample
	// Shrunk are the sets that a search found where the map is not complete; nil where it is, and it shows all there are.
	Shrunk *Shrunk
}

// Cell is a part of a map: all sets of controls that have On and lack Off.
type Cell struct {
	On, Off control.Set // without the controls that are in Lower, or beyond Upper, anyway
	Need    control.Set // the part of On that the answer depends on; the rest keeps cells apart
	Answer  Answer
}

// Stopped tells whether the attack came to nothing because of a control.
func (c Cell) Stopped() bool { return c.Answer.Verdict.Outcome == verdict.Held }

// Breached tells whether it succeeded. A void run is neither.
func (c Cell) Breached() bool { return c.Answer.Verdict.Outcome == verdict.Breached }

// Budget is how many parts a map may have: as many as there are sets of 16 controls. So a map is complete if no more
// than 16 matter, whatever the attack is like; beyond that it usually is, since parts are far fewer than sets, and
// says so if it is not. No attack of the catalogue needs more than a few hundred.
const Budget = 1 << 16

// Explore maps an attack between two sets of controls, lower being part of upper.
//
// It asks about the largest set. The answer holds for all smaller ones that keep what it depends on
// (Answer.Must), so what remains are the sets that lack one of those: first those without the first,
// then those with the first and without the second, and so on, each part explored in the same way.
// This is peeling in all orders.
func Explore(ctx context.Context, b *Book, lower, upper control.Set, budget int) (Map, error) {
	m := Map{Attack: b.Attack, Lower: lower, Upper: upper}
	var explore func(low, up control.Set) error
	explore = func(low, up control.Set) error {
		if len(m.Cells) >= budget { // not runs: what was known before must not change what is found
			m.Open++
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		a, err := b.Ask(ctx, up)
		if err != nil {
			return err
		}
		m.Cells = append(m.Cells, Cell{
			On: low.Union(a.Must).Minus(lower), Off: upper.Minus(up), Need: a.Must.Minus(lower), Answer: a,
		})
		for _, c := range a.Must.Minus(low).Controls() {
			if err := explore(low, up.Without(c)); err != nil {
				return err
			}
			low = low.With(c)
		}
		return nil
	}
	err := explore(lower, upper)
	return m, err
}

// Within cuts a map down to the sets between two others. They need not lie inside the map's own bounds:
// what is in no map is in no part of one.
func (m Map) Within(lower, upper control.Set) Map {
	out := Map{Attack: m.Attack, Lower: lower, Upper: upper, Open: m.Open, Sample: m.Sample, Shrunk: m.Shrunk}
	for _, c := range m.Cells {
		if !within(c.On, upper) || lower.Minus(c.Off) != lower {
			continue
		}
		c.On, c.Need, c.Off = c.On.Minus(lower), c.Need.Minus(lower), common(c.Off, upper)
		out.Cells = append(out.Cells, c)
	}
	return out
}

func common(a, b control.Set) control.Set { return a.Minus(a.Minus(b)) }

// At returns the answer for one set of controls; ok is false if the map is incomplete there.
func (m Map) At(s control.Set) (Answer, bool) {
	for _, c := range m.Cells {
		if within(c.On, s) && s.Minus(c.Off) == s {
			return c.Answer, true
		}
	}
	return Answer{}, false
}

// Relevant are the controls on which the verdict can depend: all others make no difference to this
// attack between Lower and Upper, whatever else is on.
func (m Map) Relevant() control.Set {
	var s control.Set
	for _, c := range m.Cells {
		s = s.Union(c.On).Union(c.Off)
	}
	return s
}
