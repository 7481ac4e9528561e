package ecosystem

import (
	"time"

	"thiefbox/sim/dice"
)

// Copies are the copies of the server's public keys that the APIs of a population keep. That an API goes by its copy,
// for how long, and whether it looks before that because a token names a key it does not know, is what the exemplar of
// its kind showed on the wire. What is decided here is when each of the others last fetched: within one age before the
// exemplar, spread evenly. So the exemplar is the last of its kind to fetch, and as long as some API of a kind believes
// a key, the exemplar does: whoever seeks one that does finds it.
type Copies struct {
	ahead [][]float64 // by kind, by API: how far before the exemplar it fetches, in ages; the first is the exemplar
}

// Shown is what an exemplar shows of its copy.
type Shown struct {
	Age     time.Duration // at which it fetches anew
	Fetched time.Duration // last
	Early   bool          // that was before its age: a token or an operator had it look, and so all of its kind
}

// NewCopies makes the copies of so many APIs of each kind.
func NewCopies(apis []int, d *dice.Dice) *Copies {
	rng := d.Fork("copies of keys").Fast()
	c := &Copies{ahead: make([][]float64, len(apis))}
	for k, n := range apis {
		c.ahead[k] = make([]float64, n)
		for i := 1; i < n; i++ { // one in each n-th part of an age: the share is met, whatever the dice say
			c.ahead[k][i] = (float64(i) - 1 + rng.Float()) / float64(n-1)
		}
	}
	return c
}

// Count is how many APIs of a kind hold a copy that has something: has says whether one fetched at a moment does. Of
// whoever fetched with the exemplar, shown says it.
func (c *Copies) Count(kind int, now time.Duration, s Shown, shown bool, has func(fetched time.Duration) bool) (n int) {
	for _, ahead := range c.ahead[kind] {
		before := time.Duration(ahead * float64(s.Age))
		fetched := s.Fetched - before
		if next := fetched + s.Age; before > 0 && next > s.Fetched && next <= now {
			fetched = next
		} else if s.Early {
			fetched = s.Fetched
		}
		if fetched == s.Fetched && shown || fetched != s.Fetched && has(fetched) {
			n++
		}
	}
	return n
}
