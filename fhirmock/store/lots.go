package store

import (
	"slices"
	"sort"
)

const (
	// lotCost is what it costs to open a chart, in records looked at.
	lotCost = 50
	// mostSpread is how many charts a sorted search opens: a panel's and then some.
	mostSpread = 1250
)

// lots are the charts that a run has yet to go through, one after the other.
type lots struct {
	folk    *folk
	kind    string
	filters []Filter
	after   *Position
	which   []int // places of patients, in order
	all     bool  // everybody, in place of which
	next    int
	once    bool // charts are not kept
}

// lotsOf are the charts in which records that satisfy the filters can be, from after a position.
func (v View) lotsOf(f *folk, resourceType string, filters []Filter) *lots {
	l := &lots{folk: f, kind: resourceType, filters: filters, once: v.once}
	l.which, l.all = f.whose(resourceType, filters)
	if v.among == nil {
		return l
	}
	own := make([]int, 0, len(v.among))
	for _, patient := range v.among {
		n, ok := f.Patient(patient)
		if _, wanted := slices.BinarySearch(l.which, n); ok && (l.all || wanted) {
			own = append(own, n)
		}
	}
	slices.Sort(own)
	l.which, l.all = slices.Compact(own), false
	return l
}

func (l *lots) size() int {
	if l.all {
		return l.folk.Len()
	}
	return len(l.which)
}

func (l *lots) lot(i int) int {
	if l.all {
		return i
	}
	return l.which[i]
}

// many is how many charts are gone through before it pays not to keep them.
const many = 64

// shelf is what is wanted of a chart.
func (l *lots) shelf(i int) *shelf {
	if l.once && l.size() > many {
		return l.folk.passing(l.lot(i), l.kind)
	}
	return l.folk.of(l.lot(i))[l.kind]
}

// skipTo leaves out the charts before a position.
func (l *lots) skipTo(after *Position) {
	if after != nil {
		l.after = after
		l.next = sort.Search(l.size(), func(i int) bool { return l.folk.firstOf(l.lot(i)+1) > after.Seq+1 })
	}
}

// pending tells whether a run has charts to open, once it is through with the present one.
func (r *run) pending() bool { return r.lots != nil && r.lots.next < r.lots.size() }

// bound is the place before the first record of the next chart.
func (r *run) bound() uint64 { return r.lots.folk.firstOf(r.lots.lot(r.lots.next)) - 1 }

// open goes on to the next chart.
func (r *run) open() {
	l := r.lots
	shelf := l.shelf(l.next)
	l.next++
	if shelf == nil {
		r.next, r.size = 0, 0
		return
	}
	inner := newRun(shelf, r.above, l.filters)
	inner.skipTo(l.after)
	inner.lots = l
	*r = *inner
}

// spread makes a run of each chart, for a search that must look at all of them before it can sort.
func (r *run) spread() ([]*run, bool) {
	l := r.lots
	if l.size() > mostSpread {
		return nil, false
	}
	var out []*run
	for i := range l.size() {
		if shelf := l.folk.of(l.lot(i))[l.kind]; shelf != nil {
			if inner := newRun(shelf, r.above, l.filters); inner.size > 0 {
				out = append(out, inner)
			}
		}
	}
	return out, true
}

// Wide tells whether the search has many charts before it that nobody has asked for yet.
func (s *Search) Wide() bool {
	for _, r := range s.runs {
		if r.lots != nil && r.lots.size()-r.lots.next > many {
			return true
		}
	}
	return false
}

// Among is the view as it matters to somebody who may see the records of these patients, and those of
// nobody: what the base holds about others is passed over unasked. It is for speed; the door decides as ever.
func (v View) Among(patients []string) View {
	if patients == nil {
		patients = []string{}
	}
	v.among = patients
	return v
}

// Once is the view for somebody who goes through all there is, and will not come back: charts are not kept for him, and
// of each, what he is looking for is made and no more.
func (v View) Once() View {
	v.once = true
	return v
}

// large is how many records are gone through without asking first whose they are.
const large = 4096

// Sample is a few records of the base out of the many that a search would have to go through; none if it
// finds its way without.
func (v View) Sample(resourceType string, filters []Filter) []*Sealed {
	var out []*Sealed
	base := v.s.layers[0]
	if s := base.shelves[resourceType]; s != nil && len(s.list) > large && !named(filters) {
		for _, i := range []int{0, len(s.list) / 2, len(s.list) - 1} {
			out = append(out, seal(s.list[i]))
		}
	}
	if f := base.folk; f != nil && resourceType == "Patient" && f.Len() > large && !named(filters) {
		for _, n := range []int{0, f.Len() / 2, f.Len() - 1} {
			out = append(out, seal(f.person(n)))
		}
	}
	if f := base.folk; f != nil && f.Len() > 0 && f.Holds(resourceType) {
		l := &lots{folk: f}
		if l.which, l.all = f.whose(resourceType, filters); l.all || len(l.which) > many {
			for _, i := range []int{0, l.size() / 2, l.size() - 1} {
				if s := f.of(l.lot(i))[resourceType]; s != nil {
					out = append(out, seal(s.list[0]))
				}
			}
		}
	}
	return out
}

func named(filters []Filter) bool {
	return slices.ContainsFunc(filters, func(f Filter) bool { return f.Param == ID })
}

// owned finds the records of a shelf by whose they are; those of nobody under "".
func (s *shelf) owned() map[string][]int32 {
	s.owning.Do(func() {
		s.owners = map[string][]int32{}
		for i, r := range s.list {
			if len(r.Patients) == 0 {
				s.owners[""] = append(s.owners[""], int32(i)) //nolint:gosec // fits
			}
			for _, p := range r.Patients {
				s.owners[p] = append(s.owners[p], int32(i)) //nolint:gosec // fits
			}
		}
	})
	return s.owners
}

// own is a probe for the records of some patients, and of nobody.
func (s *shelf) own(patients []string) probe {
	if s.roll != nil {
		return s.roll.own(patients)
	}
	owners := s.owned()
	n := len(owners[""])
	for _, p := range patients {
		n += len(owners[p])
	}
	list := func() []int32 {
		out := slices.Clone(owners[""])
		for _, p := range patients {
			out = append(out, owners[p]...)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return probe{estimate: n, list: list, match: func(int32) bool { return true }}
}
