package store

import (
	"sync"

	"thiefbox/fhirmock/terms"
)

// Says calls see with what something can be found by under a parameter: what package terms would read out of it. The
// term is see's for the time of the call.
type Says func(param string, see func(*terms.Term))

// asked are indexes that are made when somebody first searches by their parameter, for a shelf whose records need not be
// written to know what they say under it.
type asked struct {
	mu    sync.Mutex
	index map[string]*askedIndex
}

type askedIndex struct {
	once sync.Once
	made *index // nil if nobody has a value
}

// of returns the index of a parameter over so many places, or nil if none has a value.
func (a *asked) of(param string, size int, says func(place int, see func(*terms.Term))) *index {
	a.mu.Lock()
	x := a.index[param]
	if x == nil {
		if a.index == nil {
			a.index = map[string]*askedIndex{}
		}
		x = &askedIndex{}
		a.index[param] = x
	}
	a.mu.Unlock()
	x.once.Do(func() {
		all := gather(size, func(place int, into func(string, terms.Kind) *column) {
			says(place, func(t *terms.Term) { into(param, t.Kind).add(int32(place), t) }) //nolint:gosec // see column.tuple
		})
		if c := all[param]; c != nil {
			x.made = c.index()
		}
	})
	return x.made
}
