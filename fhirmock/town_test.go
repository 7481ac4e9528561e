package fhirmock

import (
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/sim/control"
)

// Who is entitled to a panel in a large town finds his patients alone, since the search begins at them; without the
// control that keeps him to it he finds others.
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
		wantStatus(t, rec, 200)
		found := entries(t, decode(t, rec))
		if len(found) != 30 {
			t.Errorf("expected a page, got %d", len(found))
		}
		others := 0
		for _, id := range found {
			patient, _, _ := strings.Cut(strings.TrimPrefix(id, "Observation/obs-"), "-")
			if !town.May(Caller{Practitioner: "bakke"}, patient) {
				others++
			}
		}
		if keeps != (others == 0) {
			t.Errorf("kept to his patients: %t; found %d of others", keeps, others)
		}
	}
}
