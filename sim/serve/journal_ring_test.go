package serve

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"thiefbox/sim/event"
)

// TestRing compares it with a slice.
func TestRing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r ring
		var model []int
		for n := range rapid.IntRange(0, 400).Draw(t, "events") {
			if len(model) > 0 && rapid.IntRange(0, 3).Draw(t, "drop") == 0 {
				if got := r.drop(); got != model[0] {
					t.Fatalf("expected entry %d to go first, got %d", model[0], got)
				}
				model = model[1:]
			}
			*r.add() = entry{size: n, body: event.Step{}, exchange: n}
			model = append(model, n)
		}
		skip := rapid.IntRange(0, len(model)+1).Draw(t, "skip")
		want := model[min(skip, len(model)):]
		got := r.from(skip, 7)
		if !slices.EqualFunc(got, want, func(e event.Event, n int) bool { return e.Exchange == n }) {
			t.Fatalf("expected %v, got %v", want, got)
		}
		if len(got) > 0 && got[0].N != 7+skip {
			t.Fatalf("expected to count from %d, got %d", 7+skip, got[0].N)
		}
	})
}
