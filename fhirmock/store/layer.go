package store

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"thiefbox/fhirmock/terms"
)

// layer holds the latest version of some records, by type.
type layer struct {
	shelves map[string]*shelf
	size    int
	folk    *folk // below a base, or nil
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

	once    sync.Once
	index   map[string]*index // by parameter
	sorting sync.Mutex

	telling sync.Once
	told    []*Record // versions, the latest first

	owning sync.Once
	owners map[string][]int32 // by patient
}

func newShelf() *shelf { return &shelf{byID: map[string]*Record{}} }

func (s *shelf) add(r *Record) {
	s.list = append(s.list, r)
	s.byID[r.ID] = r
}

func (s *shelf) sort() {
	slices.SortFunc(s.list, func(a, b *Record) int { return cmp.Compare(a.seq, b.seq) })
}

// placeOf is where the record of a seq stands, or would.
func (s *shelf) placeOf(seq uint64) int {
	place, _ := slices.BinarySearchFunc(s.list, seq, func(o *Record, seq uint64) int { return cmp.Compare(o.seq, seq) })
	return place
}

// indexOf returns the index of a parameter, or nil if no record of the shelf has it. The first call
// reads every record of the shelf.
func (s *shelf) indexOf(param string) *index {
	s.once.Do(func() {
		s.index = map[string]*index{}
		words := map[string]string{} // names and codes recur: one copy will do
		once := func(word string) string {
			if known, is := words[word]; is {
				return known
			}
			words[word] = word
			return word
		}
		for ord, r := range s.list {
			for _, t := range r.termsNow() {
				x := s.index[t.Param]
				if x == nil {
					x = &index{kind: t.Kind}
					s.index[t.Param] = x
				}
				if t.Kind == terms.String {
					t.Key, t.Exact = once(t.Key), once(t.Exact)
				}
				x.add(int32(ord), t)
			}
		}
	})
	x := s.index[param]
	if x != nil {
		x.once.Do(x.finish)
	}
	return x
}
