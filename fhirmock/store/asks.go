package store

import (
	"slices"

	"thiefbox/fhirmock/r4"
)

// A sieve of dates or quantities: what stands still in the samples is held against the filter once, and what moves is asked of each
// record that is come by, or looked for in the orders of its shape.

// ask is one value of a filter at one sample, or one component of a composite: any of its spans will do.
type ask struct {
	of    *spans
	spans []moving
	any   []Match
}

func (a *ask) holds(g *ledger, place int32) bool {
	for i := range a.spans {
		sp := g.at(&a.spans[i], place)
		for j := range a.any {
			if a.of.matches(&sp, &a.any[j]) {
				return true
			}
		}
	}
	return false
}

// still tells what there is to tell without looking at a record.
func (a *ask) still() verdict {
	says := none
	for i := range a.spans {
		m := &a.spans[i]
		matches := slices.ContainsFunc(a.any, func(by Match) bool { return a.of.matches(&m.span, &by) })
		switch {
		case m.by != orders:
			says = max(says, some)
		case matches:
			return every
		}
	}
	return says
}

// stretches are where records of a shape can be that hold.
func (a *ask) stretches(g *ledger, shape int) (out []stretch) {
	for i := range a.spans {
		m := &a.spans[i]
		if m.by == orders {
			continue
		}
		places := g.orders[m.by].of(shape)
		for j := range a.any {
			end, from, to := a.any[j].bounds()
			first, last := bounded(len(places), from, to, func(k int) float64 {
				sp := g.at(m, places[k])
				if end {
					return sp.hi
				}
				return sp.lo
			})
			if first < last {
				out = append(out, stretch{m.by, first, last})
			}
		}
	}
	return out
}

// move looks for dates and quantities, alone or as components of a composite.
func (g *ledger) move(x *index, by *Filter, v *sieve) {
	ways := make([][][]ask, len(g.shapes)) // by shape: any of these will do, if all of it holds
	p := paramOf(g.kind, by.Param)
	if x.parts == nil {
		for shape := range ways {
			g.add(ways, v, shape, []ask{g.ask(x.spans, int32(shape), shape, isDate(p), by.Any)}) //nolint:gosec // see column.tuple
		}
	}
	for i := range by.Any {
		for tuple, shape := range x.tuples {
			if way, holds := g.together(x, int32(tuple), int(shape), p, by.Any[i].Parts); holds { //nolint:gosec // see column.tuple
				g.add(ways, v, int(shape), way)
			}
		}
	}
	v.match = func(place int32) bool {
		return slices.ContainsFunc(ways[g.shape[place]], func(way []ask) bool {
			return !slices.ContainsFunc(way, func(a ask) bool { return !a.holds(g, place) })
		})
	}
	v.stretches = func(shape int) (out []stretch, known bool) {
		for _, way := range ways[shape] {
			out = append(out, way[0].stretches(g, shape)...)
		}
		return out, true
	}
}

// ask is about the spans of a place in an index, which is that of a shape or of a tuple of it.
func (g *ledger) ask(x *spans, at int32, shape int, dated bool, any []Match) ask {
	a := ask{of: x, any: any}
	for _, sp := range x.of(at) {
		a.spans = append(a.spans, g.samples().moves(sp, shape, g.shapes[shape].Measured, dated))
	}
	return a
}

// add is one way more for a shape to match.
func (g *ledger) add(ways [][][]ask, v *sieve, shape int, way []ask) {
	var left []ask
	for i := range way {
		switch way[i].still() {
		case none:
			return
		case some:
			left = append(left, way[i])
		}
	}
	if left == nil {
		v.says[shape] = every
		return
	}
	v.put(int32(shape)) //nolint:gosec // see column.tuple
	ways[shape] = append(ways[shape], left)
}

// together holds the components of a composite against a tuple. What is left to ask are its dates and quantities.
func (g *ledger) together(x *index, tuple int32, shape int, p *r4.Param, parts [][]Match) (way []ask, holds bool) {
	for j := range min(len(x.parts), len(parts)) {
		if part := x.parts[j]; part.spans != nil {
			way = append(way, g.ask(part.spans, tuple, shape, isDate(p.Parts[j]), parts[j]))
		} else if !part.probe(len(x.tuples), &Filter{Any: parts[j]}).match(tuple) {
			return nil, false
		}
	}
	return way, true
}
