package store

import (
	"cmp"
	"maps"
	"runtime"
	"slices"
	"sync"

	"thiefbox/fhirmock/terms"
)

// index finds the records of a shelf by one parameter. Records go by their place on the shelf, and
// lists of places are in order, so that lists can be intersected.
type index struct {
	kind   terms.Kind
	words  *words   // tokens, references, URIs and strings; nil for none
	spans  *spans   // dates, quantities, numbers and points; nil for none
	parts  []*index // of a composite, over tuples in place of records
	tuples []int32  // by tuple: the place it is of

	mu       sync.Mutex
	up, down []int32 // words.ranks, made when a search first sorts by them
	has      []int32 // places with any value, made when a search first asks
}

// placed lists the places with any value.
func (x *index) placed(size int) []int32 {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.has == nil {
		all := newSet(size)
		if x.words != nil {
			all.add(x.words.places)
		}
		if x.spans != nil {
			for i := range x.spans.list {
				all.put(x.spans.list[i].place)
			}
		}
		all.add(x.tuples)
		x.has = all.list()
	}
	return x.has
}

func (x *index) ranks(size int, down bool) []int32 {
	x.mu.Lock()
	defer x.mu.Unlock()
	made := &x.up
	if down {
		made = &x.down
	}
	if *made == nil {
		*made = x.words.ranks(size, down)
	}
	return *made
}

// indexOf returns the index of a parameter, or nil if no record of the shelf has it. The first call
// reads every record of the shelf; of a roll, or of records that can say it, it reads what all have under the parameter.
func (s *shelf) indexOf(param string) *index {
	if s.roll != nil {
		return s.roll.indexOf(param)
	}
	if s.says {
		return s.asked.of(param, len(s.list), func(place int, see func(*terms.Term)) { s.list[place].says(param, see) })
	}
	s.once.Do(func() {
		all := gather(len(s.list), func(place int, into func(string, terms.Kind) *column) {
			s.list[place].eachTerm(func(t *terms.Term) { into(t.Param, t.Kind).add(int32(place), t) }) //nolint:gosec // see column.tuple
		})
		s.index = make(map[string]*index, len(all))
		for param, c := range all {
			s.index[param] = c.index()
		}
		s.made.Store(true)
	})
	return s.index[param]
}

// alone is how many records are read by one, sooner than several would have shared them out.
const alone = 512

// gather reads what is to be found at each place into columns, several stretches at a time.
func gather(size int, read func(place int, into func(param string, kind terms.Kind) *column)) map[string]*column {
	stretches := 1
	if size > alone {
		stretches = runtime.GOMAXPROCS(0)
	}
	parts := make([]map[string]*column, stretches)
	var wg sync.WaitGroup
	for i := range parts {
		parts[i] = map[string]*column{}
		into := func(param string, kind terms.Kind) *column {
			c := parts[i][param]
			if c == nil {
				c = &column{kind: kind}
				parts[i][param] = c
			}
			return c
		}
		stretch := func() {
			for place := i * size / stretches; place < (i+1)*size/stretches; place++ {
				read(place, into)
			}
		}
		if i == stretches-1 {
			stretch()
			break
		}
		wg.Go(stretch)
	}
	wg.Wait()
	out := parts[0]
	for _, part := range parts[1:] {
		for _, param := range slices.Sorted(maps.Keys(part)) {
			if c := out[param]; c != nil {
				c.join(part[param])
			} else {
				out[param] = part[param]
			}
		}
	}
	return out
}

// key is what a record is sorted by: upwards its least value, downwards its greatest.
func (s *shelf) key(by Sort, place int32) Key {
	if s.book != nil {
		return s.book.key(by, place)
	}
	if by.Param == ID {
		return Key{Text: s.at(place).ID}
	}
	x := s.indexOf(by.Param)
	switch {
	case x == nil:
	case x.words != nil:
		if rank := x.ranks(s.size(), by.Down)[place]; rank >= 0 {
			return Key{Text: x.words.key(int(rank))}
		}
	case x.spans != nil:
		return x.spans.key(place, by.Down)
	}
	return Key{None: true}
}

// mostOrders is how many orders a shelf remembers.
const mostOrders = 8

// sorted returns all places in the order of sorts. It is made when it is first asked for.
func (s *shelf) sorted(sorts []Sort) []int32 {
	name := orderName(sorts)
	s.sorting.Lock()
	defer s.sorting.Unlock()
	if made := s.orders[name]; made != nil {
		return made
	}
	out := make([]int32, s.size())
	for i := range out {
		out[i] = int32(i) //nolint:gosec // see column.tuple
	}
	for i := len(sorts) - 1; i >= 0; i-- { // the last key first, and each later one keeps what it made
		s.sortBy(sorts[i], out)
	}
	if len(s.orders) >= mostOrders {
		clear(s.orders)
	}
	if s.orders == nil {
		s.orders = map[string][]int32{}
	}
	s.orders[name] = out
	return out
}

func (s *shelf) sortBy(by Sort, places []int32) {
	if x := s.indexOf(by.Param); x != nil && x.words != nil && by.Param != ID {
		ranks := x.ranks(s.size(), by.Down)
		slices.SortStableFunc(places, func(a, b int32) int {
			switch ra, rb := ranks[a], ranks[b]; {
			case ra < 0 || rb < 0: // without a value it comes last, either way
				return cmp.Compare(rb, ra)
			case by.Down:
				return cmp.Compare(rb, ra)
			default:
				return cmp.Compare(ra, rb)
			}
		})
		return
	}
	keys := make([]Key, s.size())
	for i := range keys {
		keys[i] = s.key(by, int32(i)) //nolint:gosec // see column.tuple
	}
	slices.SortStableFunc(places, func(a, b int32) int { return keys[a].compare(keys[b], by.Down) })
}

func orderName(sorts []Sort) string {
	name := ""
	for _, by := range sorts {
		if by.Down {
			name += "-"
		}
		name += by.Param + ","
	}
	return name
}
