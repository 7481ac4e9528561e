package store

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// A sorted search in a ledger goes from group to group of records that one key puts in one place. The key is a date, or
// what was measured: then it moves along with an order of each shape, and the shapes are merged. Or all records of a
// shape have one, such as a status: then the shapes are gone through one after the other. Or it is the patient, in whose
// order the ledger is. What else decides is put in order within a group, when the search comes to it.

// arranged feeds all matches in the order of sorts, from after a position. It is nil if it would take too many charts.
func (s *sift) arranged(sorts []Sort, after *Position) feed {
	shapes := s.shapes()
	if !slices.ContainsFunc(sorts, func(by Sort) bool { return !s.sortable(by.Param) }) {
		return s.sorted(sorts, shapes, after)
	}
	if places, few := s.few(shapes, mostOpened); few {
		return once(s.inOrder(places, sorts, after))
	}
	return nil
}

// sorted feeds the matches of some shapes in the order of sorts, which are sortable, from after a position. Few are
// listed: more than these are met soon enough on the way through all.
func (s *sift) sorted(sorts []Sort, shapes []int, after *Position) feed {
	if len(sorts) == 0 {
		from := int32(0)
		if after != nil {
			from = s.g.after(after.Seq)
		}
		return s.bySeq(shapes, from)
	}
	if after != nil && len(after.Keys) < len(sorts) {
		after = nil
	}
	if places, few := s.few(shapes, max(fewSorted, int(math.Sqrt(5*float64(s.g.size()))))); few {
		return once(s.inOrder(places, sorts, after))
	}
	if s.byPatient(sorts[0].Param) {
		return s.patients(sorts, shapes, after)
	}
	return s.groups(sorts, shapes, after)
}

// mostOpened is how many records are put in an order that it takes their charts to know.
const mostOpened = 1024

// inOrder puts places in order and leaves out those up to a position.
func (s *sift) inOrder(places []int32, sorts []Sort, after *Position) []int32 {
	type keyed struct {
		place int32
		keys  []Key
	}
	all := make([]keyed, 0, len(places))
	keys := make([]Key, 0, len(places)*len(sorts))
	for _, place := range places {
		k := keyed{place: place, keys: keys[len(keys):len(keys):cap(keys)]}
		keys = keys[:len(keys)+len(sorts)]
		for _, by := range sorts {
			k.keys = append(k.keys, s.keyOf(by)(place))
		}
		if after == nil || cmp.Or(compareKeys(k.keys, after.Keys, sorts), cmp.Compare(s.g.seqAt(place), after.Seq)) > 0 {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b keyed) int { return cmp.Or(compareKeys(a.keys, b.keys, sorts), cmp.Compare(a.place, b.place)) })
	out := make([]int32, len(all))
	for i := range all {
		out[i] = all[i].place
	}
	return out
}

func compareKeys(a, b []Key, sorts []Sort) int {
	for i, by := range sorts {
		if i >= len(a) || i >= len(b) {
			break
		}
		if c := a[i].compare(b[i], by.Down); c != 0 {
			return c
		}
	}
	return 0
}

// sortable tells whether there is a way through the records in the order of a parameter.
func (s *sift) sortable(param string) bool {
	of := s.g.samples()
	if s.byPatient(param) {
		return true
	}
	if of.under[param+ownMark] || of.under[param+chartMark] {
		return false
	}
	for part := range Roles {
		if of.under[param+roleMark(part)] {
			return false
		}
	}
	x := of.shelf.indexOf(param)
	for shape := range s.g.shapes {
		if x != nil && x.spans != nil && len(s.g.movingOf(x.spans, param, shape)) > 1 {
			return false
		}
	}
	return true
}

// byPatient tells whether the order of a parameter refines that of patients: it is the id, or leads to the patient, in
// all records.
func (s *sift) byPatient(param string) bool {
	of := s.g.samples()
	x := of.marked(param, ownMark)
	switch {
	case param == ID:
		return true
	case x == nil && of.under[param], of.under[param+chartMark]:
		return false
	case x == nil:
		x = of.marked(param, roleMark(0))
	}
	for part := 1; part < Roles; part++ {
		if of.under[param+roleMark(part)] {
			return false
		}
	}
	return x != nil && len(x.placed(of.shelf.size())) == len(s.g.shapes)
}

