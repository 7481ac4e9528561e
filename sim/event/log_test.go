package event

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

func stopped() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

func step(i int) Step { return Step{Actor: "berg", Text: fmt.Sprint(i)} }

func TestTell(t *testing.T) {
	l := NewLog(stopped)
	ctx := context.Background()
	n, inside := l.Begin(ctx)
	if got := []int{l.Tell(ctx, step(1)), l.Tell(inside, step(2)), l.Tell(Within(inside, 9), step(3))}; !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("expected the numbers 1, 2, 3, got %v", got)
	}
	want := []Event{{1, stopped(), 0, step(1)}, {2, stopped(), n, step(2)}, {3, stopped(), 9, step(3)}}
	if got := l.Events(); !slices.Equal(got, want) {
		t.Errorf("expected %v, got %v", want, got)
	}
}

func TestEventsAreTheReadersOwn(t *testing.T) {
	l := NewLog(stopped)
	l.Tell(context.Background(), step(1))
	first := l.Events()
	first[0].N = 99
	l.Tell(context.Background(), step(2))
	if got := l.Events(); got[0].N != 1 || len(first) != 1 {
		t.Errorf("expected the log to stay as it is when a reader changes his copy, got %v", got)
	}
}

// A recording shares memory with its log, and still neither writes into the other.
func TestRecordingOfALog(t *testing.T) {
	l := NewLog(stopped)
	ctx := context.Background()
	l.Tell(ctx, step(1))
	r := l.Recording()
	l.Tell(ctx, step(2))
	longer := append(r.Events, Event{N: 99})
	l.Tell(ctx, step(3))
	if len(r.Events) != 1 || longer[1].N != 99 {
		t.Errorf("expected a recording to end where it was taken, got %v and %v", r.Events, longer)
	}
	if got := l.Recording().Events; !slices.Equal(got, l.Events()) || len(got) != 3 || got[1].N != 2 {
		t.Errorf("expected the log to keep its own, got %v", got)
	}
}

func TestRecordingStaysAsItWas(t *testing.T) {
	l := NewLog(stopped)
	l.Tell(context.Background(), step(1))
	rec := l.Recording()
	l.Tell(context.Background(), step(2))
	if got := append(rec.Events, Event{N: 99}); len(rec.Events) != 1 || got[1].N != 99 || l.Events()[1].N != 2 {
		t.Errorf("expected a recording of one event, and a log that stays as it is when it is added to, got %v", rec)
	}
}

func TestExchanges(t *testing.T) {
	l := NewLog(stopped)
	outer := context.Background()
	if ExchangeOf(outer) != 0 {
		t.Error("expected no exchange outside")
	}
	for want := 1; want <= 3; want++ {
		n, inside := l.Begin(outer)
		if n != want || ExchangeOf(inside) != want || ExchangeOf(outer) != want-1 {
			t.Errorf("expected exchange %d inside %d, got %d and %d inside %d", want, want-1, n, ExchangeOf(inside), ExchangeOf(outer))
		}
		outer = inside
	}
	if len(l.Events()) != 0 {
		t.Error("expected that opening an exchange tells nothing")
	}
}

func TestAttach(t *testing.T) {
	l := NewLog(stopped)
	ctx := context.Background()
	var heard []string
	sink := func(name string) func(Event) {
		return func(e Event) { heard = append(heard, fmt.Sprint(name, e.N)) }
	}
	l.Tell(ctx, step(1))
	l.Attach(sink("a"))
	l.Tell(ctx, step(2))
	l.Attach(sink("b"))
	l.Tell(ctx, step(3))
	// Nobody hears what was before him, and who came first hears first.
	if want := []string{"a2", "a3", "b3"}; !slices.Equal(heard, want) {
		t.Errorf("expected %v, got %v", want, heard)
	}
}

// Many actors tell at once: every event is kept, numbered without gaps, in the order in which sinks
// hear it, with each actor's own events in the order he told them.
func TestConcurrency(t *testing.T) {
	const actors, each = 8, 200
	now := stopped()
	l := NewLog(func() time.Time { now = now.Add(time.Nanosecond); return now }) // called under the log's lock
	var heard []Event
	l.Attach(func(e Event) { heard = append(heard, e) })
	exchanges := make([]map[int]bool, actors)
	var all sync.WaitGroup
	for actor := range actors {
		exchanges[actor] = map[int]bool{}
		all.Go(func() {
			for i := range each {
				n, ctx := l.Begin(context.Background())
				exchanges[actor][n] = true
				l.Tell(ctx, Step{Actor: fmt.Sprint(actor), Text: fmt.Sprintf("%04d", i)})
				_ = l.Events()
			}
		})
	}
	all.Wait()

	events := l.Events()
	if !slices.Equal(heard, events) {
		t.Error("expected the sink to hear what the log keeps, in its order")
	}
	if len(events) != actors*each {
		t.Fatalf("expected %d events, got %d", actors*each, len(events))
	}
	last, numbers := map[string]string{}, map[int]bool{}
	for i, e := range events {
		s := e.Body.(Step)
		if e.N != i+1 || i > 0 && !e.At.After(events[i-1].At) {
			t.Fatalf("expected number %d after %v, got %d at %v", i+1, events[max(i-1, 0)].At, e.N, e.At)
		}
		if s.Text <= last[s.Actor] {
			t.Fatalf("actor %s told %s after %s", s.Actor, s.Text, last[s.Actor])
		}
		last[s.Actor], numbers[e.Exchange] = s.Text, true
	}
	if len(numbers) != actors*each || numbers[0] {
		t.Errorf("expected %d exchanges, each with a number of its own, got %d", actors*each, len(numbers))
	}
}

func BenchmarkTell(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		l, ctx := NewLog(stopped), context.Background()
		for range 200 { // about as many as a run has
			l.Tell(ctx, Ruling{Party: "fhir/a", Control: "rs/dpop-htm", Outcome: "pass", Saw: "GET"})
		}
	}
}
