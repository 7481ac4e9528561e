package fhirmock

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/store"
)

// Of a million records that somebody brought along, the index was made inside the first search, which had no answer
// before the server hung up.
func TestASearchOfWhatIsStillIndexedIsToldToWait(t *testing.T) {
	crowd := func() *People {
		records := []*store.Record{store.Prerendered("Patient", "x", "x", time.Unix(0, 0), []byte(`{"resourceType":"Patient","id":"x"}`), people.CanaryMark)}
		for i := range 20_001 {
			id := fmt.Sprintf("o%d", i)
			records = append(records, store.Prerendered("Observation", id, "x", time.Unix(0, 0), fmt.Appendf(nil, `{"resourceType":"Observation","id":%q,"subject":{"reference":"Patient/x"}}`, id), people.CanaryMark))
		}
		p, err := people.Town(people.Settings{Imported: records})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, target := range []string{
		"/Observation?patient=x&_count=5", "/Observation?_sort=_lastUpdated", "/Patient?_id=x&_has:Observation:patient:status=final",
		"/Patient?_id=x&_revinclude=Observation:patient", "/Patient/x/$everything", "/Patient/x/Observation",
	} {
		p := crowd()
		w := worldOver(t, strictest(t), p, NewRecords(p))
		rec := w.inName("berg", "GET", target, "user/*.rs", nil)
		wantStatus(t, rec, 503)
		if rec.Header().Get("Retry-After") != "10" || !strings.Contains(rec.Body.String(), `"transient"`) {
			t.Errorf("%s: expected to be told how long to wait, got %q: %s", target, rec.Header().Get("Retry-After"), rec.Body)
		}
		wantStatus(t, w.inName("berg", "GET", "/Observation/o7", "user/*.rs", nil), 200) // a read needs no index
		p.Base().Prepare("Observation")                                                  // and so waits until it is made
		wantStatus(t, w.inName("berg", "GET", target, "user/*.rs", nil), 200)
	}
}