// patients feeds the matches patient by patient.
func (s *sift) patients(sorts []Sort, shapes []int, after *Position) feed {
	match, down := s.test(shapes), sorts[0].Down
	who, size := func(i int) int { return i }, s.g.folk.Len()
	if !s.all {
		who, size = func(i int) int { return int(s.crowd[i]) }, len(s.crowd)
	}
	if down {
		up := who
		who = func(i int) int { return up(size - 1 - i) }
	}
	i := 0
	if after != nil {
		i = sort.Search(size, func(i int) bool { return s.lastOf(who(i), sorts[0]).compare(after.Keys[0], down) >= 0 })
	}
	return func() (out []int32) {
		for ; out == nil && i < size; i++ {
			n := who(i)
			for place := s.g.start(n); place < s.g.start(n+1); place++ {
				if match(place) {
					out = append(out, place)
				}
			}
			out = orNil(s.inOrder(out, sorts, after))
		}
		return out
	}
}

// lastOf is the last key of a patient's records, in the order of sorting by patient.
func (s *sift) lastOf(n int, by Sort) Key {
	g, number := s.g, 0
	if !by.Down {
		number = max(0, int(g.start(n+1)-g.start(n))-1)
	}
	if by.Param == ID || g.samples().under[by.Param+ownMark] {
		return Key{Text: g.folk.RecordID(g.kind, n, number)}
	}
	return Key{Text: g.folk.Role(n, 0)}
}

// keyOf is ledger.key for many records.
func (s *sift) keyOf(by Sort) func(place int32) Key {
	key := s.keys[by]
	if key != nil {
		return key
	}
	key = func(place int32) Key { return s.g.key(by, place) }
	if x := s.g.samples().shelf.indexOf(by.Param); x != nil && x.spans != nil {
		spans := make([][]moving, len(s.g.shapes))
		for shape := range spans {
			spans[shape] = s.g.movingOf(x.spans, by.Param, shape)
		}
		key = func(place int32) Key { return s.g.keyOf(spans[s.g.shape[place]], place, by.Down) }
	}
	s.keys[by] = key
	return key
}

// key is what a record is sorted by.
func (g *ledger) key(by Sort, place int32) Key {
	s := g.samples()
	shape := int(g.shape[place])
	x := s.shelf.indexOf(by.Param)
	if x != nil && x.spans != nil {
		return g.keyOf(g.movingOf(x.spans, by.Param, shape), place, by.Down)
	}
	n, number := g.number(place)
	if by.Param == ID || s.marked(by.Param, ownMark) != nil && among(s.marked(by.Param, ownMark).placed(s.shelf.size()), int32(shape)) {
		return Key{Text: g.folk.RecordID(g.kind, n, number)}
	}
	if targets, known := g.leads(by.Param, place, n); known {
		if len(targets) == 0 {
			return Key{None: true}
		}
		if by.Down {
			return Key{Text: slices.Max(targets)}
		}
		return Key{Text: slices.Min(targets)}
	}
	if s.under[by.Param+chartMark] {
		return g.chart(n).key(by, int32(number)) //nolint:gosec // see column.tuple
	}
	return s.shelf.key(by, int32(shape)) //nolint:gosec // see column.tuple
}

// keyOf is what a record with some spans is sorted by.
func (g *ledger) keyOf(spans []moving, place int32, down bool) Key {
	best := Key{None: true}
	for i := range spans {
		if k := g.keyAt(&spans[i], place, down); best.None || k.compare(best, down) < 0 {
			best = k
		}
	}
	return best
}

// keyAt is what a record is sorted by if it has one span alone.
func (g *ledger) keyAt(m *moving, place int32, down bool) Key {
	sp := g.at(m, place)
	return sp.key(down)
}

func (g *ledger) movingOf(x *spans, param string, shape int) []moving {
	return g.ask(x, int32(shape), shape, isDate(paramOf(g.kind, param)), nil).spans //nolint:gosec // see column.tuple
}
