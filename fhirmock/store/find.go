package store

import (
	"cmp"
	"math"
	"slices"
)

// Sort is one key to sort by.
type Sort struct {
	Param string
	Down  bool
}

// Key is what a record is sorted by under one parameter. Without a value it comes last, either way.
type Key struct {
	None   bool    `json:"n,omitempty"`
	Number float64 `json:"v,omitempty"`
	Text   string  `json:"t,omitempty"`
}

func (k Key) compare(o Key, down bool) int {
	if k.None || o.None {
		switch {
		case k.None == o.None:
			return 0
		case k.None:
			return 1
		}
		return -1
	}
	c := cmp.Or(cmp.Compare(k.Number, o.Number), cmp.Compare(k.Text, o.Text))
	if down {
		return -c
	}
	return c
}

// Position is a place in the results of a search, from which it can go on later: records that come and
// go meanwhile move no other.
type Position struct {
	Keys []Key  `json:"k,omitempty"`
	Seq  uint64 `json:"s"`
}

// Search is the results of Find, one after the other.
type Search struct {
	view     View
	sorts    []Sort
	runs     []*run
	after    *Position
	at       Position
	examined int
	// Cut says that the search gave up for now, because too much had to be looked at. It goes on from At.
	Cut    bool
	making bool
}

const (
	// mostExamined is how many records a search looks at before it is cut.
	mostExamined = 20000
)

// run is what one shelf contributes: places to look at, and what else must hold there.
type run struct {
	shelf  *shelf
	above  []*shelf // of younger layers: what stands there too is out of date here
	places []int32  // nil for all
	size   int
	next   int
	probes []probe
	bySeq  bool
	fit    set                    // of places in the order of an index, those that satisfy the filters; nil if probes tell
	sift   *sift                  // of a ledger, that satisfies the filters and has arranged the order, or nil
	more   feed                   // of its further places
	mine   func(place int32) bool // whether the record there matters to whoever asks; nil for all

	head   Position // of next, once it was asked for
	headed int      // one more than the next that head is of
}

// Find looks for records of a type that satisfy every filter, in the order of sorts, or of their coming
// about, from after a position.
func (v View) Find(resourceType string, filters []Filter, sorts []Sort, after *Position) *Search {
	s := &Search{view: v, sorts: sorts, after: after}
	var above []*shelf
	for i := len(v.s.layers) - 1; i >= 0; i-- {
		if shelf := v.s.layers[i].shelves[resourceType]; shelf != nil {
			if (i == 0 || v.s.layers[i].kept) && !shelf.ready(filters, sorts) {
				return &Search{making: true}
			}
			s.runs = append(s.runs, v.newRun(shelf, slices.Clone(above), filters))
			above = append(above, shelf)
		}
		f := v.s.layers[i].folk
		if f != nil && resourceType == "Patient" {
			s.runs = append(s.runs, v.newRun(f.roll, above, filters))
		}
		if f != nil && f.Holds(resourceType) {
			runs, ready := v.charts(f, resourceType, above, filters)
			if !ready {
				return &Search{making: true}
			}
			s.runs = append(s.runs, runs...)
		}
	}
	if len(sorts) > 0 {
		s.arrange()
		return s
	}
	for _, r := range s.runs {
		r.skipTo(after)
	}
	return s
}

func newRun(s *shelf, above []*shelf, filters []Filter) *run {
	return View{}.newRun(s, above, filters)
}

// newRun passes over what does not matter to whoever the view is for.
func (v View) newRun(s *shelf, above []*shelf, filters []Filter) *run {
	r := &run{shelf: s, above: above, size: s.size(), bySeq: true}
	best := -1
	for i := range filters {
		p := s.probe(&filters[i])
		r.probes = append(r.probes, p)
		if best < 0 || p.estimate < r.probes[best].estimate {
			best = i
		}
	}
	if v.among != nil && s.roll == nil {
		r.mine = func(place int32) bool { return v.matters(s.at(place)) }
	}
	if v.among != nil && (s.roll != nil || s.size() > large) {
		p := s.own(v.among, v.settled)
		if s.roll != nil {
			r.mine = p.match
		}
		if r.probes = append(r.probes, p); best < 0 || p.estimate < r.probes[best].estimate {
			r.drive(len(r.probes) - 1)
			return r
		}
	}
	// A list of all that match is worth making if it is short; otherwise a page is found sooner by looking
	// at one record after the other.
	if best >= 0 && (r.probes[best].estimate <= 4096 || float64(r.probes[best].estimate) < 8*math.Sqrt(float64(s.size()))) {
		r.drive(best)
	} else if best >= 0 && r.probes[best].estimate < s.size()/16 {
		r.drive(best)
	}
	return r
}

func (r *run) drive(best int) {
	r.places = r.probes[best].list()
	if r.places == nil {
		r.places = []int32{}
	}
	r.size = len(r.places)
	r.probes = slices.Delete(r.probes, best, best+1)
}

func (r *run) skipTo(after *Position) {
	if r.sift != nil {
		r.more = r.sift.sorted(nil, r.sift.shapes(), after)
		return
	}
	if after == nil {
		return
	}
	lo, hi := 0, r.size
	for lo < hi {
		mid := (lo + hi) / 2
		if r.seq(mid) <= after.Seq {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	r.next = lo
}

func (r *run) place(i int) int32 {
	if r.places == nil {
		return int32(i)
	}
	return r.places[i]
}

func (r *run) record(i int) *Record { return r.shelf.at(r.place(i)) }

func (r *run) seq(i int) uint64 { return r.shelf.seqAt(r.place(i)) }

// good returns the record at i if it is a present one that satisfies all filters, or nil.
func (r *run) good(i int) *Record {
	for j := range r.probes {
		if !r.probes[j].match(r.place(i)) {
			return nil
		}
	}
	rec := r.record(i)
	if rec.Deleted {
		return nil
	}
	for _, s := range r.above {
		if s.byID[rec.ID] != nil {
			return nil
		}
	}
	return rec
}

// refill asks a ledger for more places, and tells whether there are.
func (r *run) refill() bool {
	if r.more == nil {
		return false
	}
	r.places = r.more()
	if r.next, r.size, r.headed = 0, len(r.places), 0; r.size == 0 {
		r.more = nil
	}
	return r.size > 0
}

// Next returns the next result, or nil if there are no more, or the search was cut.
func (s *Search) Next() *Sealed {
	for {
		best := -1
		var where Position
		for i, r := range s.runs {
			r.skipUnfit()
			if r.next >= r.size && !r.refill() {
				continue
			}
			p := s.headOf(r)
			if best < 0 || s.order(p, where) < 0 {
				best, where = i, p
			}
		}
		if best < 0 {
			return nil
		}
		if r := s.runs[best]; r.mine != nil && !r.mine(r.place(r.next)) {
			r.next++
			continue
		}
		if s.examined++; s.examined > mostExamined {
			s.Cut = true
			return nil
		}
		r := s.runs[best]
		i := r.next
		r.next++
		s.at = where
		if rec := r.good(i); rec != nil {
			return seal(rec)
		}
	}
}

// At is the position of what Next looked at last.
func (s *Search) At() Position { return s.at }
