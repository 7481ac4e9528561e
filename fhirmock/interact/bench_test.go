package interact

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"thiefbox/fhirmock/store"
)

// What an interaction costs must not grow with the population. Compare the two sizes in one run:
//
//	go test -run xxx -bench . ./fhirmock/interact
//
// The engine alone: the guards of the API, with their cryptography, are measured one level up.
func BenchmarkInteractions(b *testing.B) {
	for _, patients := range []int{100, 10_000} {
		base, perPatient := measured(b, patients)
		e, g := engine(base), &open{}
		for _, c := range []struct{ name, method, target string }{
			{"read", "GET", "Patient/p07x6"},
			{"search-by-patient", "GET", "Observation?patient=p07x6&category=laboratory"},
			{"date-range", "GET", "Observation?date=ge2025-06-01&date=lt2026-06-01&_count=20&_total=none"},
			{"date-range-sorted", "GET", "Observation?date=ge2025-06-01&_sort=-date&_count=20&_total=none"},
			{"include", "GET", "Encounter?patient=p07x6&_include=Encounter:patient&_include=Encounter:participant&_revinclude=Observation:encounter"},
			{"chain", "GET", "Condition?patient.identifier=urn:oid:2.16.578.1.12.4.1.4.1|none"},
			{"everything", "GET", "Patient/p07x6/$everything"},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, patients), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := e.Do(g, request(b, c.method, c.target, "")); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(perPatient, "B/patient")
			})
		}
		b.Run(fmt.Sprintf("transaction-of-50/%d", patients), func(b *testing.B) {
			bundle := fifty()
			for b.Loop() {
				if _, err := e.Do(g, request(b, "POST", "", bundle)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// measured makes a population with its indexes, and says what it weighs.
func measured(b *testing.B, patients int) (*store.Base, float64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	base := crowd(b, patients)
	e := engine(base)
	for _, kind := range []string{"Patient", "Encounter", "Condition", "Observation", "AllergyIntolerance", "MedicationRequest", "DocumentReference"} {
		if _, err := e.Do(&open{}, request(b, "GET", kind+"?identifier=none", "")); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	return base, float64(after.HeapAlloc-before.HeapAlloc) / float64(patients)
}

func fifty() string {
	entry := `{"request":{"method":"POST","url":"Observation"},"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p07x6"},"effectiveDateTime":"2026-01-01","valueQuantity":{"value":1.0}}}`
	return `{"resourceType":"Bundle","type":"transaction","entry":[` + strings.TrimSuffix(strings.Repeat(entry+",", 50), ",") + `]}`
}
