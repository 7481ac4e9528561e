package idp

import (
	"strconv"
	"testing"
	"time"

	"thiefbox/sim/clock"

	"pgregory.net/rapid"
)

func TestStore(t *testing.T) {
	s, now := newStore[int](10), clock.Epoch
	a, b := digestOf("a"), digestOf("b")
	if !s.add(a, 1, now, now.Add(time.Minute)) || !s.add(b, 2, now, now.Add(time.Hour)) {
		t.Fatal("expected to add two new keys")
	}
	if s.add(a, 3, now, now.Add(time.Hour)) {
		t.Error("expected a key to be added once")
	}
	if v, ok := s.get(a, now.Add(time.Minute-1)); !ok || v != 1 {
		t.Errorf("before expiry: got %d %t", v, ok)
	}
	if _, ok := s.get(a, now.Add(time.Minute)); ok {
		t.Error("expected nothing at the moment of expiry")
	}
	if !s.add(a, 4, now.Add(time.Minute), now.Add(time.Hour)) {
		t.Error("expected an expired key to be new again")
	}
	if v, ok := s.get(a, now.Add(minute(59))); !ok || v != 4 {
		t.Errorf("expected the later expiry to count, got %d %t", v, ok)
	}
	if !s.remove(b) || s.remove(b) {
		t.Error("expected a key to be removed once")
	}
	s.add(b, 5, now.Add(minute(120)), now.Add(minute(121)))
	if s.len() != 1 {
		t.Errorf("expected what has expired to be gone, got %d values", s.len())
	}
}

// A full store lets go of what expires soonest, oldest first, and of nothing else.
func TestStoreIsBounded(t *testing.T) {
	s, now := newStore[int](100), clock.Epoch
	late := digestOf("late")
	s.add(late, -1, now, now.Add(24*time.Hour))
	for i := range 1000 {
		s.add(digestOf(strconv.Itoa(i)), i, now, now.Add(time.Minute))
		if s.len() > 100 {
			t.Fatalf("expected at most 100 values, got %d", s.len())
		}
	}
	if _, ok := s.get(late, now); !ok {
		t.Error("expected what lives longest to stay")
	}
	for i := 901; i < 1000; i++ {
		if _, ok := s.get(digestOf(strconv.Itoa(i)), now); !ok {
			t.Fatalf("expected the newest to stay, %d is gone", i)
		}
	}
}

// What was removed no longer counts, and an emptied bucket does not hold eviction up.
func TestEvictionPassesOverWhatIsGone(t *testing.T) {
	s, now := newStore[int](2), clock.Epoch
	a, b, c, d := digestOf("a"), digestOf("b"), digestOf("c"), digestOf("d")
	s.add(a, 1, now, now.Add(time.Minute))
	s.remove(a)
	s.add(b, 2, now, now.Add(time.Minute))
	s.add(c, 3, now, now.Add(time.Hour))
	s.add(d, 4, now, now.Add(time.Hour)) // b goes
	s.add(a, 5, now, now.Add(time.Hour)) // c goes
	for name, k := range map[string]digest{"b": b, "c": c} {
		if _, ok := s.get(k, now); ok {
			t.Errorf("expected %s to have made way", name)
		}
	}
	if s.len() != 2 {
		t.Errorf("expected two values, got %d", s.len())
	}
}

// Against a model that scans: while nothing is evicted, the store knows exactly what has not expired.
// What somebody goes on asking about outlives what nobody asks about, however much of that there is; and if all is in
// use, something goes nevertheless.
func TestEvictionSparesWhatIsInUse(t *testing.T) {
	now := clock.Epoch
	s := newStore[*held](100)
	s.spare = (*held).inUse
	used := digestOf("used")
	s.add(used, &held{}, now, now.Add(time.Minute))
	for i := range 10_000 {
		if i%50 == 0 {
			h, there := s.get(used, now)
			if !there {
				t.Fatalf("expected the value in use to be there after %d others", i)
			}
			h.asked.Store(true)
		}
		now = now.Add(time.Millisecond)
		s.add(digestOf(strconv.Itoa(i)), &held{}, now, now.Add(time.Minute))
	}
	if s.len() != 100 {
		t.Errorf("expected 100 values, got %d", s.len())
	}
	s.each(now, func(h *held) bool { h.asked.Store(true); return false })
	s.add(digestOf("one more"), &held{}, now, now.Add(time.Minute))
	if s.len() != 100 {
		t.Errorf("expected 100 values when all are in use, got %d", s.len())
	}
	s.expire(now.Add(2 * time.Minute))
	if s.len() != 0 {
		t.Errorf("expected nothing to be left, got %d", s.len())
	}
}

func TestStoreAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, now := newStore[int](1000), clock.Epoch
		model := map[string]time.Time{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "key")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				expires := now.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "life")) * time.Second)
				fresh := !now.Before(model[name])
				if s.add(digestOf(name), 0, now, expires) != fresh {
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
			for _, name := range []string{"a", "b", "c", "d"} {
				if _, ok := s.get(digestOf(name), now); ok != now.Before(model[name]) {
					t.Fatalf("get %s: expected %t", name, !ok)
				}
			}
		}
	})
}
