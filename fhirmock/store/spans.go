package store

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"
)

// span is one value of a date, a quantity or a number. Of a point on the globe, lo is the latitude and hi the longitude.
type span struct {
	place  int32
	unit   uint32
	lo, hi float64
}

// unit is what a quantity counts: a code of a system, and what people call it.
type unit struct{ system, code, text string }

// unitMark stands between code and text in the key of a unit's word.
const unitMark = "\x00"

// spans are the intervals of an index.
type spans struct {
	list       []span // in order of place
	units      []unit
	byLo, byHi []int32 // in order of begin, of end
}

func newSpans(c *column) *spans {
	x := &spans{list: slices.Clip(c.spans), units: make([]unit, len(c.words))}
	for i, w := range c.words {
		code, text, _ := strings.Cut(w.key, unitMark)
		x.units[i] = unit{w.other, code, text}
	}
	x.byLo = x.order(func(s *span) float64 { return s.lo })
	x.byHi = x.order(func(s *span) float64 { return s.hi })
	return x
}

func (x *spans) order(by func(*span) float64) []int32 {
	type keyed struct { // beside its key, or sorting would go to and fro in the list
		key float64
		at  int32
	}
	all := make([]keyed, len(x.list))
	for i := range all {
		all[i] = keyed{by(&x.list[i]), int32(i)} //nolint:gosec // see column.tuple
	}
	slices.SortFunc(all, func(a, b keyed) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return cmp.Compare(a.at, b.at)
	})
	out := make([]int32, len(all))
	for i := range all {
		out[i] = all[i].at
	}
	return out
}

// of returns the values of one place.
func (x *spans) of(place int32) []span {
	from := sort.Search(len(x.list), func(i int) bool { return x.list[i].place >= place })
	to := from
	for to < len(x.list) && x.list[to].place == place {
		to++
	}
	return x.list[from:to]
}

// bounds say where the values that match are to be found: those whose begin, or end if end, is from from and below to.
func (m *Match) bounds() (end bool, from, to float64) {
	lowest, highest := math.Inf(-1), math.Inf(1)
	switch m.Op {
	case Equal:
		return false, m.Lo, next(m.Hi)
	case Greater, GreaterEqual:
		return true, m.Lo, highest
	case After:
		return false, m.Hi, highest
	case Less, LessEqual:
		return false, lowest, next(m.Hi)
	case Before:
		return true, lowest, next(m.Lo)
	case Near:
		margin := m.Within / kmPerDegree
		return false, m.Lo - margin, next(m.Lo + margin)
	}
	return false, lowest, highest
}

// bounded is the stretch of n values in ascending order that lie within bounds. To infinity is with it.
func bounded(n int, from, to float64, value func(i int) float64) (first, last int) {
	first = sort.Search(n, func(i int) bool { return value(i) >= from })
	if last = n; !math.IsInf(to, 1) {
		last = first + sort.Search(n-first, func(i int) bool { return value(first+i) >= to })
	}
	return first, last
}

// candidates returns the values among which those that match are to be found, by way of the order that
// leaves fewest.
func (x *spans) candidates(m *Match) []int32 {
	end, from, to := m.bounds()
	order, value := x.byLo, func(i int) float64 { return x.list[x.byLo[i]].lo }
	if end {
		order, value = x.byHi, func(i int) float64 { return x.list[x.byHi[i]].hi }
	}
	first, last := bounded(len(order), from, to, value)
	return order[first:last]
}

func next(v float64) float64 { return math.Nextafter(v, math.Inf(1)) }

// key is what a place is sorted by.
func (x *spans) key(place int32, down bool) Key {
	best := Key{None: true}
	for _, s := range x.of(place) {
		k := s.key(down)
		if best.None || k.compare(best, down) < 0 {
			best = k
		}
	}
	return best
}

// key is what a span is sorted by.
func (s *span) key(down bool) Key {
	k := s.lo
	if down {
		k = s.hi
	}
	return Key{Number: math.Max(-math.MaxFloat64, math.Min(math.MaxFloat64, k))} // infinity has no JSON
}

func (x *spans) matches(s *span, m *Match) bool {
	if m.Key != "" {
		u := &x.units[s.unit]
		if m.System != nil && *m.System != u.system || m.Key != u.code && (m.System != nil || m.Key != u.text) {
			return false // "||unit" asks for a code, or for what people call it (R4 search, "Quantity")
		}
	}
	switch m.Op {
	case Equal:
		return s.lo >= m.Lo && s.hi <= m.Hi
	case NotEqual:
		return s.lo < m.Lo || s.hi > m.Hi
	case Greater:
		return s.hi > m.Hi
	case Less:
		return s.lo < m.Lo
	case GreaterEqual:
		return s.hi >= m.Lo
	case LessEqual:
		return s.lo <= m.Hi
	case After:
		return s.lo > m.Hi
	case Before:
		return s.hi < m.Lo
	case Near:
		return distance(s.lo, s.hi, m.Lo, m.Hi) <= m.Within
	}
	margin := math.Max(math.Abs(m.Hi-m.Lo), math.Abs(m.Lo)*0.1)
	if s.lo > 1e10 || s.hi > 1e10 { // a date: around is a day or so
		margin = math.Max(m.Hi-m.Lo, 24*60*60*1000)
	}
	return s.lo <= m.Hi+margin && s.hi >= m.Lo-margin
}

// kmPerDegree is how far a degree of latitude goes, a little less than it does.
const kmPerDegree = 111

// distance is how far two points on the globe are from each other, in kilometres.
func distance(lat1, lon1, lat2, lon2 float64) float64 {
	const radius, degree = 6371, math.Pi / 180
	a := math.Pow(math.Sin((lat2-lat1)*degree/2), 2) + math.Cos(lat1*degree)*math.Cos(lat2*degree)*math.Pow(math.Sin((lon2-lon1)*degree/2), 2)
	return 2 * radius * math.Asin(math.Min(1, math.Sqrt(a)))
}
