package interact

import (
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
)

// Who asks how many versions there are is told, and shown none (R4 search, "_summary"; once this fell over).
func TestAHistoryIsCounted(t *testing.T) {
	e := engine(people.Everybody().Base())
	for _, city := range []string{"Oslo", "Bergen"} {
		do(t, e, &open{}, "PUT", "Patient/p01", strings.Replace(ada, "{", `{"id":"p01","address":[{"city":"`+city+`"}],`, 1))
	}
	do(t, e, &open{}, "DELETE", "Patient/p01", "")
	everything := do(t, e, &open{}, "GET", "Patient/p02/$everything", "").Get("total").Text
	for target, want := range map[string]string{
		"Patient/p01/_history?_count=0":             "4",
		"Patient/p01/_history?_summary=count":       "4",
		"Patient/_history?_count=0":                 "43",
		"Patient/_history?_summary=count":           "43",
		"Patient/_history?_count=0&_since=2026-11":  "3",
		"Patient/p02/_history?_count=0&_since=2027": "0",
		"Patient/p02/$everything?_count=0":          everything,
		"Patient/p02/$everything?_summary=count":    everything,
	} {
		n := do(t, e, &open{}, "GET", target, "")
		if total := n.Get("total"); total == nil || total.Text != want || len(n.List("entry")) > 0 || n.Get("link") == nil {
			t.Errorf("%s: expected a total of %s and no entry, got %s", target, want, n.Append(nil))
		}
	}
}
