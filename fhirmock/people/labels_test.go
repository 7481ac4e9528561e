package people

import (
	"testing"

	"thiefbox/fhirmock/store"
)

// Some records wear a label and most do not, the labels are the same each time, and only types that say so wear any.
func TestLabels(t *testing.T) {
	p, err := Town(Settings{People: 1200, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	worn, all := map[byte]int{}, 0
	see := func(r *Record) {
		all++
		worn[r.Confidentiality]++
		if r.Confidentiality == store.Restricted && !Labels(r.Type) {
			t.Errorf("%s/%s wears a label, and its type is not said to", r.Type, r.ID)
		}
	}
	for kind := range p.records {
		for _, r := range p.Records(kind) {
			see(r)
		}
	}
	for n := range 300 {
		for _, r := range p.town.Chart(n, "") {
			see(r)
		}
	}
	if worn[store.Restricted] == 0 || worn[store.VeryRestricted] != 2 || worn[store.Ordinary] < all*3/4 {
		t.Errorf("expected some labels among many records, and two protected patients, got %v of %d", worn, all)
	}
	v := store.New(p.Base()).View()
	r, _ := v.Get("Patient", "t000501").Open(everybody{}, store.AsRead)
	if r.Confidentiality != store.VeryRestricted || p.town.person(500).Confidentiality != store.VeryRestricted {
		t.Errorf("expected the record of somebody whose address is protected to say so before it is written, and then")
	}
}

type everybody struct{}

func (everybody) Opens(store.Way, *store.Record) (bool, error) { return true, nil }
