package serve

import (
	"math/rand/v2"
	"sync"
	"testing"

	"thiefbox/sim/clock"
	"thiefbox/sim/event"
)

// However many issuers there are, their journals keep to one bound, and what is dropped is the oldest.
func TestShelfIsShared(t *testing.T) {
	const most, each = 1 << 20, 100
	s := &shelf{most: most}
	now := clock.Virtual(clock.Epoch).Now
	journals := make([]*journal, 200)
	for n := range journals {
		journals[n] = newJournal(now, func(e event.Event) event.Event { return e }, s)
	}
	told := 0
	tell := func(j *journal) {
		told++
		j.tell(t.Context(), event.Request{Cause: told, Message: event.Message{Body: make([]byte, 100+rand.IntN(1000))}})
		if got := s.size(); got > most+maxKept {
			t.Fatalf("expected at most %d bytes, got %d", most, got)
		}
	}
	for range each * len(journals) {
		tell(journals[rand.IntN(len(journals))])
	}
	size, kept, oldest := 0, 0, told
	for _, j := range journals {
		size += j.size
		for n, e := range j.above(0) {
			if first := j.last - j.entries.count + 1; e.N != first+n {
				t.Fatalf("expected event %d, got %d", first+n, e.N)
			}
			oldest = min(oldest, e.Body.(event.Request).Cause)
			kept++
		}
	}
	if int64(size) != s.size() || kept != told-oldest+1 || kept < each {
		t.Errorf("expected the latest without a gap, got %d from number %d of %d; %d bytes of %d", kept, oldest, told, size, s.size())
	}
	for _, j := range journals {
		j.end()
	}
	if s.size() != 0 || len(s.journals) != 0 {
		t.Errorf("expected nothing to be left, got %d bytes of %d issuers", s.size(), len(s.journals))
	}
}

// Journals that are written to at once, read and ended keep count.
func TestShelfUnderLoad(t *testing.T) {
	s := &shelf{most: 64 << 10}
	journals := make([]*journal, 4)
	for n := range journals {
		journals[n] = newJournal(clock.Virtual(clock.Epoch).Now, func(e event.Event) event.Event { return e }, s)
	}
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 500 {
				journals[n/2].tell(t.Context(), event.Step{})
				journals[(n/2+1)%4].after(0)
			}
			if n == 0 {
				journals[0].end()
			}
		})
	}
	all.Wait()
	size := 0
	for _, j := range journals {
		size += j.size
	}
	if int64(size) != s.size() || s.size() > 64<<10 {
		t.Errorf("expected at most %d bytes, all counted, got %d and %d", 64<<10, s.size(), size)
	}
}
