package ecosystem

import (
	"testing"
	"time"

	"thiefbox/sim/dice"
)

// TestCopies: of a kind of API the exemplar fetches last; the others do so before it, spread over an age, and all at
// once where it looked early.
func TestCopies(t *testing.T) {
	c := NewCopies([]int{40, 1}, dice.New(7))
	const age = 4 * time.Hour
	withdrawn := 10 * time.Hour
	has := func(at time.Duration) bool { return at < withdrawn }
	count := func(now time.Duration, s Shown) int { return c.Count(0, now, s, has(s.Fetched-1), has) }
	last := Shown{Age: age, Fetched: withdrawn}
	before := 41
	for now := withdrawn; now < withdrawn+age; now += 6 * time.Minute {
		n := count(now, last)
		if n > before || n < 1 || before-n > 2 && before != 41 {
			t.Fatalf("%s after: expected a few fewer than %d, got %d", now-withdrawn, before, n)
		}
		before = n
	}
	if n := count(withdrawn+age, Shown{Age: age, Fetched: withdrawn + age}); n != 0 {
		t.Errorf("expected nobody to hold it when the exemplar has fetched, got %d", n)
	}
	if n := count(withdrawn+time.Hour, Shown{Age: age, Fetched: withdrawn + time.Hour, Early: true}); n != 0 {
		t.Errorf("expected all to have looked when the exemplar did, got %d", n)
	}
	if n := c.Count(1, withdrawn, last, true, has); n != 1 {
		t.Errorf("expected the only API of a kind to be its exemplar, got %d", n)
	}
}
