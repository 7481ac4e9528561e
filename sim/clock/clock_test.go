package clock

import (
	"math"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestVirtualStandsStill(t *testing.T) {
	c := Virtual(Epoch)
	for range 3 {
		if got := c.Now(); !got.Equal(Epoch) {
			t.Errorf("expected %s, got %s", Epoch, got)
		}
	}
	c.Advance(90 * time.Second)
	if got := c.Now().Sub(Epoch); got != 90*time.Second {
		t.Errorf("expected 90 s to have passed, got %s", got)
	}
}

func TestEpochIsAMondayMorning(t *testing.T) {
	if Epoch.Weekday() != time.Monday || Epoch.Hour() != 8 || Epoch.Location() != time.UTC {
		t.Errorf("expected a Monday at 8 UTC, got %s", Epoch.Format(time.RFC1123))
	}
}

func TestRealRunsAlong(t *testing.T) {
	now := Epoch
	c := Real(func() time.Time { return now })
	now = now.Add(time.Second)
	c.Advance(time.Minute)
	now = now.Add(time.Second)
	if got := c.Now().Sub(Epoch); got != time.Minute+2*time.Second {
		t.Errorf("expected the machine's 2 s and the minute pushed, got %s", got)
	}
}

// TestNeverBack advances by anything, and expects time to have moved by that, or not at all.
func TestNeverBack(t *testing.T) {
	anything := rapid.OneOf(rapid.Int64(), rapid.Just[int64](math.MaxInt64), rapid.Just[int64](math.MinInt64))
	rapid.Check(t, func(t *rapid.T) {
		c := Virtual(Epoch)
		for _, d := range rapid.SliceOf(anything).Draw(t, "steps") {
			before, was := c.Now(), time.Duration(c.offset.Load())
			c.Advance(time.Duration(d))
			moved := max(time.Duration(d), 0)
			if left := math.MaxInt64 - was; moved > left {
				moved = left // as far as a Duration reaches
			}
			if got := c.Now(); !got.Equal(before.Add(moved)) {
				t.Fatalf("expected %s, got %s", before.Add(moved), got)
			}
		}
	})
}

func TestSkewed(t *testing.T) {
	for _, skew := range []time.Duration{0, 30 * time.Second, -time.Hour} {
		c := Virtual(Epoch)
		s := c.Skewed(skew)
		c.Advance(time.Minute)
		if got := s.Now().Sub(c.Now()); got != skew {
			t.Errorf("expected %s after the world moved, got %s", skew, got)
		}
		s.Advance(time.Second)
		if got := c.Now().Sub(Epoch); got != time.Minute {
			t.Errorf("expected that pushing a machine's clock leaves the world's alone, got %s", got)
		}
		if got := s.Now().Sub(c.Now()); got != skew+time.Second {
			t.Errorf("expected the machine to be further ahead, got %s", got)
		}
		if got := s.Skewed(-skew).Now().Sub(c.Now()); got != time.Second {
			t.Errorf("expected skews to add up, got %s", got)
		}
	}
}

func TestConcurrentAdvance(t *testing.T) {
	c := Virtual(Epoch)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			last := c.Now()
			for range 1000 {
				c.Advance(time.Millisecond)
				now := c.Now()
				if !now.After(last) {
					t.Errorf("expected time to move, got %s after %s", now, last)
				}
				last = now
			}
		})
	}
	all.Wait()
	if got := c.Now().Sub(Epoch); got != 8*time.Second {
		t.Errorf("expected no step to get lost in 8 s, got %s", got)
	}
}
