package sim

import (
	"slices"
	"testing"

	"thiefbox/sim/event"
)

// On an honest day what is meant to work works: a day on which everything fails tests no rule. What the oddness
// of a day breaks is said here.
func TestHonestDaysWork(t *testing.T) {
	breaks := map[string][]string{
		"API down":  {"a supplier fetches records for its clinics"},
		"operators": {"a supplier fetches records for its clinics"},
	}
	for _, d := range days {
		t.Run(d.name, func(t *testing.T) {
			rec, err := d.play(t.Context(), Options{Profile: profile(t, "fapi2-dpop"), Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			failed, wrote := 0, false
			for _, e := range rec.Events {
				switch b := e.Body.(type) {
				case event.Journey:
					if !b.OK && !slices.Contains(breaks[d.name], b.Name) {
						t.Errorf("%s: %s", b.Name, b.Error)
					}
					if !b.OK {
						failed++
					}
				case event.Written:
					wrote = true
				}
			}
			if wrote != (d.name == "writes") {
				t.Errorf("expected something to be written on the day that writes only, got %v", wrote)
			}
			if len(breaks[d.name]) > 0 && failed == 0 {
				t.Error("expected something to fail on such a day")
			}
		})
	}
}
