package keep

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// BenchmarkStart is opening a file of 10,000 records, in as many commits of fifty.
func BenchmarkStart(b *testing.B) {
	path := filepath.Join(b.TempDir(), "records.db")
	f, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	s, _, err := store.Open(nil, f)
	if err != nil {
		b.Fatal(err)
	}
	for commit := range 200 {
		err := s.Update(at(time.Unix(int64(commit), 0)), func(tx *store.Tx) error {
			for i := range 50 {
				n, err := r4.Parse(fmt.Appendf(nil, `{"resourceType":"Observation","id":"o-%d-%d","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}],"text":"Haemoglobin"},"subject":{"reference":"Patient/p01"},"effectiveDateTime":"2026-01-01","valueQuantity":{"value":13.4,"unit":"g/dL"}}`, commit, i))
				if err != nil {
					return err
				}
				tx.Put(n, "POST")
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		f, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := store.Open(nil, f); err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
