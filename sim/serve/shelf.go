package serve

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// shelf is what the journals of all issuers share: room. Where many issuers are busy at once, the oldest events go
// first, whosever they are, so that a thousand issuers take no more memory than a few. The zero value is empty.
type shelf struct {
	most int64 // bytes, as sizeOf counts them; for tests, 0 stands for maxShelf

	told atomic.Int64 // bytes ever kept, which is also the stamp of the next entry
	gone atomic.Int64 // of these, bytes dropped again

	mu       sync.Mutex // held by whoever makes room
	journals []*journal
}

// maxShelf is room for eight issuers that are as busy as can be.
const maxShelf = 8 * maxSize

func (s *shelf) put(j *journal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journals = append(s.journals, j)
}

func (s *shelf) take(j *journal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journals = slices.DeleteFunc(s.journals, func(other *journal) bool { return other == j })
}

// add counts bytes in, and returns a stamp that is greater than all before.
func (s *shelf) add(size int) int64 { return s.told.Add(int64(size)) }

func (s *shelf) less(size int) { s.gone.Add(int64(size)) }

func (s *shelf) size() int64 { return s.told.Load() - s.gone.Load() }

// trim makes room if there is too little: a sixteenth more than needed, so that it is seldom called for. No journal is
// locked by who calls it. If somebody is at it already, it is his.
func (s *shelf) trim() {
	most := cmp.Or(s.most, maxShelf)
	if s.size() <= most || !s.mu.TryLock() {
		return
	}
	defer s.mu.Unlock()
	for most -= most / 16; s.size() > most; {
		if !s.dropOldest(int(s.size() - most)) {
			return
		}
	}
}

// dropOldest has the journal with the oldest event drop it, and what else it has that is older than anything in
// the others, until so many bytes are free.
func (s *shelf) dropOldest(bytes int) bool {
	var oldest *journal
	first, second := int64(math.MaxInt64), int64(math.MaxInt64)
	for _, j := range s.journals {
		switch stamp := j.oldest(); {
		case stamp < first:
			oldest, first, second = j, stamp, first
		case stamp < second:
			second = stamp
		}
	}
	if oldest == nil {
		return false
	}
	oldest.dropUpTo(second, bytes)
	return true
}

// oldest is the stamp of the oldest event, and later than all others if there is none.
func (j *journal) oldest() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.entries.count == 0 {
		return math.MaxInt64
	}
	return j.entries.at(0).stamp
}

// dropUpTo drops what is older than a stamp, until so many bytes are free.
func (j *journal) dropUpTo(stamp int64, bytes int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for before := j.size; j.entries.count > 0 && j.entries.at(0).stamp < stamp && before-j.size < bytes; {
		j.drop()
	}
}
