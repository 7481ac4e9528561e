package idp

import (
	"crypto/sha256"
	"slices"
	"sync"
	"time"
)

// digest is what a store knows a secret by. The secret itself is nowhere kept.
type digest [16]byte

func digestOf(secret string) digest {
	// A token fits, and so stays on the stack.
	sum := sha256.Sum256(append(make([]byte, 0, 2048), secret...))
	return digest(sum[:16])
}

// bucketSpan is how finely expiry is told apart: things that expire within the same span share a bucket.
const bucketSpan = 30 * time.Second

// store keeps values until they expire, and never more than max of them. Expiry goes by buckets of
// time, each a list of keys, so that no request ever scans what is kept. When the store is full, what
// expires soonest makes way, oldest first.
type store[V any] struct {
	mu    sync.Mutex
	items map[digest]item[V]
	due   []bucket // soonest first
	max   int
	// watch is told what comes and goes, under the lock; nil for nobody. urgent: somebody asked for it, and it
	// has not just expired.
	watch func(key digest, value V, expires time.Time, gone, urgent bool)
	// shares divide it among clients; nil for first come, first served.
	shares *shares[V]
	// spare tells whether a value was used since it was last asked, and so shall not make way yet; nil if none is.
	spare func(V) bool
}

type item[V any] struct {
	value   V
	expires int64 // in nanoseconds since 1970: there are many items
}

func (it *item[V]) expired(now time.Time) bool { return now.UnixNano() >= it.expires }

type bucket struct {
	span int64 // number of the span of time after which everything in it has expired
	keys []digest
}

func newStore[V any](max int) *store[V] {
	return &store[V]{items: map[digest]item[V]{}, max: max}
}

// add keeps a value and reports true, unless there is one under that key already. Learning whether it
// was the first and making it so is one step, which is what one-time checks need.
func (s *store[V]) add(key digest, value V, now, expires time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(now)
	if old, there := s.items[key]; there {
		if !old.expired(now) {
			return false
		}
		s.forget(key, old, false)
	}
	s.makeRoom(key, value)
	s.items[key] = item[V]{value, expires.UnixNano()}
	if s.watch != nil {
		s.watch(key, value, expires, false, true)
	}
	b := s.bucket(expires.UnixNano()/int64(bucketSpan) + 1)
	b.keys = append(b.keys, key)
	return true
}

// get returns what is kept under key.
func (s *store[V]) get(key digest, now time.Time) (V, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it, there := s.items[key]
	if !there || it.expired(now) {
		var none V
		return none, false
	}
	return it.value, true
}

// remove forgets what is kept under key, and reports whether there was anything. Of several callers at
// the same time one alone is told so.
func (s *store[V]) remove(key digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	it, there := s.items[key]
	if there {
		s.forget(key, it, true) // its place in a bucket stays, and is passed over when that expires
	}
	return there
}

func (s *store[V]) forget(key digest, it item[V], urgent bool) {
	delete(s.items, key)
	if s.shares != nil {
		s.shares.less(it.value)
	}
	if s.watch != nil {
		s.watch(key, it.value, time.Time{}, true, urgent)
	}
}

// each shows every value that has not expired to forget, drops those it says to, and returns how many
// that were. It scans, and is for operators.
func (s *store[V]) each(now time.Time, forget func(V) bool) (dropped int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, it := range s.items {
		if !it.expired(now) && forget(it.value) {
			s.forget(key, it, true)
			dropped++
		}
	}
	return dropped
}

func (s *store[V]) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.items)
}

// bucket finds or makes the bucket of a span. It is nearly always the last one.
func (s *store[V]) bucket(span int64) *bucket {
	i, found := slices.BinarySearchFunc(s.due, span, func(b bucket, span int64) int { return int(b.span - span) })
	if !found {
		s.due = slices.Insert(s.due, i, bucket{span: span})
	}
	return &s.due[i]
}

// expire empties the buckets whose time has come.
func (s *store[V]) expire(now time.Time) {
	span := now.UnixNano() / int64(bucketSpan)
	for len(s.due) > 0 && s.due[0].span <= span {
		for _, key := range s.due[0].keys {
			// The key may have been removed and added anew, to live longer.
			if it, there := s.items[key]; there && it.expired(now) {
				s.forget(key, it, false)
			}
		}
		s.due = s.due[1:]
	}
}

// mostSpared is how many values in use are passed over to find one that can go.
const mostSpared = 32

// evict drops the one value that has to go first. One in use takes its turn again after all others.
func (s *store[V]) evict() {
	for spared := 0; len(s.due) > 0; {
		b := &s.due[0]
		if len(b.keys) == 0 {
			s.due = s.due[1:]
			continue
		}
		key := b.keys[0]
		b.keys = b.keys[1:]
		it, there := s.items[key]
		switch {
		case !there:
		case s.spare != nil && spared < mostSpared && s.spare(it.value):
			spared++
			last := &s.due[len(s.due)-1] // it may expire there before its turn comes, which get looks after
			last.keys = append(last.keys, key)
		default:
			s.forget(key, it, false)
			return
		}
	}
}
