package fhirmock

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
	"thiefbox/sim/control"
)

// anyEntry draws an entry of the log, usual or not.
func anyEntry(t *rapid.T) auditEntry {
	some := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	list := func(label string, of ...string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(of), 0, 4).Draw(t, label)
	}
	return auditEntry{
		N: rapid.Uint64Range(1, 1<<40).Draw(t, "number"), At: time.UnixMicro(rapid.Int64Range(0, 1<<51).Draw(t, "time")),
		Node: some("node", "a", "b"), Method: "GET", Status: rapid.SampledFrom([]int{200, 201, 404, 500}).Draw(t, "status"),
		Kind:     interact.Kind(some("kind", "", "read", "vread", "search-type", "create", "update", "patch", "delete", "history-type", "history-instance", "batch", "transaction", "$export", "$everything")),
		Resource: some("resource", "", "Patient", "Patient/p01", "Observation/x", "Patient/p01/$everything", "_export/x", "Observation/a b"),
		Client:   some("client", "", "ehr", "Ærlig"), Subject: some("subject", "", "ehr", "berg", "p03", "nobody"), Token: some("token", "", "t1"),
		Address: some("address", "", "127.0.0.1", "FE80::1"), Patients: list("patients", "p01", "p02"), More: rapid.IntRange(0, 2).Draw(t, "more"),
		Written: list("written", "Patient/p09", "Observation/y"), Purpose: some("purpose", "", "BTG"), Broke: some("broke", "", "p01"),
	}
}

func compareTerms(a, b terms.Term) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key), cmp.Compare(a.System, b.System), cmp.Compare(a.Exact, b.Exact), cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi))
}

func ordered(ts []terms.Term) []string {
	slices.SortFunc(ts, compareTerms)
	var out []string
	for _, t := range ts {
		out = append(out, fmt.Sprintf("%+v", t))
	}
	return slices.Compact(out)
}

// What an entry says it is found by is what stands in it once it is written, under every parameter that there is.
func TestTheLogIsFoundByWhatItSays(t *testing.T) {
	a := newWorld(t, strictest(t)).a
	rapid.Check(t, func(t *rapid.T) {
		e := anyEntry(t)
		stands := map[string][]terms.Term{}
		for _, x := range terms.Of(a.auditRecord(&e).Node("canary")) {
			stands[x.Param] = append(stands[x.Param], x)
		}
		for _, p := range r4.Params("AuditEvent") {
			for _, of := range []string{"", ":text", ":identifier", ":of-type"} {
				var said []terms.Term
				(&auditTerms{a, &e, p.Name + of, func(x *terms.Term) { said = append(said, *x) }}).say()
				if got, want := ordered(said), ordered(stands[p.Name+of]); !slices.Equal(got, want) {
					t.Fatalf("%s of %+v:\nexpected %v\n     got %v", p.Name+of, e, want, got)
				}
				delete(stands, p.Name+of)
			}
		}
		if len(stands) > 0 {
			t.Fatalf("nobody says %v", stands)
		}
	})
}

// fullLog fills the log with accesses and refusals.
func fullLog(w *world) {
	for i := range auditPageSize * mostAudited {
		e := auditEntry{At: w.clock.Now(), Kind: interact.Read, Method: "GET", Resource: "Patient/p01", Status: 200, Client: "ehr", Subject: "berg", Token: fmt.Sprint(i),
			Patients: []string{fmt.Sprintf("p%02d", i%40+1)}}
		w.records.audit.add(e)
		if e.Status = 404; i < auditPageSize*mostRefused {
			w.records.audit.add(e)
		}
	}
}

// BenchmarkAuditSearchFirst is the first search in a full log, and what is kept for the next, by everybody's parameters
// and by another each time.
func BenchmarkAuditSearchFirst(b *testing.B) {
	w := newWorld(b, strictest(b).Without(control.RSRate, control.RSVolume))
	fullLog(w)
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	b.ReportAllocs()
	l := &w.records.audit
	for b.Loop() {
		b.StopTimer()
		for _, p := range slices.Concat(l.served, l.refused) {
			p.made, p.of = nil, 0
		}
		b.StartTimer()
		wantStatus(b, w.asAuditor("/AuditEvent?patient=p07&_count=10"), 200)
	}
	full := heap()
	for _, p := range slices.Concat(l.served, l.refused) {
		p.made, p.of = nil, 0
	}
	b.ReportMetric((full-heap())/1e6, "MB-kept")
}

// Entries are shared by the log and by what it is searched by, and come in while it is.
func TestTheLogIsSearchedWhileItGrows(t *testing.T) {
	w := newWorld(t, strictest(t).Without(control.RSRate, control.RSVolume))
	now, most := w.clock.Now(), 3*auditPageSize
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for range most / 2 {
				w.records.audit.add(auditEntry{At: now, Kind: interact.Read, Status: 200, Patients: []string{"p07"}})
			}
		})
	}
	patient := []store.Filter{{Param: "patient", Any: []store.Match{{Key: "Patient/p07"}}}}
	found := func() (n int) {
		search := w.a.withAudit(w.records.View()).Find("AuditEvent", patient, nil, nil)
		for search.Next() != nil {
			n++
		}
		return n
	}
	for last := 0; last < most; {
		n := found()
		if n < last || n > most {
			t.Fatalf("expected %d to %d, got %d", last, most, n)
		}
		last = n
	}
	all.Wait()
}
