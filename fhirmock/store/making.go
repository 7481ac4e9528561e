package store

import "sync"

// The index of a large shelf takes seconds to be made, and so do the ledgers of a large town: longer than whoever searches
// should be kept waiting, and than a server may take to answer. They are made beside what goes on, from the start or from
// when they are first wanted, and meanwhile a search that needs one says so (Search.Making). Whether it does follows from
// how much is in the base, of everybody, and from what the store was asked before: never from what one record says.

const (
	// atOnce is how many records are indexed while whoever searches waits: it takes about half a second.
	atOnce = 20_000
	// charted is of how many patients ledgers are made while whoever searches waits.
	charted = 100_000
)

// oneByOne are the indexes of large shelves: one takes all processors, and half as much again as it will weigh.
var oneByOne sync.Mutex

// ready tells whether a search can begin. If it cannot, the index is being made.
func (s *shelf) ready(filters []Filter, sorts []Sort) bool {
	if s.roll != nil || s.says || len(s.list) <= atOnce || s.made.Load() || len(sorts) == 0 && len(filters) == countNamed(filters) {
		return true
	}
	s.beginning.Do(func() { go s.prepare() })
	return false
}

// prepare makes the index, or waits until it is made.
func (s *shelf) prepare() {
	if s.roll == nil && !s.says && len(s.list) > atOnce {
		oneByOne.Lock()
		defer oneByOne.Unlock()
	}
	s.indexOf(ID)
}

// countNamed is how many filters ask for ids, which need no index.
func countNamed(filters []Filter) (n int) {
	for i := range filters {
		if filters[i].Param == ID {
			n++
		}
	}
	return n
}

// ready tells whether there are ledgers, or can be at once. If not, they are being made.
func (l *ledgers) ready(f *folk) bool {
	if f.Len() <= charted || l.made.Load() {
		return true
	}
	l.beginning.Do(func() { go l.of(f, "") })
	return false
}

// Making tells that the search found nothing because what it needs is still being made: ask again in some seconds.
func (s *Search) Making() bool { return s.making }
