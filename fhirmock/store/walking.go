package store

import (
	"math"
	"slices"
)

// feed gives the next places of a search in its order, and nil at the end.
type feed func() []int32

// aChunk is how many places a feed looks for at a time.
const aChunk = 64

// few lists the matches of some shapes if few can match, more than most of them not.
func (s *sift) few(shapes []int, most int) (places []int32, few bool) {
	if s.all || s.crowded() > most {
		return s.rare(shapes, most)
	}
	w := s.walk(shapes, 0)
	for out := w.next(math.MaxInt); out != nil; out = w.next(math.MaxInt) {
		places = append(places, out...)
	}
	return places, true
}

// rare is few by way of the orders.
func (s *sift) rare(shapes []int, most int) (places []int32, rare bool) {
	total := 0
	all := make([][]stretch, len(shapes))
	for i, shape := range shapes {
		var n int
		if all[i], n = s.stretches(shape); total+n > most {
			return nil, false
		}
		total += n
	}
	match := s.test(shapes)
	for i, shape := range shapes {
		for _, st := range all[i] {
			for _, place := range s.g.orders[st.order].of(shape)[st.from:st.to] {
				if match(place) {
					places = append(places, place)
				}
			}
		}
	}
	slices.Sort(places)
	return slices.Compact(places), true
}

// crowded is how many records the crowd has.
func (s *sift) crowded() int {
	total := 0
	for _, n := range s.crowd {
		total += int(s.g.start(int(n)+1) - s.g.start(int(n)))
	}
	return total
}

// most is how many are few: about as many as one would pass by, looking for the next match in a ledger with that many,
// and some more, for what can match does not have to.
func (s *sift) most() int { return max(fewSorted, int(8*math.Sqrt(float64(s.g.size())))) }

// aLook is how many places are looked at before one asks whether they should be listed instead.
const aLook = 1024

// bySeq feeds the matches of some shapes in the order of the ledger, from a place on.
func (s *sift) bySeq(shapes []int, from int32) feed {
	if len(shapes) == 0 {
		return once(nil)
	}
	w := s.walk(shapes, from)
	first := w.next(aLook)
	if len(first) < aChunk/4 && w.left {
		if places, rare := s.rare(shapes, s.most()); rare {
			at, _ := slices.BinarySearch(places, from)
			return once(places[at:])
		}
	}
	return func() []int32 {
		out := first
		if first = nil; out != nil {
			return out
		}
		return w.next(math.MaxInt)
	}
}

// walk looks at place after place.
type walk struct {
	match   func(place int32) bool
	ranges  func() (at, end int32, more bool)
	at, end int32
	left    bool // whether there may be more
}

func (s *sift) walk(shapes []int, from int32) *walk {
	return &walk{match: s.test(shapes), ranges: s.ranges(from), left: true}
}

// next is a chunk of matches, or less where so many places have been looked at.
func (w *walk) next(look int) []int32 {
	var out []int32
	for len(out) < aChunk && look > 0 && w.left {
		if w.at == w.end {
			w.at, w.end, w.left = w.ranges()
			continue
		}
		for ; w.at < w.end && len(out) < aChunk && look > 0; look-- {
			if w.match(w.at) {
				out = append(out, w.at)
			}
			w.at++
		}
	}
	return out
}

// ranges are the stretches of places that are gone through, from a place on.
func (s *sift) ranges(from int32) func() (at, end int32, more bool) {
	if s.all {
		size, begun := int32(s.g.size()), false //nolint:gosec // see column.tuple
		return func() (int32, int32, bool) {
			if begun {
				return size, size, false
			}
			begun = true
			return from, max(from, size), true
		}
	}
	i, _ := slices.BinarySearchFunc(s.crowd, from, func(n, from int32) int {
		if s.g.start(int(n)+1) <= from {
			return -1
		}
		return 1
	})
	return func() (at, end int32, more bool) {
		if i == len(s.crowd) {
			return 0, 0, false
		}
		n := int(s.crowd[i])
		i++
		return max(from, s.g.start(n)), max(from, s.g.start(n+1)), true
	}
}

// once is a feed of a list.
func once(places []int32) feed {
	return func() []int32 {
		out := places
		places = nil
		return orNil(out)
	}
}

func orNil(places []int32) []int32 {
	if len(places) == 0 {
		return nil
	}
	return places
}
