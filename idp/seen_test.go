package idp

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"thiefbox/sim/clock"
)

// Against a model that scans: while nothing is evicted, what was seen is known until it expires, and not after.
func TestSightingsAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s sightings
		kept := map[sighting]bool{}
		s.watch = func(k sighting, _ time.Time, gone, _ bool) {
			if kept[k] = !gone; gone {
				delete(kept, k)
			}
		}
		now, model := clock.Epoch, map[string]time.Time{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "key")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				expires := now.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "life")) * time.Second)
				fresh := !now.Before(model[name])
				if s.add(digestOf(name), now, expires) != fresh {
					t.Fatalf("add %s: expected %t", name, fresh)
				}
				if fresh {
					model[name] = expires
				}
			case 1:
				s.remove(digestOf(name))
				delete(model, name)
			case 2:
				now = now.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "wait")) * time.Second)
			}
			size := 0
			for _, in := range s.spans {
				size += len(in.until)
			}
			if size != s.len() {
				t.Fatalf("expected %d to be counted, got %d", size, s.len())
			}
			for name, until := range model {
				if now.Before(until) && !kept[sightingOf(digestOf(name))] {
					t.Fatalf("expected %s to be kept", name)
				}
			}
		}
		s.expire(now.Add(time.Hour))
		if s.len() != 0 || len(kept) != 0 {
			t.Errorf("expected nothing to be left, got %d and %d", s.len(), len(kept))
		}
	})
}

// Too many of them cost those that would have gone first.
func TestSightingsAreBounded(t *testing.T) {
	s, now := sightings{most: 100}, clock.Epoch
	if !s.add(digestOf("late"), now, now.Add(24*time.Hour)) {
		t.Fatal("expected the first to be new")
	}
	for i := range 1000 {
		if !s.add(digestOf(strconv.Itoa(i)), now, now.Add(time.Minute)) || s.len() > 100 {
			t.Fatalf("expected to remember at most 100, got %d", s.len())
		}
	}
	if s.add(digestOf("999"), now, now.Add(time.Minute)) && s.add(digestOf("998"), now, now.Add(time.Minute)) && s.add(digestOf("997"), now, now.Add(time.Minute)) {
		t.Error("expected one of the newest to be known, at least")
	}
	if s.add(digestOf("late"), now, now.Add(24*time.Hour)) {
		t.Error("expected what lives longest to be known")
	}
}
