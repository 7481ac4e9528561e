package store

import (
	"math"
	"strconv"
	"strings"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/terms"
)

// What the records of a shape can be found by stands in one of them, its sample, which is really made. The samples of a
// type are a small shelf of their own, of some dozens, on which a place is a shape: a filter is held against it as against
// any shelf, and what it says of a sample it says of all records of the shape. Three things are a record's own, and
// read otherwise: its id; where it leads (to its patient, to one of those who look after him, or into his chart); and
// dates and values, which move as outlines say.

// samples are those of a ledger.
type samples struct {
	shelf  *shelf
	when   []int32         // by shape
	values [][2]uint16     // by shape
	labels []byte          // by shape: Record.Confidentiality
	under  map[string]bool // parameters that any of them has
}

// What a term of a sample is kept under if it is the record's own. No parameter is called so.
const (
	mark      = "\x00"
	ownMark   = mark + "own"
	chartMark = mark + "chart"
)

func (g *ledger) samples() *samples {
	g.sampling.Do(func() {
		first := make([]int32, len(g.shapes))
		for place := g.size() - 1; place >= 0; place-- {
			first[g.shape[place]] = int32(place) //nolint:gosec // see column.tuple
		}
		s := &samples{shelf: newShelf(), under: map[string]bool{}}
		for _, place := range first {
			n, number := g.number(place)
			made := g.chart(n).list[number]
			general := g.general(n, made)
			sample := &Record{Type: g.kind, ID: made.ID}
			sample.terms.Store(&general)
			for i := range general {
				s.under[general[i].Param] = true
			}
			s.shelf.add(sample)
			s.when, s.labels = append(s.when, g.when[place]), append(s.labels, made.Confidentiality)
			values := [2]uint16{}
			if g.values != nil {
				values = g.values[place]
			}
			s.values = append(s.values, values)
		}
		g.sampled = s
	})
	return g.sampled
}

// general are the terms of a sample, with those that are its own set apart.
func (g *ledger) general(n int, made *Record) []terms.Term {
	out := made.termsNow()
	for i := range out {
		t := &out[i]
		switch {
		case t.Kind == terms.Token && t.Key == made.ID:
			t.Param += ownMark
			t.Key = ownMark
		case t.Kind == terms.Reference || t.Kind == terms.URI:
			if _, id, is := cutRef(t.Key); is {
				if _, charted := g.folk.Owner(id); charted {
					t.Param += chartMark
				}
			}
			for part := range Roles {
				if g.folk.Role(n, part) == t.Key {
					t.Param += roleMark(part)
					break
				}
			}
		}
	}
	return out
}

// roleMark is the mark of what plays a part (Folk.Role).
func roleMark(part int) string { return mark + strconv.Itoa(part) }

// marked is the index of the samples of what is a record's own under a parameter, or nil.
func (s *samples) marked(param, mark string) *index {
	if !s.under[param+mark] {
		return nil
	}
	return s.shelf.indexOf(param + mark)
}

// leads lists where a record leads under a parameter, unless it takes its chart to tell.
func (g *ledger) leads(param string, place int32, n int) (out []string, known bool) {
	s, shape := g.samples(), int32(g.shape[place])
	p := r4.ParamNamed(g.kind, param)
	if p == nil || p.Type != "reference" || s.under[param+chartMark] {
		return nil, false
	}
	for part := range Roles {
		if x := s.marked(param, roleMark(part)); x != nil && among(x.placed(s.shelf.size()), shape) {
			out = append(out, g.folk.Role(n, part))
		}
	}
	for _, t := range s.shelf.list[shape].termsNow() {
		if t.Param == param {
			out = append(out, t.Key)
		}
	}
	return out, true
}

// moving is a span of a sample, and what it is in another record of the shape.
type moving struct {
	span
	by       int   // an order: byTime, or that of a value; orders if it stays as it is
	since    int32 // when the sample was, in minutes
	from, to step
}

// step is how a bound moves.
type step uint8

const (
	stays  step = iota // it has none
	byDays             // it is told to the day
	byMinutes
)

const day = 24 * 60 * 60 * 1000 // in milliseconds

// moves says how a span of a sample moves. A date of the parameter's moves with when the record was; what is as much
// as what was measured is that.
func (s *samples) moves(sp span, shape int, measured uint8, dated bool) moving {
	m := moving{span: sp, by: orders, since: s.when[shape]}
	if dated {
		m.by, m.from, m.to = byTime, stepOf(sp.lo), stepOf(sp.hi+1)
		return m
	}
	for slot := range int(measured) {
		if sp.lo == sp.hi && sp.lo == hundredths(s.values[shape][slot]) {
			m.by = byFirst + slot
		}
	}
	return m
}

func hundredths(v uint16) float64 { return float64(v) / 100 }

func stepOf(bound float64) step {
	switch {
	case math.IsInf(bound, 0):
		return stays
	case math.Mod(bound, day) == 0:
		return byDays
	}
	return byMinutes
}

// at is the span as it is in the record at a place.
func (g *ledger) at(m *moving, place int32) span {
	out := m.span
	switch m.by {
	case byTime:
		when := g.when[place]
		out.lo += m.from.between(m.since, when)
		out.hi += m.to.between(m.since, when)
	case byFirst, bySecond:
		out.lo = hundredths(g.values[place][m.by-byFirst])
		out.hi = out.lo
	}
	return out
}

// between is how far a bound moves from one minute to another, in milliseconds.
func (s step) between(from, to int32) float64 {
	switch s {
	case byMinutes:
		return float64(to-from) * 60_000
	case byDays:
		return float64(dayOf(to)-dayOf(from)) * day
	}
	return 0
}

// dayOf is the day of a minute, from 1970 on or before.
func dayOf(minute int32) int32 {
	if minute < 0 {
		minute -= 24*60 - 1
	}
	return minute / (24 * 60)
}

// isDate tells whether the spans of a parameter are dates of what happened.
func isDate(p *r4.Param) bool { return p != nil && p.Type == "date" && p.Name != "_lastUpdated" }

// paramOf is the parameter that a filter asks about: ":text" and the like belong to it.
func paramOf(resourceType, name string) *r4.Param {
	name, _, _ = strings.Cut(name, ":")
	return r4.ParamNamed(resourceType, name)
}
