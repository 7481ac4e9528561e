package store

import (
	"slices"
	"strconv"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/terms"
)

// verdict is what a filter says of the records of a shape.
type verdict uint8

const (
	none verdict = iota
	some         // it takes a look at each
	every
)

// sieve is a filter at a ledger.
type sieve struct {
	says  []verdict              // by shape
	match func(place int32) bool // of records of shapes of which it says some
	// stretches are where in orders those of a shape can be that match; known is false if nobody knows.
	stretches func(shape int) (all []stretch, known bool)
	crowd     []int32 // those in whose charts all are of which it says some; nil if nobody knows
}

// stretch is a part of the places of a shape in an order.
type stretch struct{ order, from, to int }

// sieve holds a filter against the samples.
func (g *ledger) sieve(by *Filter) *sieve {
	s := g.samples()
	v := &sieve{says: make([]verdict, len(g.shapes))}
	switch x := s.shelf.indexOf(by.Param); {
	case by.Missing != nil:
		for i := range v.says {
			if g.has(by.Param, i) != *by.Missing {
				v.says[i] = every
			}
		}
		return v
	case by.Param == ID:
		g.named(by, v)
	case x != nil && x.words == nil:
		g.move(x, by, v)
	default:
		g.word(by, v)
	}
	if by.Not {
		v.invert()
	}
	return v
}

// has tells whether records of a shape have any value under a parameter.
func (g *ledger) has(param string, shape int) bool {
	if param == ID {
		return true
	}
	for _, t := range g.samples().shelf.list[shape].termsNow() {
		if rest, is := cutMark(t.Param, param); is && (rest == "" || rest[0] == roleMark[0]) {
			return true
		}
	}
	return false
}

func cutMark(s, param string) (rest string, is bool) {
	if len(s) < len(param) || s[:len(param)] != param {
		return "", false
	}
	return s[len(param):], true
}

func (v *sieve) invert() {
	for i, says := range v.says {
		v.says[i] = every - says
	}
	if match := v.match; match != nil {
		v.match = func(place int32) bool { return !match(place) }
	}
	v.stretches, v.crowd = nil, nil
}

// put lets some of a shape through, if it was none.
func (v *sieve) put(shape int32) {
	if v.says[shape] == none {
		v.says[shape] = some
	}
}

// named finds records by id.
func (g *ledger) named(by *Filter, v *sieve) {
	var places []int32
	v.crowd = []int32{}
	for i := range by.Any {
		if place, is := g.placeOfID(by.Any[i].Key); is && (by.Any[i].System == nil || *by.Any[i].System == "") {
			places = append(places, place)
			v.put(int32(g.shape[place]))
		}
	}
	g.only(places, v)
}

// only lets some places through besides.
func (g *ledger) only(places []int32, v *sieve) {
	slices.Sort(places)
	before := v.match
	v.match = func(place int32) bool { return among(places, place) || before != nil && before(place) }
	for _, place := range places {
		v.crowd = append(v.crowd, int32(g.patient(place))) //nolint:gosec // see column.tuple
	}
	slices.Sort(v.crowd)
	v.crowd = slices.Compact(v.crowd)
}

// word looks for tokens, strings, URIs and references.
func (g *ledger) word(by *Filter, v *sieve) {
	s := g.samples()
	for _, shape := range s.shelf.positive(&Filter{Param: by.Param, Any: by.Any}).list() {
		v.says[shape] = every
	}
	if p := paramOf(g.kind, by.Param); p != nil && (terms.KindOf(p) == terms.Reference || terms.KindOf(p) == terms.URI) {
		g.refer(by, v)
	}
	x := s.marked(by.Param, ownMark)
	if x == nil {
		return
	}
	var places []int32
	v.crowd = []int32{}
	for i := range by.Any {
		m := Match{System: by.Any[i].System}
		if by.Any[i].Key != "" {
			m.Key = ownMark
		}
		shapes := x.probe(s.shelf.size(), &Filter{Any: []Match{m}})
		if m.Key == "" { // "system|" alone asks for any code of it
			for _, shape := range shapes.list() {
				v.says[shape] = every
			}
		} else if place, is := g.placeOfID(by.Any[i].Key); is && shapes.match(int32(g.shape[place])) {
			places = append(places, place)
			v.put(int32(g.shape[place]))
		}
	}
	g.only(places, v)
}

// refer looks for records that lead to a patient, to somebody who looks after him, or into his chart.
func (g *ledger) refer(by *Filter, v *sieve) {
	s := g.samples()
	var who [Roles]set
	var shapes [Roles][]int32
	v.crowd = []int32{}
	for part := range Roles {
		x := s.marked(by.Param, roleMark+strconv.Itoa(part))
		if x == nil {
			continue
		}
		shapes[part] = x.placed(s.shelf.size())
		who[part] = g.folk.playing(part, by.Any)
		v.crowd = append(v.crowd, who[part].list()...)
		for _, shape := range shapes[part] {
			v.put(shape)
		}
	}
	v.match = func(place int32) bool {
		shape, n := int32(g.shape[place]), int32(g.patient(place)) //nolint:gosec // see column.tuple
		for part := range who {
			if who[part] != nil && who[part].has(n) && among(shapes[part], shape) {
				return true
			}
		}
		return false
	}
	g.only(g.inCharts(by, v), v)
}

// playing are the patients of whom one of some references is in a part.
func (f *folk) playing(part int, any []Match) set {
	out := newSet(f.Len())
	for i := range any {
		kind, id, _ := cutRef(any[i].Key)
		if kind == "Patient" {
			if n, is := f.Patient(id); is && part == 0 {
				out.put(int32(n)) //nolint:gosec // see column.tuple
			}
			continue
		}
		if f.Holds(kind) {
			continue
		}
		for _, n := range f.Referring(any[i].Key) {
			if f.Role(n, part) == any[i].Key {
				out.put(int32(n)) //nolint:gosec // see column.tuple
			}
		}
	}
	return out
}

// inCharts opens the charts that references lead into, and lists the places of records that hold one.
func (g *ledger) inCharts(by *Filter, v *sieve) (places []int32) {
	x := g.samples().marked(by.Param, chartMark)
	if x == nil {
		return nil
	}
	of := map[int][]Match{}
	var rest []Match
	for i := range by.Any {
		_, id, _ := cutRef(by.Any[i].Key)
		if n, is := g.folk.Owner(id); is {
			of[n] = append(of[n], by.Any[i])
		} else {
			rest = append(rest, by.Any[i])
		}
	}
	for _, shape := range x.probe(g.samples().shelf.size(), &Filter{Any: rest}).list() { // what all of them lie under
		v.says[shape] = every
	}
	for n, any := range of {
		shelf := g.chart(n)
		if shelf == nil {
			continue
		}
		for _, number := range shelf.positive(&Filter{Param: by.Param, Any: any}).list() {
			place := g.start(n) + number
			places = append(places, place)
			v.put(int32(g.shape[place]))
		}
	}
	return places
}

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
