package worth

import (
	"slices"

	"thiefbox/sim/control"
)

// StopSets are the smallest sets of controls that stop the attack with nothing else on: each stops
// it, and none does without one of its members. If the map is complete, these are all there are.
//
// The smallest set of a cell is what its answer needs, so the smallest of all are among those.
func (m Map) StopSets() []control.Set {
	var sets []control.Set
	for _, c := range m.Cells {
		if c.Stopped() {
			sets = append(sets, c.Need)
		}
	}
	return smallest(sets)
}

// BreakSets are the smallest sets of controls whose loss lets the attack through although all others
// of Upper stay on. An empty one means that it gets through as it is.
func (m Map) BreakSets() []control.Set {
	var sets []control.Set
	for _, c := range m.Cells {
		if c.Breached() {
			sets = append(sets, c.Off)
		}
	}
	return smallest(sets)
}

// smallest keeps the sets that have no other of them as a part, by size and then by catalogue order.
func smallest(sets []control.Set) []control.Set {
	slices.SortStableFunc(sets, func(a, b control.Set) int { return a.Len() - b.Len() })
	var out []control.Set
	for _, s := range sets {
		if !slices.ContainsFunc(out, func(o control.Set) bool { return within(o, s) }) {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, compareSets)
	return out
}

// compareSets puts smaller sets first, and equally large ones in the order of the catalogue.
func compareSets(a, b control.Set) int {
	if d := a.Len() - b.Len(); d != 0 {
		return d
	}
	x, y := a.Controls(), b.Controls()
	all := control.All()
	for i := range x {
		if x[i] != y[i] {
			return slices.Index(all, x[i]) - slices.Index(all, y[i])
		}
	}
	return 0
}

// Backfire is a set of controls that stops an attack, and more controls with which it gets through.
type Backfire struct{ Stops, Added control.Set }

// Backfires looks for sets in which one more control lets the attack in: proof that more is not always
// safer. Nil for a complete map means that there are none.
//
// A held cell and a breached one prove it if what the first needs is nothing the second must lack: add
// the second's needs to the first's, and be in the second.
func (m Map) Backfires() []Backfire {
	var out []Backfire
	for _, held := range m.Cells {
		if !held.Stopped() {
			continue
		}
		for _, lost := range m.Cells {
			if lost.Breached() && held.Need.Minus(lost.Off) == held.Need {
				out = append(out, Backfire{held.Need, lost.Need.Minus(held.Need)})
			}
		}
	}
	return plainest(out)
}

// plainest leaves out the examples that say no more than a smaller one.
func plainest(all []Backfire) (out []Backfire) {
	for i, b := range all {
		if !slices.ContainsFunc(all, func(o Backfire) bool {
			return o != b && within(o.Stops, b.Stops) && within(o.Added, b.Added)
		}) && !slices.Contains(all[:i], b) {
			out = append(out, b)
		}
	}
	return out
}
