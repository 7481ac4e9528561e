package drill

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestEveryClockHasItsLaw: each country has the same duties, so that any drill can be played under any of them; a clock
// that a law sets names the law's article or section and where it was read, and one that is ours says so.
func TestEveryClockHasItsLaw(t *testing.T) {
	want := []string{"authority", "early-warning", "suppliers", "patients"}
	for _, country := range Countries() {
		var ids []string
		for _, o := range Obligations(country) {
			ids = append(ids, o.ID)
			section := strings.Contains(o.Law, "art. ") || strings.Contains(o.Law, "reg. ") || strings.Contains(o.Law, " s8") || strings.Contains(o.Law, " s11")
			if ours := strings.Contains(o.Law, "this drill's reading"); !section && !ours || section && o.Source == "" {
				t.Errorf("%s: %s: expected an article and where it was read, or that the clock is ours, got %q and %q", country, o.ID, o.Law, o.Source)
			}
			if o.Within <= 0 || o.Within > 31*24*time.Hour || o.To == "" {
				t.Errorf("%s: %s: expected whom to tell and how soon, got %+v", country, o.ID, o)
			}
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%s: expected %v, got %v", country, want, ids)
		}
	}
}
