package serve

import (
	"context"
	"net/http"
	"sync"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/party"
)

// journal keeps the latest events of a tenant, as they were. They are dressed for a reader, without their
// secrets, when somebody reads them, which is seldom, and not when they happen, which is always.
type journal struct {
	now   func() time.Time
	dress func(event.Event) event.Event
	sink  func(event.Event) // nil unless somebody wants every event
	shelf *shelf

	mu       sync.Mutex
	entries  ring          // the latest, without a gap
	size     int           // bytes, roughly
	last     int           // number of the newest event
	exchange int           // number of the newest exchange
	changed  chan struct{} // closed at the next event; nil if nobody waits
	over     bool          // the tenant is no more, and nothing is kept
}

// How much is kept: the last few hundred exchanges of an issuer, and less of each where many are busy (shelf.go).
const (
	maxEvents = 8192
	maxSize   = 4 << 20
)

// entry is an event as it is kept. A ruling, of which a request makes some twenty, is kept as the decision that it
// says, and takes no piece of memory of its own.
type entry struct {
	at       time.Time
	stamp    int64 // its place among those of all journals
	exchange int
	size     int
	body     event.Body // nil for a ruling
	party    string     // that ruled
	decision control.Decision
}

func (e *entry) event(n int) event.Event {
	body := e.body
	if body == nil {
		body = party.Ruling(e.party, e.decision)
	}
	return event.Event{N: n, At: e.at, Exchange: e.exchange, Body: body}
}

func newJournal(now func() time.Time, dress func(event.Event) event.Event, s *shelf) *journal {
	j := &journal{now: now, dress: dress, shelf: s}
	s.put(j)
	return j
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
	e := entry{exchange: event.ExchangeOf(ctx), size: sizeOf(b), body: b}
	j.keep(&e)
}

// rule keeps what a party decided.
func (j *journal) rule(ctx context.Context, name string, d control.Decision) {
	size := sizeOfEntry
	if d.Refusal != nil {
		size += sizeOfRefusal
	}
	e := entry{exchange: event.ExchangeOf(ctx), size: size, party: name, decision: d}
	j.keep(&e)
}

func (j *journal) keep(e *entry) {
	j.mu.Lock()
	defer j.shelf.trim() // once the journal is let go of
	defer j.mu.Unlock()
	j.last++
	if !j.over {
		e.at, e.stamp = j.moment(e), j.shelf.add(e.size)
		if j.entries.count == maxEvents {
			j.drop()
		}
		*j.entries.add() = *e
		for j.size += e.size; j.size > maxSize && j.entries.count > 1; {
			j.drop()
		}
	}
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
	if j.sink != nil {
		j.sink(e.event(j.last))
	}
}

// latest is when the newest event happened; zero if there is none.
func (j *journal) latest() time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.entries.count == 0 {
		return time.Time{}
	}
	return j.entries.at(j.entries.count - 1).at
}

// moment is when an event happens. Rulings that follow one another within an exchange are one moment: a search has
// hundreds, and asking for the time takes as long as keeping one.
func (j *journal) moment(e *entry) time.Time {
	if e.body == nil && j.entries.count > 0 {
		if latest := j.entries.at(j.entries.count - 1); latest.body == nil && latest.exchange == e.exchange {
			return latest.at
		}
	}
	return j.now()
}

func (j *journal) drop() {
	size := j.entries.drop()
	j.size -= size
	j.shelf.less(size)
}

// end lets go of everything, for a tenant that is no more.
func (j *journal) end() {
	j.shelf.take(j)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.over = true
	for j.entries.count > 0 {
		j.drop()
	}
}

// What an event takes besides the bytes of a message: its entry, and for the maps of headers and the like a flat rate.
const (
	sizeOfEntry   = 160
	sizeOfRefusal = 256
	sizeOfMessage = 1024
)

func sizeOf(b event.Body) int {
	switch b := b.(type) {
	case event.Request:
		return sizeOfEntry + sizeOfMessage + messageSize(b.Message)
	case event.Response:
		return sizeOfEntry + sizeOfMessage + messageSize(b.Message)
	}
	return sizeOfEntry + sizeOfRefusal
}

func messageSize(m event.Message) int {
	return len(m.URL) + cap(m.Body) + headerSize(m.Header)
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
	raw := j.above(n)
	for i := range raw {
		raw[i] = j.dress(raw[i])
	}
	return raw
}

// above returns the events with a number above n as they were.
func (j *journal) above(n int) []event.Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	first := j.last - j.entries.count + 1
	return j.entries.from(max(n+1-first, 0), first)
}

// newest returns the events with a number above n as they were, but no more than the newest most.
func (j *journal) newest(n, most int) []event.Event {
	j.mu.Lock()
	n = max(n, j.last-most)
	j.mu.Unlock()
	return j.above(n)
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
