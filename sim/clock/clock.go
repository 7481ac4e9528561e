// Package clock is the only time a world has.
//
// A run uses a Virtual clock: it stands still until somebody moves it, so nothing sleeps and the
// same seed gives the same timestamps. `serve` uses a Real clock, which runs along with the machine's
// and can still be pushed forward. Nothing here starts a timer; whoever waits asks for the time again.
package clock

import (
	"math"
	"sync/atomic"
	"time"
)

// Epoch is when every simulated run begins: a Monday morning, when clinics open.
var Epoch = time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)

// Clock tells the time of one world. It is safe for concurrent use.
type Clock struct {
	start  time.Time        // where it began, if base is nil
	base   func() time.Time // what it runs along with
	offset atomic.Int64     // nanoseconds added
}

// Virtual returns a clock that shows start and moves only by Advance.
func Virtual(start time.Time) *Clock {
	return &Clock{start: start}
}

// Real returns a clock that runs along with now (time.Now in main) and can be pushed ahead of it.
func Real(now func() time.Time) *Clock { return &Clock{base: now} }

// Now is the current time of the world.
func (c *Clock) Now() time.Time {
	base := c.start
	if c.base != nil {
		base = c.base()
	}
	return base.Add(time.Duration(c.offset.Load()))
}

// Advance moves the clock forward. Time does not run backwards: a negative d is ignored, and a clock
// that has been pushed 292 years ahead, as far as a Duration reaches, stays there.
func (c *Clock) Advance(d time.Duration) {
	for d > 0 {
		was := c.offset.Load()
		next := was + min(int64(d), math.MaxInt64-was)
		if c.offset.CompareAndSwap(was, next) {
			return
		}
	}
}

// Skewed returns the time source of a machine whose clock is off by d: positive is fast.
func (c *Clock) Skewed(d time.Duration) *Clock {
	return &Clock{base: func() time.Time { return c.Now().Add(d) }}
}
