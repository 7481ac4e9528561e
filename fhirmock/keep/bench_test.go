package keep

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// BenchmarkStart is opening a file of 10,000 records of 350 bytes, in commits of fifty, and what they weigh then. Two garbage
// collections are in its time.
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
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		f, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		s, _, err := store.Open(nil, f)
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(s)
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/10_000, "B/record")
	b.ReportMetric(float64(info.Size())/10_000, "disk-B/record")
}
