package serve

import (
	"context"
	"net/http"
	"sync"
	"time"

	"thiefbox/sim/event"
)

// journal keeps the latest events of a tenant, as they were. They are dressed for a reader, without their
// secrets, when somebody reads them, which is seldom, and not when they happen, which is always.
type journal struct {
	now   func() time.Time
	dress func(event.Event) event.Event
	sink  func(event.Event) // nil unless somebody wants every event

	mu       sync.Mutex
	events   ring          // the latest, without a gap
	size     int           // bytes, roughly
	last     int           // number of the newest event
	exchange int           // number of the newest exchange
	changed  chan struct{} // closed at the next event; nil if nobody waits
}

// How much is kept: the last few hundred exchanges.
const (
	maxEvents = 8192
	maxSize   = 4 << 20
)

func newJournal(now func() time.Time, dress func(event.Event) event.Event) *journal {
	return &journal{now: now, dress: dress}
}

// begin opens an exchange and returns its number and a context that is inside it.
func (j *journal) begin(ctx context.Context) (int, context.Context) {
	j.mu.Lock()
	j.exchange++
	n := j.exchange
	j.mu.Unlock()
	return n, event.Within(ctx, n)
}

// tell keeps an event of the exchange that ctx is in.
func (j *journal) tell(ctx context.Context, b event.Body) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	e := event.Event{N: j.last, At: j.now(), Exchange: event.ExchangeOf(ctx), Body: b}
	if j.events.count == maxEvents {
		j.size -= sizeOf(j.events.drop().Body)
	}
	j.events.add(e)
	for j.size += sizeOf(b); j.size > maxSize && j.events.count > 1; {
		j.size -= sizeOf(j.events.drop().Body)
	}
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
	if j.sink != nil {
		j.sink(j.dress(e))
	}
}

// sizeOf is the bytes of a message, and a flat rate for everything else.
func sizeOf(b event.Body) int {
	switch b := b.(type) {
	case event.Request:
		return 512 + messageSize(b.Message)
	case event.Response:
		return 512 + messageSize(b.Message)
	}
	return 256
}

func messageSize(m event.Message) int {
	return len(m.URL) + len(m.Body) + headerSize(m.Header)
}

func headerSize(h http.Header) (n int) {
	for name, values := range h {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n
}

// after returns the events with a number above n, dressed.
func (j *journal) after(n int) []event.Event {
	j.mu.Lock()
	raw := j.above(n)
	j.mu.Unlock()
	for i := range raw {
		raw[i] = j.dress(raw[i])
	}
	return raw
}

func (j *journal) above(n int) []event.Event {
	first := j.last - j.events.count + 1
	return j.events.from(max(n+1-first, 0))
}

// wait returns a channel that is closed once there is an event above n.
func (j *journal) wait(n int) <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.last > n {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return j.changed
}
