package people

import (
	"slices"
	"strings"
	"testing"
)

// Whatever stands in a chart and is in no chart itself is said to stand there.
func TestWhoIsReferredTo(t *testing.T) {
	p := newTown(t, 2300)
	said := map[string][]int{}
	for n := 0; n < p.town.Len(); n += 7 {
		for _, r := range p.town.Chart(n, "") {
			for _, ref := range r.References("*") {
				kind, _, _ := strings.Cut(ref, "/")
				if kind == "Patient" || p.town.Holds(kind) {
					continue
				}
				if said[ref] == nil {
					said[ref] = p.town.Referring(ref)
				}
				if _, is := slices.BinarySearch(said[ref], n); !is {
					t.Fatalf("%s/%s refers to %s, and nobody says so", r.Type, r.ID, ref)
				}
			}
		}
	}
	if len(said) < 6 {
		t.Errorf("expected general practitioners, their clinics and the hospital to be referred to, got %d", len(said))
	}
	for _, ref := range []string{"Practitioner/none", "Location/" + HospitalID + "x", "Organization/none", "Device/x"} {
		if got := p.town.Referring(ref); got != nil {
			t.Errorf("%s: expected nobody, got %d", ref, len(got))
		}
	}
}
