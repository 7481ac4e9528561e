package store

import "math/bits"

// set is a set of places: a bit each.
type set []uint64

func newSet(size int) set { return make(set, (size+63)/64) }

func (s set) put(place int32) { s[place>>6] |= 1 << (place & 63) }

func (s set) add(places []int32) {
	for _, p := range places {
		s.put(p)
	}
}

// list is the places in order.
func (s set) list() []int32 {
	out := make([]int32, 0, s.count())
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			out = append(out, int32(i<<6|bits.TrailingZeros64(w))) //nolint:gosec // a place
		}
	}
	return out
}

// fill puts all places up to a size into an empty set.
func (s set) fill(size int) {
	for i := range s {
		s[i] = ^uint64(0)
	}
	if rest := size & 63; rest > 0 {
		s[len(s)-1] = 1<<rest - 1
	}
}

func (s set) has(place int32) bool { return s[place>>6]&(1<<(place&63)) != 0 }

// keep takes out the places that do not match.
func (s set) keep(match func(int32) bool) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			if bit := bits.TrailingZeros64(w); !match(int32(i<<6 | bit)) { //nolint:gosec // a place
				s[i] &^= 1 << bit
			}
		}
	}
}

func (s set) without(places []int32) {
	for _, p := range places {
		s[p>>6] &^= 1 << (p & 63)
	}
}

func (s set) and(o set) {
	for i := range s {
		s[i] &= o[i]
	}
}

func (s set) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}
