package idp

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"
	"time"
)

// sightings remember which assertions and proofs were used, until these have expired: one number each, for there are
// two to every token. They are filed by spans of time, and a span that is over goes as a whole. When there are too
// many, some that would be forgotten soonest make way.
type sightings struct {
	mu    sync.Mutex
	spans []span // soonest first
	size  int
	most  int // 0 for mostSightings
	// watch is told what comes and goes, under the lock; nil for nobody. urgent: somebody asked for it.
	watch func(key sighting, expires time.Time, gone, urgent bool)
}

// mostSightings is 5,000 requests a second with an assertion and a proof, for the minute that these live; 12 MiB.
const mostSightings = 1 << 19

// sighting is half a digest: enough to tell half a million apart.
type sighting uint64

func sightingOf(key digest) sighting { return sighting(binary.BigEndian.Uint64(key[:])) }

type span struct {
	number int64              // of spans since 1970; after it, everything in it has expired
	until  map[sighting]int64 // nanoseconds since 1970
}

// add reports whether it is the first sighting, and remembers it in the same step.
func (s *sightings) add(key digest, now, expires time.Time) bool {
	k := sightingOf(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(now)
	for _, in := range s.spans {
		until, there := in.until[k]
		if there && now.UnixNano() < until {
			return false
		}
		if there { // it has expired, and is remembered elsewhere from now on
			delete(in.until, k)
			s.size--
		}
	}
	if s.size >= cmp.Or(s.most, mostSightings) {
		s.evict()
	}
	in := s.span(expires.UnixNano()/int64(bucketSpan) + 1)
	before := len(in.until)
	in.until[k] = expires.UnixNano()
	s.size += len(in.until) - before
	if s.watch != nil {
		s.watch(k, expires, false, true)
	}
	return true
}

// remove takes a sighting back.
func (s *sightings) remove(key digest) {
	k := sightingOf(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, in := range s.spans {
		s.forget(in, k, true)
	}
}

func (s *sightings) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

func (s *sightings) forget(in span, k sighting, urgent bool) {
	if _, there := in.until[k]; !there {
		return
	}
	delete(in.until, k)
	s.size--
	if s.watch != nil {
		s.watch(k, time.Time{}, true, urgent)
	}
}

// span finds or makes a span. It is nearly always the last.
func (s *sightings) span(number int64) span {
	i, found := slices.BinarySearchFunc(s.spans, number, func(in span, number int64) int { return cmp.Compare(in.number, number) })
	if !found {
		s.spans = slices.Insert(s.spans, i, span{number, map[sighting]int64{}})
	}
	return s.spans[i]
}

func (s *sightings) expire(now time.Time) {
	for len(s.spans) > 0 && s.spans[0].number <= now.UnixNano()/int64(bucketSpan) {
		s.dropSpan()
	}
}

func (s *sightings) dropSpan() {
	in := s.spans[0]
	s.spans = slices.Delete(s.spans, 0, 1)
	s.size -= len(in.until)
	if s.watch != nil {
		for k := range in.until {
			s.watch(k, time.Time{}, true, false)
		}
	}
}

// evict drops one of the sightings that expire soonest, whichever.
func (s *sightings) evict() {
	for len(s.spans) > 0 {
		for k := range s.spans[0].until {
			s.forget(s.spans[0], k, false)
			return
		}
		s.dropSpan()
	}
}
