package store

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"sort"
)

// When is the place of a version in histories.
func (r *Record) When() Position {
	return Position{Keys: []Key{{Number: float64(r.Updated.UnixMilli())}, {Text: r.ID}}, Seq: uint64(r.Version)}
}

// When is the place of a version in histories. That there is a version, and of when, is told to nobody
// by this alone.
func (s *Sealed) When() Position { return s.r.When() }

// Present is the version that stands in place of one, or stood there when the record was deleted; nil if that one does.
func (v View) Present(s *Sealed) *Sealed {
	for i := len(v.s.layers) - 1; i > 0; i-- { // the base has first versions, which stand unless a younger layer has another
		if shelf := v.s.layers[i].shelves[s.r.Type]; shelf != nil {
			if r := shelf.byID[s.r.ID]; r != nil {
				if r.Deleted && r.prev != nil && !r.same(s.r) {
					r = r.prev
				}
				if r.same(s.r) {
					return nil
				}
				return seal(r)
			}
		}
	}
	return nil
}

// Until is when the next version took the place of one, in milliseconds since 1970: infinity for what still stands.
func (v View) Until(s *Sealed) float64 {
	until := math.Inf(1)
	for r := v.get(s.r.Type, s.r.ID); r != nil && !r.same(s.r); r = r.prev {
		until = float64(r.Updated.UnixMilli())
	}
	return until
}

// Later tells whether b comes after a in a history: the latest comes first.
func Later(a, b Position) bool { return compareWhen(a, b) < 0 }

func compareWhen(a, b Position) int {
	if len(a.Keys) < 2 || len(b.Keys) < 2 {
		return -1
	}
	return cmp.Or(cmp.Compare(b.Keys[0].Number, a.Keys[0].Number), cmp.Compare(a.Keys[1].Text, b.Keys[1].Text), cmp.Compare(b.Seq, a.Seq))
}

// History lists the versions of all records of a type, the latest first, from after a position. What is
// gone through is made as it is asked for.
func (v View) History(resourceType string, after *Position) iter.Seq[*Sealed] {
	return func(yield func(*Sealed) bool) {
		var streams []*stream
		for _, l := range v.s.layers {
			if s := l.shelves[resourceType]; s != nil {
				streams = append(streams, &stream{list: s.history(after)})
			}
			if l.folk != nil && resourceType == "Patient" {
				streams = append(streams, &stream{charts: v.personsFrom(l.folk, after)})
			}
			if l.folk != nil && l.folk.Holds(resourceType) {
				streams = append(streams, &stream{charts: v.chartsFrom(l.folk, resourceType, after)})
			}
		}
		var last *Record
		for {
			var best *stream
			for _, s := range streams {
				if s.ready() && (best == nil || compareWhen(s.list[0].When(), best.list[0].When()) < 0) {
					best = s
				}
			}
			if best == nil {
				return
			}
			r := best.list[0]
			best.list = best.list[1:]
			if !r.same(last) && !yield(seal(r)) { // a version stands in more than one layer while a younger one has its successor
				return
			}
			last = r
		}
	}
}

// stream is one source of versions, in order: a list, and then those of charts.
type stream struct {
	list   []*Record
	charts func() ([]*Record, bool)
}

func (s *stream) ready() bool {
	for len(s.list) == 0 && s.charts != nil {
		list, more := s.charts()
		if s.list = list; !more {
			s.charts = nil
		}
	}
	return len(s.list) > 0
}

// history lists the versions of the records of a shelf from after a position. The order is made when it is
// first asked for.
func (s *shelf) history(after *Position) []*Record {
	s.telling.Do(func() {
		for _, r := range s.list {
			for ; r != nil; r = r.prev {
				s.told = append(s.told, r)
			}
		}
		slices.SortFunc(s.told, func(a, b *Record) int { return compareWhen(a.When(), b.When()) })
	})
	if after == nil {
		return s.told
	}
	return s.told[sort.Search(len(s.told), func(i int) bool { return Later(*after, s.told[i].When()) }):]
}

// same tells whether two are one version of one record.
func (r *Record) same(o *Record) bool {
	return o != nil && (r == o || r.ID == o.ID && r.Version == o.Version && r.Type == o.Type)
}

// personsFrom goes through folk in their order, which is that of their ids: all were stored at one time.
func (v View) personsFrom(f *folk, after *Position) func() ([]*Record, bool) {
	next := 0
	if after != nil && len(after.Keys) == 2 {
		if n, ok := f.Patient(after.Keys[1].Text); ok {
			next = n
		}
	}
	who := f.those(v.among, next)
	return func() ([]*Record, bool) {
		n, more := who()
		if !more {
			return nil, false
		}
		if r := f.person(n); after == nil || Later(*after, r.When()) {
			return []*Record{r}, true
		}
		return nil, true
	}
}

// chartsFrom goes through charts in the order of their patients, which is that of their records' ids: all
// were stored at one time.
func (v View) chartsFrom(f *folk, resourceType string, after *Position) func() ([]*Record, bool) {
	next := 0
	if after != nil && len(after.Keys) == 2 {
		if n, ok := f.Owner(after.Keys[1].Text); ok {
			next = n
		}
	}
	who := f.those(v.among, next)
	return func() ([]*Record, bool) {
		n, more := who()
		if !more {
			return nil, false
		}
		if s := f.chart(n, resourceType); s != nil {
			return s.history(after), true
		}
		return nil, true
	}
}

// those goes through patients in order from the nth on: those of a list, or all.
func (f *folk) those(patients []string, next int) func() (n int, more bool) {
	var only []int
	if patients != nil {
		only = f.roll.roll.places(patients)
		next = sort.SearchInts(only, next)
	}
	return func() (int, bool) {
		n := next
		switch next++; {
		case patients == nil:
			return n, n < f.Len()
		case n < len(only):
			return only[n], true
		}
		return 0, false
	}
}
