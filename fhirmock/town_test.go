package fhirmock

import (
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/sim/control"
)

// Who is entitled to a panel in a large town may sort it, since the search begins at his patients; without
// the control that keeps him to it he is somebody who may see everybody, and is asked to narrow it. What he
// finds is his patients' alone.
func TestASearchInATownBeginsAtTheCallersPatients(t *testing.T) {
	town, err := people.Town(people.Settings{People: 2000, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, keeps := range []bool{true, false} {
		p := strictest(t).Full()
		if !keeps {
			p = p.Without(control.RSEntitlementFind)
		}
		w := newWorld(t, p)
		w.records = NewRecords(town)
		w.a = w.node("fhir/a", NewReplayMemory())
		w.a.People = town
		try := w.honest("GET", "/Observation?category=laboratory&_sort=-date&_count=30")
		try.claims.Subject = "bakke"
		rec := try.send()
		if !keeps {
			if rec.Code != 400 || !strings.Contains(rec.Body.String(), "too-costly") {
				t.Errorf("expected to be asked to narrow it, got %d %.200s", rec.Code, rec.Body)
			}
			continue
		}
		wantStatus(t, rec, 200)
		found := entries(t, decode(t, rec))
		if len(found) != 30 {
			t.Errorf("expected a page, got %d", len(found))
		}
		for _, id := range found {
			patient, _, _ := strings.Cut(strings.TrimPrefix(id, "Observation/obs-"), "-")
			if !town.May(Caller{Practitioner: "bakke"}, patient) {
				t.Errorf("found %s", id)
			}
		}
	}
}
