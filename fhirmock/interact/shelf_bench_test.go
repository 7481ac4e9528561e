package interact

import (
	"runtime"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/store"
)

// BenchmarkShelf is what it takes to make the index of imported records, here the observations of a town as texts: how
// how long a record takes, and what it weighs in the index.
func BenchmarkShelf(b *testing.B) {
	p, err := people.Town(people.Settings{People: 1500, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	texts := observations(b, p)
	var before, after runtime.MemStats
	weight := 0.0
	for b.Loop() {
		b.StopTimer()
		records := make([]*store.Record, 0, len(texts))
		for _, r := range texts {
			records = append(records, store.Prerendered(r.Type, r.ID, r.Patients[0], r.Updated, r.Append(nil, people.CanaryMark), people.CanaryMark))
		}
		base := store.NewBase(records)
		runtime.GC()
		runtime.ReadMemStats(&before)
		b.StartTimer()
		base.Prepare("Observation")
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		weight = float64(after.HeapAlloc-before.HeapAlloc) / float64(len(texts))
		runtime.KeepAlive(base)
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(texts)), "ns/record")
	b.ReportMetric(weight, "B/record")
}

// observations are those of a town, made.
func observations(b *testing.B, p *people.People) (out []*store.Record) {
	search := store.New(p.Base()).View().Find("Observation", nil, nil, nil)
	for found := search.Next(); found != nil; found = search.Next() {
		r, err := found.Open(&open{}, store.AsMatch)
		if err != nil {
			b.Fatal(err)
		}
		if out = append(out, r); len(out) == 18_000 {
			break
		}
	}
	return out
}
