package interact

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"thiefbox/fhirmock/store"
)

// What a search is too costly for, and where it gives up, is a matter of what the caller may see: others' records neither
// have it refused, nor cut.
func TestWhatIsTooCostlyIsOnesOwn(t *testing.T) {
	base := func(others int) *store.Base {
		var all []*store.Record
		add := func(kind, id, patient, rest string) {
			text := fmt.Sprintf(`{"resourceType":%q,"id":%q,"meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z"},%s}`, kind, id, rest)
			all = append(all, store.Prerendered(kind, id, patient, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), []byte(text), "{{canary}}"))
		}
		for i := range 1100 { // more than a chain may lead through
			add("Practitioner", fmt.Sprintf("d%d", i), "", `"active":true`)
		}
		add("Patient", "hers", "hers", `"active":true`)
		add("Patient", "others", "others", `"active":true`)
		for i := range others + 3 {
			whose := "others"
			if i%(others+1) == 0 || i > others {
				whose = "hers"
			}
			add("Observation", fmt.Sprintf("o%d", i), whose, fmt.Sprintf(`"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/%s"},"performer":[{"reference":"Practitioner/d%d"}]`, whose, i))
		}
		return store.NewBase(all)
	}
	for _, target := range []string{
		"Observation?status=final&performer:Practitioner.active=true",
		"Practitioner?_id=d0,d1&_has:Observation:performer:status=final",
		"Patient?active=true&_has:Observation:patient:performer:Practitioner.active=true",
		"Observation?status=final&_sort=-date&_count=2",
		"Practitioner?_id=d0&_revinclude=Observation:performer",
	} {
		var answers [2]string
		for i, others := range []int{0, 400} {
			g := &open{closed: func(_ store.Way, r *store.Record) bool { return strings.Join(r.Patients, "") == "others" }}
			res, err := engine(base(others)).Do(g, request(t, "GET", target, ""))
			if err != nil {
				answers[i] = err.Error()
				continue
			}
			answers[i] = fmt.Sprint(res.Status)
		}
		if answers[0] != answers[1] {
			t.Errorf("%s: %s, and with others' records %s", target, answers[0], answers[1])
		}
	}
}

// Whoever has most exports loses the oldest of them when there are too many, and nobody else any.
func TestExportsOfOthersStay(t *testing.T) {
	x, at := &Exports{}, time.Unix(0, 0)
	for i := range mostExports + 50 {
		owner := fmt.Sprint("caller ", i/mostOfOne)
		if i == 0 {
			owner = "her"
		}
		if err := x.add(&export{id: fmt.Sprint(i), owner: owner, at: at.Add(time.Duration(i))}); err != nil {
			t.Fatal(err)
		}
	}
	if len(x.jobs) != mostExports || x.jobs["0"] == nil || x.jobs["100"] != nil || x.jobs[fmt.Sprint(mostExports+49)] == nil {
		t.Errorf("expected hers and the latest, got %d", len(x.jobs))
	}
}
