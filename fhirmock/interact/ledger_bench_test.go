package interact

import (
	"fmt"
	"runtime"
	"testing"

	"thiefbox/fhirmock/people"
)

// BenchmarkTown is what searches over a whole town cost: what their page does, whatever the town.
//
//	go test -run xxx -bench Town ./fhirmock/interact
//
// B/patient is what a patient weighs when everything has been searched by.
func BenchmarkTown(b *testing.B) {
	for _, patients := range sizes() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		p, err := people.Town(people.Settings{People: patients, Seed: 1})
		if err != nil {
			b.Fatal(err)
		}
		p.Base().PrepareCharts()
		runtime.GC()
		runtime.ReadMemStats(&after)
		gp := newPanel(p)
		for _, c := range []struct {
			name, target string
			g            Gate
		}{
			{"date-range", "Observation?date=ge2025-06-01&date=lt2026-06-01&_count=20", &open{}},
			{"date-of-a-day", "Observation?date=2026-09-01&_count=20", &open{}},
			{"sorted", "Observation?_sort=-date&_count=20", &open{}},
			{"sorted-by-status-and-date", "Observation?_sort=status,-date&_count=20", &open{}},
			{"sorted-of-a-code", "Condition?code=K86&_sort=-recorded-date&_count=20", &open{}},
			{"sorted-of-a-panel", "Observation?date=ge2025-06-01&_sort=-date&_count=20", gp},
			{"category", "Observation?category=laboratory&_count=20", &open{}},
			{"category-of-none", "Observation?category=none&_count=20", &open{}},
			{"combo-code", "Observation?combo-code=85354-9&_count=20", &open{}},
			{"text", "Observation?code:text=blood&_count=20", &open{}},
			{"value", "Observation?value-quantity=gt240&_count=20", &open{}},
			{"value-of-a-code", "Observation?code-value-quantity=59261-8$gt78&_count=20", &open{}},
			{"label", "MedicationRequest?_security=R&_count=20", &open{}},
			{"status-of-none", "Condition?clinical-status=recurrence&_count=20", &open{}},
			{"performer", "Observation?performer=Practitioner/berg&_count=20", &open{}},
			{"count", "Condition?code=F93&_summary=count", &open{}},
			{"has", "Patient?_has:Condition:patient:code=P70&_count=20&_total=none", &open{}},
			{"chain", "Condition?subject.birthdate=lt1935-01-01&code=K86&_count=20", &open{}},
			{"include", "MedicationRequest?code=C08CA01&_include=MedicationRequest:patient&_count=20", &open{}},
		} {
			e := engine(p.Base())
			b.Run(fmt.Sprintf("%s/%d", c.name, patients), func(b *testing.B) {
				for b.Loop() {
					if _, err := e.Do(c.g, request(b, "GET", c.target, "")); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(patients), "B/patient")
			})
		}
	}
}

// BenchmarkLedgers is how long the first who searches among many waits, if nothing was prepared.
func BenchmarkLedgers(b *testing.B) {
	for _, patients := range sizes() {
		b.Run(fmt.Sprint(patients), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				p, err := people.Town(people.Settings{People: patients, Seed: 1})
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				p.Base().PrepareCharts()
			}
		})
	}
}
