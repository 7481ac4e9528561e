package fhirmock

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"thiefbox/sim/control"
)

// rates counts the requests of each caller, whatever comes of them: what a system asks for in a minute has a
// bound, and whoever works through a list of guesses reaches it, though none of his questions be a miss. An
// entry of a bundle counts as a request. The nodes of one API share a count. The zero value is empty; it is
// safe for concurrent use.
type rates struct {
	mu      sync.Mutex
	callers map[guesser]missed
}

// mostRequests is how many requests a caller may send in a minute: a clinician who opens one record after the
// other, each with a page full of searches, stays below it.
const mostRequests = 120

// take counts a request, or tells how long it is until the next will be counted.
func (c *rates) take(caller guesser, now time.Time) (wait time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.callers == nil {
		c.callers = map[guesser]missed{}
	}
	m, there := c.callers[caller]
	if now.Sub(m.began) >= missMinute {
		if m = (missed{began: now}); !there && len(c.callers) >= mostCallers {
			c.makeRoom(now)
		}
	}
	if m.n >= mostRequests {
		return m.began.Add(missMinute).Sub(now), false
	}
	m.n++
	c.callers[caller] = m
	return 0, true
}

// makeRoom drops minutes that are over; see misses.makeRoom.
func (c *rates) makeRoom(now time.Time) {
	for caller, m := range c.callers {
		if now.Sub(m.began) >= missMinute {
			delete(c.callers, caller)
		}
	}
}

// checkRate: OWASP API4:2023, RFC 6585 s4. It counts in one atomic step, and no request that it has refused.
func checkRate(v *visit) (string, error) {
	if wait, ok := v.api.Shared.rates.take(v.guesser(), v.now); !ok {
		v.wait = wait
		return "", control.ExpectedFix("requests", "at most "+strconv.Itoa(mostRequests)+" in a minute", "more", "wait "+seconds(wait)+", as Retry-After says")
	}
	return "counted", nil
}

var tooManyRequests = control.Answer{Status: http.StatusTooManyRequests, Code: "throttled", Safe: "too many requests: wait as long as Retry-After says"}

// retryAfter is what a caller who has asked too often is told (RFC 9110 s10.2.3): whole seconds, rounded up.
func (v *visit) retryAfter() string {
	wait := v.wait
	if wait <= 0 {
		wait = v.api.Shared.misses.left(v.guesser(), v.now)
	}
	return strconv.Itoa(int((wait + time.Second - 1) / time.Second))
}
