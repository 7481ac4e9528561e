package interact

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
)

// What an interaction costs must not grow with the population. Compare the sizes in one run, which takes a minute
// or two; -short leaves the largest out:
//
//	go test -run xxx -bench . ./fhirmock/interact
//
// B/patient is what a patient weighs when people were looked for by number, name and date of birth. The engine alone:
// the guards of the API, with their cryptography, are measured one level up.
func BenchmarkInteractions(b *testing.B) {
	for _, patients := range sizes() {
		base, perPatient := measured(b, patients)
		everybody, gp := &open{}, newPanel(base)
		base.Base().PrepareCharts()
		id := "t000100" // the same in each town, so that what is found is as much
		for _, c := range []struct {
			name, target string
			g            Gate
		}{
			{"read", "Observation/obs-" + id + "-003", everybody},
			{"read-patient", "Patient/" + id, everybody},
			{"search-by-patient", "Observation?patient=" + id + "&category=laboratory", everybody},
			{"search-by-name", "Patient?family=fjell&given=kari&_count=20", everybody},
			{"search-by-name-uncounted", "Patient?family=fjell&given=kari&_count=20&_total=none", everybody},
			{"search-sorted", "Patient?gender=female&_sort=family,-birthdate&_count=20&_total=none", everybody},
			{"search-sorted-late", "Patient?birthdate=ge2020-01-01&_sort=-birthdate&_count=20&_total=none", everybody},
			{"include-of-a-page", "Patient?family=fjell&_include=Patient:general-practitioner&_revinclude=Encounter:patient&_count=20&_total=none", everybody},
			{"search-by-composite", "Observation?patient=" + id + "&component-code-value-quantity=8480-6%24gt100", everybody},
			{"search-by-identifier", "Patient?identifier=urn:oid:2.16.578.1.12.4.1.4.1|none", everybody},
			{"search-by-code", "Condition?code=F93&_count=20&_total=none", everybody},
			{"search-by-code-of-a-panel", "Observation?code=3016-3&_count=20&_total=none", gp},
			{"search-by-code-of-nobody", "Condition?code=none", everybody},
			{"date-range", "Observation?date=ge2025-06-01&date=lt2026-06-01&_count=20&_total=none", everybody},
			{"date-range-of-a-panel", "Observation?date=ge2025-06-01&date=lt2026-06-01&_count=20&_total=none", gp},
			{"date-range-sorted-of-a-panel", "Observation?date=ge2025-06-01&_sort=-date&_count=20&_total=none", gp},
			{"include", "Encounter?patient=" + id + "&_include=Encounter:patient&_include=Encounter:participant&_revinclude=Observation:encounter", everybody},
			{"everything", "Patient/" + id + "/$everything", everybody},
			{"history-of-type", "Observation/_history?_count=20", everybody},
			{"history-of-type-of-a-panel", "Observation/_history?_count=20", gp},
		} {
			e := engine(base.Base())
			b.Run(fmt.Sprintf("%s/%d", c.name, patients), func(b *testing.B) {
				if _, err := e.Do(c.g, request(b, "GET", c.target, "")); err != nil { // the first makes indexes: BenchmarkFirstSearch
					b.Fatal(err)
				}
				for b.Loop() {
					if _, err := e.Do(c.g, request(b, "GET", c.target, "")); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(perPatient, "B/patient")
			})
		}
		b.Run(fmt.Sprintf("transaction-of-50/%d", patients), func(b *testing.B) {
			e, bundle := engine(base.Base()), fifty(id)
			for b.Loop() {
				if _, err := e.Do(everybody, request(b, "POST", "", bundle)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("export-of-a-panel/%d", patients), func(b *testing.B) {
			e := engine(base.Base())
			for b.Loop() {
				exported(b, e, gp, "Condition")
			}
		})
	}
}

func sizes() []int {
	if testing.Short() {
		return []int{100, 10_000}
	}
	return []int{100, 10_000, 100_000}
}

// BenchmarkFirstSearch is how long the first who looks for a patient waits, when the town is just made.
func BenchmarkFirstSearch(b *testing.B) {
	for _, patients := range sizes() {
		for _, by := range []string{"identifier=none", "name=none", "birthdate=2050"} {
			b.Run(fmt.Sprintf("%s/%d", by[:strings.IndexByte(by, 61)], patients), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					p, err := people.Town(people.Settings{People: patients, Seed: 1})
					if err != nil {
						b.Fatal(err)
					}
					e := engine(p.Base())
					b.StartTimer()
					if _, err := e.Do(&open{}, request(b, "GET", "Patient?"+by, "")); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkExportOfATown sends every patient, every condition, and all there is, as somebody who may have it all. MB-heap
// is what is in memory at the end, charts that are kept included.
func BenchmarkExportOfATown(b *testing.B) {
	for _, patients := range sizes() {
		p, err := people.Town(people.Settings{People: patients, Seed: 1})
		if err != nil {
			b.Fatal(err)
		}
		e := engine(p.Base())
		for name, kinds := range map[string][]string{"Patient": {"Patient"}, "Condition": {"Condition"}, "everything": query.Types} {
			b.Run(fmt.Sprintf("%s/%d", name, patients), func(b *testing.B) {
				lines := 0
				for b.Loop() {
					for _, kind := range kinds {
						lines += exportedAll(b, e, kind)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(lines), "ns/line")
				var after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.HeapAlloc)/1e6, "MB-heap")
			})
		}
	}
}

func exportedAll(b *testing.B, e *Engine, kind string) int {
	r := request(b, "GET", "$export?_type="+kind, "")
	r.Async = true
	res, err := e.Do(&open{}, r)
	if err != nil {
		b.Fatal(err)
	}
	_, id, _ := strings.Cut(res.ContentLocation, "/_export/")
	n, line := 0, []byte(nil)
	for res, err = e.Do(&open{}, request(b, "GET", "_export/"+id+"/"+kind+".ndjson", "")); ; res, err = res.More() {
		if err != nil {
			b.Fatal(err)
		}
		for _, rec := range res.Lines {
			line = e.Render(line[:0], rec, res.Show)
			n++
		}
		if res.More == nil {
			return n
		}
	}
}

func exported(b *testing.B, e *Engine, g Gate, kind string) {
	r := request(b, "GET", "$export?_type="+kind, "")
	r.Async = true
	res, err := e.Do(g, r)
	if err != nil {
		b.Fatal(err)
	}
	_, id, _ := strings.Cut(res.ContentLocation, "/_export/")
	if _, err := e.Do(g, request(b, "GET", "_export/"+id+"/"+kind+".ndjson", "")); err != nil {
		b.Fatal(err)
	}
}

// panel is a gate for somebody who is entitled to few: a hundred in the middle.
type panel struct {
	open
	list []string
	has  map[string]bool
}

func newPanel(p *people.People) *panel {
	g := &panel{has: map[string]bool{}}
	all := p.Entitled(people.Caller{Practitioner: "dal"})
	for _, id := range all[len(all)-min(100, len(all)):] {
		g.list = append(g.list, id)
		g.has[id] = true
	}
	g.closed = func(_ store.Way, r *store.Record) bool { return len(r.Patients) > 0 && !g.has[r.Patients[0]] }
	return g
}

func (g *panel) Only(store.Way, string) ([]string, bool) { return g.list, true }

func (g *panel) Entered(string) bool { return false }

// measured makes a town, asks what its Patient index takes to be made, and says what it weighs before anybody's
// chart was asked for.
func measured(b *testing.B, patients int) (*people.People, float64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p, err := people.Town(people.Settings{People: patients, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	for _, target := range []string{"Patient?identifier=none", "Patient?name=none", "Patient?birthdate=2050"} {
		if _, err := engine(p.Base()).Do(&open{}, request(b, "GET", target, "")); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if _, err := engine(p.Base()).Do(&open{}, request(b, "GET", "Group?member=Patient/none", "")); err != nil { // made once
		b.Fatal(err)
	}
	return p, float64(after.HeapAlloc-before.HeapAlloc) / float64(patients)
}

func fifty(patient string) string {
	entry := `{"request":{"method":"POST","url":"Observation"},"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/` + patient + `"},"effectiveDateTime":"2026-01-01","valueQuantity":{"value":1.0}}}`
	return `{"resourceType":"Bundle","type":"transaction","entry":[` + strings.TrimSuffix(strings.Repeat(entry+",", 50), ",") + `]}`
}

// BenchmarkForty is what a world pays for its records: a store of its own over the snapshot that all share.
func BenchmarkForty(b *testing.B) {
	base := people.Everybody().Base()
	for b.Loop() {
		if store.New(base).View().Get("Patient", "p07") == nil {
			b.Fatal("expected p07")
		}
	}
}

// BenchmarkTransaction is a bundle as Synthea writes one: a patient, encounters, and what refers to both by the bundle's
// own names. ns/entry must not grow with the size. A refused one has its mistake in the last entry.
func BenchmarkTransaction(b *testing.B) {
	for _, entries := range []int{50, 1000, 5000, 10_000} {
		for _, c := range []struct{ name, last string }{{"whole", ""}, {"refused", "Patient/nobody"}} {
			b.Run(fmt.Sprintf("%s/%d", c.name, entries), func(b *testing.B) {
				base := people.Everybody().Base()
				bundle := life(entries, c.last)
				for b.Loop() {
					b.StopTimer()
					e := engine(base)
					r := request(b, "POST", "", bundle)
					b.StartTimer()
					if _, err := e.Do(&open{}, r); (err != nil) != (c.last != "") {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(entries), "ns/entry")
			})
		}
	}
}

// life is a transaction about one patient. Last is whom the last entry is about, if not her.
func life(entries int, last string) string {
	uuid := func(n int) string { return fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", n) }
	var all []string
	add := func(kind, rest string) {
		all = append(all, entry("POST", kind, uuid(len(all)), `{"resourceType":"`+kind+`",`+rest+`}`))
	}
	add("Patient", `"name":[{"family":"Lie","given":["Ada"]}],"birthDate":"1950-01-01"`)
	visit := 0
	for len(all) < entries {
		subject := `"subject":{"reference":"` + uuid(0) + `"}`
		if n := len(all); n%10 == 1 {
			visit = n
			add("Encounter", `"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},`+subject+`,"period":{"start":"2020-01-01T10:00:00Z","end":"2020-01-01T10:15:00Z"}`)
			continue
		}
		if len(all) == entries-1 && last != "" {
			subject = `"subject":{"reference":"` + last + `"}`
		}
		add("Observation", `"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"718-7","display":"Hemoglobin [Mass/volume] in Blood"}],"text":"Hemoglobin"},`+subject+
			`,"encounter":{"reference":"`+uuid(visit)+`"},"effectiveDateTime":"2020-01-01T10:00:00Z","issued":"2020-01-01T10:00:00.000Z","valueQuantity":{"value":13.4,"unit":"g/dL","system":"http://unitsofmeasure.org","code":"g/dL"}`)
	}
	return bundleOf("transaction", all...)
}
