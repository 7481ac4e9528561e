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
		var model []event.Event
		for n := range rapid.IntRange(0, 400).Draw(t, "events") {
			if len(model) > 0 && rapid.IntRange(0, 3).Draw(t, "drop") == 0 {
				if got := r.drop(); got.N != model[0].N {
					t.Fatalf("expected event %d to go first, got %d", model[0].N, got.N)
				}
				model = model[1:]
			}
			r.add(event.Event{N: n})
			model = append(model, event.Event{N: n})
		}
		skip := rapid.IntRange(0, len(model)+1).Draw(t, "skip")
		want := model[min(skip, len(model)):]
		if got := r.from(skip); !slices.Equal(got, want) {
			t.Fatalf("expected %v, got %v", want, got)
		}
	})
}
