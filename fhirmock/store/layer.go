package store

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// layer holds the latest version of some records, by type.
type layer struct {
	shelves map[string]*shelf
	size    int
	folk    *folk // below a base, or nil
	kept    bool  // it was read again when the process began
}

func newLayer() *layer { return &layer{shelves: map[string]*shelf{}} }

// put adds a record to a layer that nobody else sees yet.
func (l *layer) put(r *Record) {
	s := l.shelves[r.Type]
	if s == nil {
		s = newShelf()
		l.shelves[r.Type] = s
	}
	if s.byID[r.ID] != nil {
		s.list[s.placeOf(r.seq)] = r
		s.byID[r.ID] = r
		return
	}
	s.list = slices.Insert(s.list, s.placeOf(r.seq), r)
	s.byID[r.ID] = r
	l.size++
}

// again is the layer with empty indexes: one that grows must not be searched by what it held before.
func (l *layer) again() *layer {
	out := &layer{shelves: make(map[string]*shelf, len(l.shelves)), size: l.size}
	for name, s := range l.shelves {
		out.shelves[name] = &shelf{list: slices.Clone(s.list), byID: maps.Clone(s.byID)}
	}
	return out
}

// shelf holds the records of one type, by place and by id.
type shelf struct {
	list []*Record // by seq
	byID map[string]*Record
	roll *roll   // the patients of folk, in place of list and byID
	book *ledger // what stands in their charts, in place of both

	says  bool // every record can say what it is found by
	asked asked

	once      sync.Once
	index     map[string]*index // by parameter
	made      atomic.Bool       // and there to be searched
	beginning sync.Once         // of its being made beside what goes on

	sorting sync.Mutex
	orders  map[string][]int32 // places in the order of sorts, by orderName

	telling sync.Once
	told    []*Record // versions, the latest first

	owning sync.Once
	owners map[string][]int32 // by patient

	gist gist
}

func newShelf() *shelf { return &shelf{byID: map[string]*Record{}} }

func (s *shelf) add(r *Record) {
	s.list = append(s.list, r)
	s.byID[r.ID] = r
}

func (s *shelf) sort() {
	slices.SortFunc(s.list, func(a, b *Record) int { return cmp.Compare(a.seq, b.seq) })
}

// size is how many records the shelf has.
func (s *shelf) size() int {
	switch {
	case s.roll != nil:
		return s.roll.folk.Len()
	case s.book != nil:
		return s.book.size()
	}
	return len(s.list)
}

// at is the record at a place.
func (s *shelf) at(place int32) *Record {
	switch {
	case s.roll != nil:
		return s.roll.folk.person(int(place))
	case s.book != nil:
		return s.book.made(place)
	}
	return s.list[place]
}

// seqAt is the seq of the record at a place.
func (s *shelf) seqAt(place int32) uint64 {
	switch {
	case s.roll != nil:
		return s.roll.folk.firstOf(int(place))
	case s.book != nil:
		return s.book.seqAt(place)
	}
	return s.list[place].seq
}

// placeOfID is the place of a record.
func (s *shelf) placeOfID(id string) (int32, bool) {
	if s.roll != nil {
		n, is := s.roll.folk.Patient(id)
		return int32(n), is //nolint:gosec // see column.tuple
	}
	r := s.byID[id]
	if r == nil {
		return 0, false
	}
	return int32(s.placeOf(r.seq)), true //nolint:gosec // see column.tuple
}

// placeOf is where the record of a seq stands, or would.
func (s *shelf) placeOf(seq uint64) int {
	place, _ := slices.BinarySearchFunc(s.list, seq, func(o *Record, seq uint64) int { return cmp.Compare(o.seq, seq) })
	return place
}
