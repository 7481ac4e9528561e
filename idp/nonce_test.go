package idp

import (
	"testing"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/dice"
)

func TestNonces(t *testing.T) {
	n, now := newNonces(nil, dice.New(1)), clock.Epoch
	first := n.current(now)
	if len(first) != 22 || n.current(now.Add(59*time.Second)) != first || n.current(now.Add(time.Minute)) == first {
		t.Errorf("expected a nonce of 22 characters that changes every minute, got %q", first)
	}
	for after, want := range map[time.Duration]bool{
		0: true, 119 * time.Second: true, 179 * time.Second: true, 180 * time.Second: false, -time.Second: false, 24 * time.Hour: false,
	} {
		if n.valid(first, now.Add(after)) != want {
			t.Errorf("after %s: expected valid to be %t", after, want)
		}
	}
	for _, foreign := range []string{"", "x", newNonces(nil, dice.New(2)).current(now), first + "A"} {
		if n.valid(foreign, now) {
			t.Errorf("expected %q not to be valid", foreign)
		}
	}
}
