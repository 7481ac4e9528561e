package store

import (
	"slices"

	"thiefbox/fhirmock/terms"
)

// Op is how a value of a search compares.
type Op uint8

// The operators. Those from Equal to Around are the prefixes of dates and quantities (R4 search, "Prefixes").
const (
	Is       Op = iota // tokens, references, URIs
	Prefix             // strings
	Contains           // strings
	Exactly            // strings
	Below              // URIs: it, or one that it begins
	Above              // URIs: it, or one that begins it
	Versions           // canonical references: it, or a version of it
	Equal
	NotEqual
	Greater
	Less
	GreaterEqual
	LessEqual
	After
	Before
	Around
	Near // points: not further off than Within
)

// Match is one value that a search looks for.
type Match struct {
	Op     Op
	System *string // of a token or a unit; nil stands for any
	Key    string
	Lo, Hi float64                // what a date or a number covers at the precision it was given with; of a point, where it is
	Within float64                // kilometres from a point
	Fits   func(code string) bool // of a token, in place of Key: which codes of System will do
	Parts  [][]Match              // of a composite, in place of all else: any of each will do
}

// folded is the key in comparable form, of one that asks for a string as it was written.
func (m *Match) folded() string { return terms.Fold(m.Key) }

// Filter is one parameter of a search: any of its values will do.
type Filter struct {
	Param   string
	Missing *bool // :missing
	Not     bool  // :not, which also finds records without any value
	Any     []Match
}

// ID is the parameter by which records are found without an index.
const ID = "_id"

// probe is a filter at one shelf.
type probe struct {
	estimate int
	list     func() []int32 // places that match, in order
	match    func(place int32) bool
	except   func() []int32 // where those that do not match are fewer: they, in order; nil for most
}

func (s *shelf) probe(f *Filter) probe {
	if f.Missing != nil {
		return s.missing(f)
	}
	p := s.positive(f)
	if !f.Not {
		return p
	}
	match := func(place int32) bool { return !p.match(place) }
	return probe{s.size(), func() []int32 { return s.all(match) }, match, p.list}
}

func (s *shelf) missing(f *Filter) probe {
	if f.Param == ID { // everything has one
		return s.constant(!*f.Missing)
	}
	x := s.indexOf(f.Param)
	if x == nil {
		return s.constant(*f.Missing)
	}
	has := x.placed(s.size())
	if !*f.Missing {
		return listed(has)
	}
	match := func(place int32) bool { return !among(has, place) }
	return probe{s.size() - len(has), func() []int32 { return s.all(match) }, match, func() []int32 { return has }}
}

func (s *shelf) constant(all bool) probe {
	match := func(int32) bool { return all }
	if !all {
		return probe{estimate: 0, list: func() []int32 { return nil }, match: match}
	}
	return probe{s.size(), func() []int32 { return s.all(match) }, match, func() []int32 { return nil }}
}

func (s *shelf) all(match func(int32) bool) []int32 {
	out := []int32{}
	for i := range s.size() {
		if match(int32(i)) { //nolint:gosec // see column.tuple
			out = append(out, int32(i)) //nolint:gosec // see column.tuple
		}
	}
	return out
}

func among(places []int32, place int32) bool {
	_, is := slices.BinarySearch(places, place)
	return is
}

// listed is a probe for places that are in order.
func listed(places []int32) probe {
	return probe{estimate: len(places), list: func() []int32 { return places }, match: func(p int32) bool { return among(places, p) }}
}

func (s *shelf) positive(f *Filter) probe {
	if f.Param == ID {
		return s.byName(f)
	}
	x := s.indexOf(f.Param)
	if x == nil {
		return s.constant(false)
	}
	return x.probe(s.size(), f)
}

// byName finds records by id.
func (s *shelf) byName(f *Filter) probe {
	var out []int32
	for i := range f.Any {
		if place, is := s.placeOfID(f.Any[i].Key); is && (f.Any[i].System == nil || *f.Any[i].System == "") {
			out = append(out, place)
		}
	}
	slices.Sort(out)
	return listed(slices.Compact(out))
}

// probe finds what matches a filter among so many places.
func (x *index) probe(size int, f *Filter) probe {
	switch {
	case x.parts != nil:
		return x.together(size, f)
	case x.words != nil:
		var h hits
		for i := range f.Any {
			x.words.find(&f.Any[i], &h)
		}
		return h.probe(size)
	case x.spans != nil:
		return x.spans.probe(size, f)
	}
	return listed(nil)
}

// probe is one for what was hit. A single word, which is the usual case, costs no copy.
func (h *hits) probe(size int) probe {
	if len(h.lists) == 1 && !h.mixed {
		return listed(h.lists[0])
	}
	estimate := 0
	for _, list := range h.lists {
		estimate += len(list)
	}
	return lately(min(estimate, size), func() []int32 {
		all := newSet(size)
		for _, list := range h.lists {
			all.add(list)
		}
		return all.list()
	})
}

// lately is a probe whose list is made when it is first asked for.
func lately(estimate int, make func() []int32) probe {
	var made []int32
	list := func() []int32 {
		if made == nil {
			made = make()
		}
		return made
	}
	return probe{estimate: estimate, list: list, match: func(p int32) bool { return among(list(), p) }}
}

func (x *spans) probe(size int, f *Filter) probe {
	estimate := 0
	for i := range f.Any {
		estimate += len(x.candidates(&f.Any[i]))
	}
	list := func() []int32 {
		all := newSet(size)
		for i := range f.Any {
			for _, at := range x.candidates(&f.Any[i]) {
				if s := &x.list[at]; x.matches(s, &f.Any[i]) {
					all.put(s.place)
				}
			}
		}
		return all.list()
	}
	return probe{estimate: estimate, list: list, match: func(place int32) bool {
		values := x.of(place)
		for i := range values {
			for j := range f.Any {
				if x.matches(&values[i], &f.Any[j]) {
					return true
				}
			}
		}
		return false
	}}
}

// together finds the records of tuples all of whose parts match.
func (x *index) together(size int, f *Filter) probe {
	return lately(len(x.tuples), func() []int32 {
		all := newSet(size)
		for i := range f.Any {
			probes := make([]probe, 0, len(x.parts))
			for j := range min(len(x.parts), len(f.Any[i].Parts)) {
				probes = append(probes, x.parts[j].probe(len(x.tuples), &Filter{Any: f.Any[i].Parts[j]}))
			}
			for _, tuple := range probes[least(probes)].list() {
				if !slices.ContainsFunc(probes, func(p probe) bool { return !p.match(tuple) }) {
					all.put(x.tuples[tuple])
				}
			}
		}
		return all.list()
	})
}

// least is the probe that promises fewest.
func least(probes []probe) int {
	best := 0
	for i := range probes {
		if probes[i].estimate < probes[best].estimate {
			best = i
		}
	}
	return best
}
