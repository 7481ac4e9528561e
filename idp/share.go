package idp

import "slices"

// shares divide a store: no client has more than its share of the values, and what it adds beyond that costs its own
// oldest, so that none can push out what the others have there.
type shares[V any] struct {
	most  int
	owner func(V) string
	of    map[string]*share
}

func newShares[V any](most int, owner func(V) string) *shares[V] {
	return &shares[V]{most, owner, map[string]*share{}}
}

// share is what one client has.
type share struct {
	keys   []digest // oldest first; some may be gone
	there  int      // those that are not
	pushed int      // how many have made way
}

func (h *shares[V]) at(value V) *share {
	name := h.owner(value)
	if h.of[name] == nil {
		h.of[name] = &share{}
	}
	return h.of[name]
}

func (h *shares[V]) less(value V) {
	name := h.owner(value)
	if h.of[name].there--; h.of[name].there == 0 {
		delete(h.of, name)
	}
}

// makeRoom lets a new value in: at the cost of its owner's oldest, if he has his share, or of what has to go first,
// if the store is full.
func (s *store[V]) makeRoom(key digest, value V) {
	if s.shares != nil {
		if own := s.shares.at(value); own.there >= s.shares.most {
			s.evictFrom(own)
		}
	}
	if len(s.items) >= s.max {
		s.evict()
	}
	if s.shares != nil {
		own := s.shares.at(value)
		if len(own.keys) > 2*own.there+64 {
			own.keys = slices.DeleteFunc(own.keys, func(key digest) bool { _, there := s.items[key]; return !there })
		}
		own.keys, own.there = append(own.keys, key), own.there+1
	}
}

// evictFrom drops the oldest value of an owner.
func (s *store[V]) evictFrom(own *share) {
	for len(own.keys) > 0 {
		key := own.keys[0]
		own.keys = own.keys[1:]
		if it, there := s.items[key]; there {
			own.pushed++
			s.forget(key, it, false)
			return
		}
	}
}

// pushedOut is how many values of an owner have made way for newer ones of his.
func (s *store[V]) pushedOut(owner string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if own := s.shares.of[owner]; own != nil {
		return own.pushed
	}
	return 0
}
