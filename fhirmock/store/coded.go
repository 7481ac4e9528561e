package store

import (
	"math/bits"
	"sync/atomic"
)

// Who of the folk has a record about something: by type and code, a bit for each patient. A chart that has none is not
// opened for a search by code alone; one that has is looked through as ever, so that what was written over it counts.
// A code weighs an eighth of a byte a patient: a town of a hundred thousand has about 110 codes, and so 1.4 MB. The index
// is made when somebody first searches by code, in some 20 microseconds a patient: at once in a small town, in a large one
// beside what goes on, and until it is there charts are gone through one after the other. Other parameters of what stands
// in charts, such as category or combo-code, have no such index.

// codings is the index of folk by code.
type codings struct {
	begun atomic.Bool
	made  atomic.Pointer[map[string]map[word]set] // by type and code, with its system beside it
}

// soonCoded is up to how many patients the index is made while the first who asks waits; whoever asks meanwhile does not.
const soonCoded = 4096

// of returns the index, or nil as long as it is not there.
func (c *codings) of(f *folk) map[string]map[word]set {
	if f.Len() <= soonCoded {
		c.make(f)
	} else if !c.begun.Load() {
		go c.make(f) // it ends by itself, and holds nothing but what never changes
	}
	if made := c.made.Load(); made != nil {
		return *made
	}
	return nil
}

// make makes the index, unless somebody has begun to.
func (c *codings) make(f *folk) {
	if !c.begun.CompareAndSwap(false, true) {
		return
	}
	out := map[string]map[word]set{}
	for n := range f.Len() {
		f.Codes(n, func(resourceType, system, code string) {
			of := out[resourceType]
			if of == nil {
				of = map[word]set{}
				out[resourceType] = of
			}
			who := of[word{code, system}]
			if who == nil {
				who = newSet(f.Len())
				of[word{code, system}] = who
			}
			who.put(int32(n)) //nolint:gosec // see column.tuple
		})
	}
	c.made.Store(&out)
}

// coded lists in whose charts a record is about what a filter asks for.
func (f *folk) coded(resourceType string, by *Filter) (lots []int, known bool) {
	for i := range by.Any {
		if by.Any[i].Op != Is || by.Any[i].Parts != nil {
			return nil, false
		}
	}
	made := f.coding.of(f)
	if made == nil {
		return nil, false
	}
	all := newSet(f.Len())
	for w, who := range made[resourceType] {
		for i := range by.Any {
			if w.fits(&by.Any[i]) {
				all.or(who)
				break
			}
		}
	}
	return all.ints(), true
}

// fits tells whether a token is one that is looked for: words.find for a single one.
func (w word) fits(m *Match) bool {
	switch {
	case m.System != nil && *m.System != w.other:
		return false
	case m.Fits != nil:
		return m.Fits(w.key)
	case m.System != nil && m.Key == "": // "system|" alone asks for any code of it
		return true
	}
	return m.Key == w.key
}

func (s set) or(o set) {
	for i := range s {
		s[i] |= o[i]
	}
}

func (s set) ints() []int {
	out := make([]int, 0, s.count())
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			out = append(out, i<<6|bits.TrailingZeros64(w))
		}
	}
	return out
}
