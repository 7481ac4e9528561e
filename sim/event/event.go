// Package event is what can happen in a world, and the log that keeps it.
//
// Everything thiefbox shows or decides is read from here: the judge, the screens, the reports and
// the recordings on disk. The set of bodies is closed (bodies.go lists it), so a reader can be
// exhaustive. A log is append-only; events carry the number of the HTTP exchange they happened in,
// and exchanges carry their cause, so a reader can tell what the thief set going.
//
// The package imports nothing of ours.
package event

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Event is one thing that happened.
type Event struct {
	N        int       // its number in the log, from 1
	At       time.Time // the world's time
	Exchange int       // the exchange it happened in, 0 if none
	Body     Body
}

// Body is one of the types of bodies.go.
type Body interface{ Kind() Kind }

// Kind names a type of body in JSON and in filters.
type Kind string

// Log keeps the events of one world in order. It is safe for concurrent use.
type Log struct {
	now func() time.Time

	mu     sync.Mutex
	events []Event
	last   int // number of the newest exchange
	sinks  []func(Event)
}

// NewLog returns an empty log that stamps events with now. It has room for the events of most runs.
func NewLog(now func() time.Time) *Log { return &Log{now: now, events: make([]Event, 0, 512)} }

// Tell appends an event. Its exchange is the one ctx is in.
func (l *Log) Tell(ctx context.Context, b Body) int { return l.append(ExchangeOf(ctx), b) }

func (l *Log) append(exchange int, b Body) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := Event{N: len(l.events) + 1, At: l.now(), Exchange: exchange, Body: b}
	l.events = append(l.events, e)
	for _, sink := range l.sinks {
		sink(e)
	}
	return e.N
}

// Attach hands every later event to sink, in order and under the log's lock: a sink must be quick,
// and must not call the log.
func (l *Log) Attach(sink func(Event)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sinks = append(l.sinks, sink)
}

// Events returns the events so far. The slice is the reader's own; the bodies are shared and must
// not be changed.
func (l *Log) Events() []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Event(nil), l.events...)
}

// Recording returns the events so far without copying them, for whoever has come to the end of a world
// and will write neither to the log nor into the recording. What is told later is not in it.
func (l *Log) Recording() Recording {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Recording{Events: slices.Clip(l.events)}
}

// Begin opens the next exchange and returns its number and a context that is inside it. The cause is
// the exchange ctx was in.
func (l *Log) Begin(ctx context.Context) (int, context.Context) {
	l.mu.Lock()
	l.last++
	n := l.last
	l.mu.Unlock()
	return n, Within(ctx, n)
}

type exchangeKey struct{}

// Within returns a context inside the given exchange.
func Within(ctx context.Context, exchange int) context.Context {
	return context.WithValue(ctx, exchangeKey{}, exchange)
}

// ExchangeOf returns the exchange ctx is in, 0 if none.
func ExchangeOf(ctx context.Context) int {
	n, _ := ctx.Value(exchangeKey{}).(int)
	return n
}

type wireEvent struct {
	N        int             `json:"n"`
	At       time.Time       `json:"at"`
	Exchange int             `json:"exchange,omitempty"`
	Kind     Kind            `json:"kind"`
	Body     json.RawMessage `json:"body"`
}

// MarshalJSON writes {"n":…,"at":…,"exchange":…,"kind":…,"body":{…}}.
func (e Event) MarshalJSON() ([]byte, error) {
	if e.Body == nil {
		return nil, fmt.Errorf("event %d has no body", e.N)
	}
	b, err := json.Marshal(e.Body)
	if err != nil {
		return nil, err
	}
	return json.Marshal(wireEvent{e.N, e.At, e.Exchange, e.Body.Kind(), b})
}

// UnmarshalJSON reads what MarshalJSON wrote. An unknown kind is an error: it means the recording
// was made by another version of thiefbox.
func (e *Event) UnmarshalJSON(data []byte) error {
	var w wireEvent
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	make, ok := newBody[w.Kind]
	if !ok {
		return fmt.Errorf("event %d has the kind %q, which this version of thiefbox does not know", w.N, w.Kind)
	}
	body, err := make(w.Body)
	if err != nil {
		return fmt.Errorf("event %d (%s): %w", w.N, w.Kind, err)
	}
	*e = Event{N: w.N, At: w.At, Exchange: w.Exchange, Body: body}
	return nil
}
