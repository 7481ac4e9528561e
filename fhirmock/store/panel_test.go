package store

import (
	"fmt"
	"testing"
	"time"

	"thiefbox/fhirmock/r4"
)

// What others have written, be it more than a search looks at, neither cuts it short nor keeps it from being counted; what
// is written about somebody who was entered later matters if he says so.
func TestASearchPassesOverWhatOthersWrote(t *testing.T) {
	when := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	base := NewBase([]*Record{
		Prerendered("Patient", "hers", "hers", when, []byte(`{"resourceType":"Patient","id":"hers"}`), "#"),
		Prerendered("Patient", "other", "other", when, []byte(`{"resourceType":"Patient","id":"other"}`), "#"),
	})
	s := New(base)
	write := func(id, patient string) *r4.Node {
		n, err := r4.Parse([]byte(fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","subject":{"reference":"Patient/%s"}}`, id, patient)))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	err := s.Update(func() time.Time { return when }, func(tx *Tx) error {
		for i := range mostExamined + 10 {
			tx.Put(write(fmt.Sprintf("others-%d", i), "other"), "PUT")
		}
		tx.Put(write("new", "newcomer"), "PUT")
		tx.Put(write("his", "stranger"), "PUT")
		tx.Put(write("hers", "hers"), "PUT")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	v := s.View()
	final := []Filter{{Param: "status", Any: []Match{{Key: "final"}}}}
	if !v.Many("Observation", final) {
		t.Error("expected a search among many")
	}
	v = v.Among([]string{"hers"}, func(patient string) bool { return patient == "newcomer" })
	for _, sorts := range [][]Sort{nil, {{Param: "status"}}} {
		found, search := "", v.Find("Observation", final, sorts, nil)
		for r := search.Next(); r != nil; r = search.Next() {
			found += r.ID() + " "
		}
		if found != "new hers " || search.Cut {
			t.Errorf("expected what is new and hers, got %q, cut: %t", found, search.Cut)
		}
	}
	tally := Tally{Door: everybody{}, Way: AsCount, Most: 100, Patience: 100}
	if all, err := v.Find("Observation", final, nil, nil).Count(&tally); !all || err != nil || tally.N != 2 {
		t.Errorf("expected 2 counted to the end, got %d, %t, %v", tally.N, all, err)
	}
}

type everybody struct{}

func (everybody) Opens(Way, *Record) (bool, error) { return true, nil }
