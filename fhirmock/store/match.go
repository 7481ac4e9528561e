package store

import (
	"math"
	"slices"
	"strings"

	"thiefbox/fhirmock/terms"
)

// Op is how a value of a search compares.
type Op uint8

// The operators. Those from Equal on are the prefixes of dates and quantities (R4 search, "Prefixes").
const (
	Is       Op = iota // tokens, references, URIs
	Prefix             // strings
	Contains           // strings
	Exactly            // strings
	Below              // URIs: it, or one that it begins
	Above              // URIs: it, or one that begins it
	Equal
	NotEqual
	Greater
	Less
	GreaterEqual
	LessEqual
	After
	Before
	Around
)

// Match is one value that a search looks for.
type Match struct {
	Op     Op
	System *string // of a token or a unit; nil stands for any
	Key    string
	Lo, Hi float64 // what a date or a number covers at the precision it was given with
}

// Filter is one parameter of a search: any of its values will do.
type Filter struct {
	Param   string
	Missing *bool // :missing
	Not     bool  // :not, which also finds records without any value
	Any     []Match
}

// ID is the parameter by which records are found without an index.
const ID = "_id"

func next(v float64) float64 { return math.Nextafter(v, math.Inf(1)) }

// probe is a filter at one shelf.
type probe struct {
	estimate int
	list     func() []int32 // places that match, in order
	match    func(place int32) bool
}

func (s *shelf) probe(f *Filter) probe {
	p := s.positive(f)
	if f.Missing == nil && !f.Not {
		return p
	}
	var match func(int32) bool
	if f.Missing != nil {
		x, want := s.indexOf(f.Param), *f.Missing
		match = func(place int32) bool {
			if x == nil {
				return want
			}
			_, has := slices.BinarySearch(x.has, place)
			return has != want
		}
		if !want && x != nil {
			return probe{len(x.has), func() []int32 { return x.has }, match}
		}
	} else {
		match = func(place int32) bool { return !p.match(place) }
	}
	return probe{len(s.list), func() []int32 { return s.all(match) }, match}
}

func (s *shelf) all(match func(int32) bool) []int32 {
	var out []int32
	for i := range s.list {
		if match(int32(i)) {
			out = append(out, int32(i))
		}
	}
	return out
}

func nothing() probe {
	return probe{0, func() []int32 { return nil }, func(int32) bool { return false }}
}

func (s *shelf) positive(f *Filter) probe {
	if f.Param == ID {
		return s.byName(f)
	}
	x := s.indexOf(f.Param)
	switch {
	case x == nil:
		return nothing()
	case x.kind == terms.Interval || x.kind == terms.String:
		return x.ordered(f)
	}
	return x.keyed(f)
}

// byName finds records by id.
func (s *shelf) byName(f *Filter) probe {
	var out []int32
	for i := range f.Any {
		if r := s.byID[f.Any[i].Key]; r != nil && (f.Any[i].System == nil || *f.Any[i].System == "") {
			out = append(out, int32(s.placeOf(r.seq)))
		}
	}
	return listed(out)
}

func listed(places []int32) probe {
	if !slices.IsSorted(places) {
		places = slices.Clone(places)
		slices.Sort(places)
	}
	places = slices.Compact(places)
	return probe{len(places), func() []int32 { return places }, func(p int32) bool {
		_, ok := slices.BinarySearch(places, p)
		return ok
	}}
}

// keyed finds tokens, references and URIs. One value, which is the usual case, costs no copy.
func (x *index) keyed(f *Filter) probe {
	var lists [][]int32
	for i := range f.Any {
		m := &f.Any[i]
		switch {
		case m.Op == Below || m.Op == Above:
			for key, list := range x.byKey {
				if m.Op == Below && below(key, m.Key) || m.Op == Above && below(m.Key, key) {
					lists = append(lists, list)
				}
			}
		case m.System == nil:
			lists = append(lists, x.byKey[m.Key])
		case m.Key == "" && x.kind == terms.Token: // "system|" asks for any code of it
			for key, list := range x.bySystem {
				if strings.HasPrefix(key, *m.System+"|") {
					lists = append(lists, list)
				}
			}
		default:
			lists = append(lists, x.bySystem[*m.System+"|"+m.Key])
		}
	}
	if len(lists) == 1 {
		list := lists[0]
		return probe{len(list), func() []int32 { return list }, func(p int32) bool {
			_, ok := slices.BinarySearch(list, p)
			return ok
		}}
	}
	return listed(slices.Concat(lists...))
}

// below tells whether one URI is the other or stands under it.
func below(uri, top string) bool {
	return uri == top || strings.HasPrefix(uri, strings.TrimSuffix(top, "/")+"/")
}

// ordered finds strings and intervals.
func (x *index) ordered(f *Filter) probe {
	estimate := 0
	for i := range f.Any {
		estimate += len(x.candidates(&f.Any[i]))
	}
	list := func() []int32 {
		var out []int32
		for i := range f.Any {
			for _, at := range x.candidates(&f.Any[i]) {
				if e := &x.entries[at]; e.matches(x.kind, &f.Any[i]) {
					out = append(out, e.place)
				}
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return probe{estimate, list, func(place int32) bool {
		entries := x.of(place)
		for i := range entries {
			for j := range f.Any {
				if entries[i].matches(x.kind, &f.Any[j]) {
					return true
				}
			}
		}
		return false
	}}
}

func (e *entry) matches(kind terms.Kind, m *Match) bool {
	if kind == terms.String {
		switch m.Op {
		case Contains:
			return strings.Contains(e.key, m.Key)
		case Exactly:
			return e.other == m.Key
		}
		return strings.HasPrefix(e.key, m.Key)
	}
	if m.Key != "" && m.Key != e.key || m.System != nil && *m.System != e.other {
		return false
	}
	switch m.Op {
	case Equal:
		return e.lo >= m.Lo && e.hi <= m.Hi
	case NotEqual:
		return e.lo < m.Lo || e.hi > m.Hi
	case Greater:
		return e.hi > m.Hi
	case Less:
		return e.lo < m.Lo
	case GreaterEqual:
		return e.hi >= m.Lo
	case LessEqual:
		return e.lo <= m.Hi
	case After:
		return e.lo > m.Hi
	case Before:
		return e.hi < m.Lo
	}
	margin := math.Max(math.Abs(m.Hi-m.Lo), math.Abs(m.Lo)*0.1)
	if e.lo > 1e10 || e.hi > 1e10 { // a date: around is a day or so
		margin = math.Max(m.Hi-m.Lo, 24*60*60*1000)
	}
	return e.lo <= m.Hi+margin && e.hi >= m.Lo-margin
}
