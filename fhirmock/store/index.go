package store

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"sync"

	"thiefbox/fhirmock/terms"
)

// index finds the records of a shelf by one parameter. Records go by their place on the shelf, and
// lists of places are in order, so that lists can be intersected.
type index struct {
	kind terms.Kind
	once sync.Once // finish, when the parameter is first searched by
	has  []int32   // places with any value

	byKey    map[string][]int32 // tokens by code, references, URIs
	bySystem map[string][]int32 // tokens by system|code

	entries    []entry // strings and intervals, in order of place
	byLo, byHi []int32 // intervals: entries in order of their begin, of their end
	byText     []int32 // strings: entries in order of their folded text
	up, down   []int32 // places in ascending and descending order of value, made when a search first sorts by it
}

type entry struct {
	place  int32
	key    string
	other  string // exact string, or unit system
	lo, hi float64
}

func (x *index) add(place int32, t terms.Term) {
	if n := len(x.has); n == 0 || x.has[n-1] != place {
		x.has = append(x.has, place)
	}
	switch t.Kind {
	case terms.String:
		x.entries = append(x.entries, entry{place: place, key: t.Key, other: t.Exact})
	case terms.Interval:
		x.entries = append(x.entries, entry{place: place, key: t.Key, other: t.System, lo: t.Lo, hi: t.Hi})
	default:
		if x.byKey == nil {
			x.byKey, x.bySystem = map[string][]int32{}, map[string][]int32{}
		}
		appendOnce(x.byKey, t.Key, place)
		if t.Kind == terms.Token {
			appendOnce(x.bySystem, t.System+"|"+t.Key, place)
		}
	}
}

func appendOnce(m map[string][]int32, key string, place int32) {
	list := m[key]
	if n := len(list); n == 0 || list[n-1] != place {
		m[key] = append(list, place)
	}
}

// finish sorts what is searched by order.
func (x *index) finish() {
	order := func(less func(a, b *entry) int) []int32 {
		out := make([]int32, len(x.entries))
		for i := range out {
			out[i] = int32(i)
		}
		slices.SortStableFunc(out, func(a, b int32) int { return less(&x.entries[a], &x.entries[b]) })
		return out
	}
	switch x.kind {
	case terms.String:
		x.byText = order(func(a, b *entry) int { return cmp.Compare(a.key, b.key) })
	case terms.Interval:
		x.byLo = order(func(a, b *entry) int { return cmp.Compare(a.lo, b.lo) })
		x.byHi = order(func(a, b *entry) int { return cmp.Compare(a.hi, b.hi) })
	}
}

// of returns the entries of one place.
func (x *index) of(place int32) []entry {
	from := sort.Search(len(x.entries), func(i int) bool { return x.entries[i].place >= place })
	to := from
	for to < len(x.entries) && x.entries[to].place == place {
		to++
	}
	return x.entries[from:to]
}

// candidates returns the entries among which those that match are to be found, by way of the order that
// leaves fewest.
func (x *index) candidates(m *Match) []int32 {
	switch x.kind {
	case terms.String:
		if m.Op == Contains {
			return x.byText
		}
		begin := m.Key
		if m.Op == Exactly {
			begin = terms.Fold(m.Key)
		}
		from := sort.Search(len(x.byText), func(i int) bool { return x.entries[x.byText[i]].key >= begin })
		rest := x.byText[from:]
		return rest[:sort.Search(len(rest), func(i int) bool { return !strings.HasPrefix(x.entries[rest[i]].key, begin) })]
	case terms.Interval:
		return x.within(m)
	}
	return nil
}

func (x *index) within(m *Match) []int32 {
	fromLo := func(v float64) int {
		return sort.Search(len(x.byLo), func(i int) bool { return x.entries[x.byLo[i]].lo >= v })
	}
	fromHi := func(v float64) int {
		return sort.Search(len(x.byHi), func(i int) bool { return x.entries[x.byHi[i]].hi >= v })
	}
	switch m.Op {
	case Equal:
		return x.byLo[fromLo(m.Lo):max(fromLo(m.Lo), fromLo(next(m.Hi)))]
	case Greater, GreaterEqual:
		return x.byHi[fromHi(m.Lo):]
	case After:
		return x.byLo[fromLo(m.Hi):]
	case Less, LessEqual:
		return x.byLo[:fromLo(next(m.Hi))]
	case Before:
		return x.byHi[:fromHi(next(m.Lo))]
	}
	return x.byLo
}

// sorted returns places in order of value: by begin upwards, by end downwards; without a value last.
func (s *shelf) sorted(param string, down bool) []int32 {
	x := s.indexOf(param)
	out := make([]int32, len(s.list))
	for i := range out {
		out[i] = int32(i)
	}
	if x == nil {
		return out
	}
	s.sorting.Lock()
	defer s.sorting.Unlock()
	made := &x.up
	if down {
		made = &x.down
	}
	if *made == nil {
		keys := make([]Key, len(s.list))
		for i := range keys {
			keys[i] = s.key(param, int32(i), down)
		}
		slices.SortStableFunc(out, func(a, b int32) int { return keys[a].compare(keys[b], down) })
		*made = out
	}
	return *made
}
