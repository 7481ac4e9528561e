package store

import (
	"slices"
	"strings"

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
		if rest, is := strings.CutPrefix(t.Param, param); is && (rest == "" || strings.HasPrefix(rest, mark)) {
			return true
		}
	}
	return false
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
