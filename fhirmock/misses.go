package fhirmock

import (
	"sync"
	"time"
)

// misses counts, for each caller, requests for what is not there or not his. Whoever guesses numbers misses
// most of the time; a system that knows its patients hardly ever does. The nodes of one API share a count.
// The zero value is empty; it is safe for concurrent use.
type misses struct {
	mu      sync.Mutex
	callers map[guesser]missed
}

// guesser is a token's subject at its client.
type guesser struct{ client, subject string }

// missed is a minute of one caller.
type missed struct {
	began time.Time
	n     int
}

const (
	mostMisses  = 20          // in a minute
	missMinute  = time.Minute // after which the count begins anew
	mostCallers = 1 << 14     // who are counted; then the counts of minutes that are over are dropped
)

// of is how often a caller has missed in the minute that runs.
func (m *misses) of(caller guesser, now time.Time) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c, there := m.callers[caller]; there && now.Sub(c.began) < missMinute {
		return c.n
	}
	return 0
}

// left is how long the minute that runs has still to go; a whole one if none does.
func (m *misses) left(caller guesser, now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if left := m.callers[caller].began.Add(missMinute).Sub(now); left > 0 {
		return left
	}
	return missMinute
}

// add counts one more.
func (m *misses) add(caller guesser, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.callers == nil {
		m.callers = map[guesser]missed{}
	}
	c := m.callers[caller]
	if now.Sub(c.began) >= missMinute {
		c = missed{began: now}
		m.makeRoom(now)
	}
	c.n++
	m.callers[caller] = c
}

// makeRoom drops minutes that are over. If all run, whoever comes next is not counted less for it: callers
// are known by their tokens, so that there are no more of them than the server gave tokens to.
func (m *misses) makeRoom(now time.Time) {
	if len(m.callers) < mostCallers {
		return
	}
	for caller, c := range m.callers {
		if now.Sub(c.began) >= missMinute {
			delete(m.callers, caller)
		}
	}
}
