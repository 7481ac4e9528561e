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
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	out := make([]int32, 0, n)
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			out = append(out, int32(i<<6|bits.TrailingZeros64(w))) //nolint:gosec // a place
		}
	}
	return out
}
