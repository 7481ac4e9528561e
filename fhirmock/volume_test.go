package fhirmock

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/fhirmock/interact"
	"thiefbox/sim/control"
)

// bounded is a world whose API hands out so many records in a minute.
func bounded(t *testing.T, most int, off ...*control.Control) *world {
	t.Helper()
	w := newWorld(t, strictest(t).Without(off...))
	w.a.Volume, w.b.Volume = most, most
	return w
}

// Whatever way records leave by, they count, on all nodes together and for each caller; an answer that is begun is
// finished, and the next is refused until enough of them are a minute ago.
func TestVolume(t *testing.T) {
	for name, c := range map[string]struct {
		ask  func(*world)
		want int
	}{
		"a read":              {get("/Patient/p01"), 1},
		"an old version":      {get("/Patient/p01/_history/1"), 1},
		"a history":           {get("/Patient/p01/_history"), 1},
		"a page":              {get("/Observation?patient=p01&_count=3"), 3},
		"what is drawn along": {get("/Observation?patient=p01&_count=3&_include=Observation:patient"), 4},
		"a part of each":      {get("/Observation?patient=p01&_count=3&_elements=id"), 3},
		"$everything":         {get("/Patient/p01/$everything?_count=7"), 7},
		"a batch":             {sends("batch", "Patient/p01", "Observation?patient=p01&_count=3"), 4},
		"a transaction":       {sends("transaction", "Patient/p01", "Observation?patient=p01&_count=3"), 4},
		"what is there already": {func(w *world) {
			w.write("POST", "/Observation", fhirType, note("p01", "x"), with("If-None-Exist", "_id=obs-p01-1"))
		}, 1},
		"a query": {func(w *world) {
			w.graph(`{ Patient(id: "p01") { id } ConditionList(patient: "p01", _count: 1) { subject { resource { ... on Patient { id } } } } PractitionerList { id } }`)
		}, 3},
		"what is nobody's":  {get("/Practitioner"), 0},
		"a number":          {get("/Observation?patient=p01&_summary=count"), 0},
		"what is not there": {get("/Patient/p99"), 0},
		"the log":           {func(w *world) { get("/Patient/p01")(w); get("/AuditEvent?patient=p01")(w) }, 1},
		"what he has":       {func(w *world) { w.write("GET", "/Patient/p01", "", "", with("If-None-Match", `W/"1"`)) }, 0},
		"what has no body":  {func(w *world) { w.write("HEAD", "/Patient/p01", "", "") }, 0},
		"what has none in a batch": {func(w *world) {
			w.write("POST", "/", fhirType, strings.Replace(requestsOf("batch", "Patient/p01"), "GET", "HEAD", 1))
		}, 0},
		"what he writes": {func(w *world) { w.write("POST", "/Observation", fhirType, note("p01", "x")) }, 0},
	} {
		w := bounded(t, 1000)
		c.ask(w)
		if got := w.a.Shared.handed.of(guesser{"ehr", "berg"}, w.clock.Now()); got != c.want {
			t.Errorf("%s: expected %d records to be counted, got %d", name, c.want, got)
		}
	}
}

func get(target string) func(*world) { return func(w *world) { w.write("GET", target, "", "") } }

func sends(kind string, urls ...string) func(*world) {
	return func(w *world) { w.write("POST", "/", fhirType, requestsOf(kind, urls...)) }
}

func requestsOf(kind string, urls ...string) string {
	var entries []string
	for _, url := range urls {
		entries = append(entries, `{"request":{"method":"GET","url":"`+url+`"}}`)
	}
	return `{"resourceType":"Bundle","type":"` + kind + `","entry":[` + strings.Join(entries, ",") + `]}`
}

// Who has had enough hears when there will be more, at either node, and others are served. The minute slides: half of
// what he had half a minute ago is his again half a minute later.
func TestVolumeIsOfAMinute(t *testing.T) {
	w := bounded(t, 10)
	page := func() int {
		rec := w.honest(http.MethodGet, "/Observation?patient=p01&_count=5").send()
		if rec.Code == http.StatusTooManyRequests && (w.refusedBy() != control.RSVolume.ID || !strings.Contains(rec.Body.String(), "throttled") || rec.Header().Get("Retry-After") == "") {
			t.Errorf("expected to be told when to come back, got %q by %s: %s", rec.Header().Get("Retry-After"), w.refusedBy(), rec.Body)
		}
		return rec.Code
	}
	want := func(when string, statuses ...int) {
		t.Helper()
		for i, status := range statuses {
			if got := page(); got != status {
				t.Errorf("%s, request %d: expected %d, got %d", when, i+1, status, got)
			}
		}
	}
	want("at the start", 200)
	w.clock.Advance(30 * time.Second)
	want("half a minute later", 200, 429)
	rec := w.send(w.b, w.honest(http.MethodGet, "/Patient/p01").request())
	if rec.Code != http.StatusTooManyRequests || rec.Header().Get("Retry-After") != "30" {
		t.Errorf("expected 429 and 30 s to wait at the other node, got %d and %q", rec.Code, rec.Header().Get("Retry-After"))
	}
	other := w.honest(http.MethodGet, "/Patient/p01")
	other.claims.ClientID = "another"
	wantStatus(t, other.send(), 200)
	w.clock.Advance(30 * time.Second)
	want("a minute later", 200, 429)
	w.clock.Advance(30 * time.Second)
	want("one and a half", 200, 429)

	off := bounded(t, 1, control.RSVolume)
	for range 3 {
		wantStatus(t, off.honest(http.MethodGet, "/Patient/p01").send(), 200)
	}
}

// A bundle's entries are asked about one by one, and of a transaction none is carried out where one is refused.
func TestVolumeCountsEntries(t *testing.T) {
	w := bounded(t, 4)
	rec := w.write("POST", "/", fhirType, requestsOf("batch", "Observation?patient=p01&_count=3", "Patient/p01", "Patient/p01", "Patient/p01"))
	wantStatus(t, rec, 200)
	if ok, late := strings.Count(rec.Body.String(), `"status":"200`), strings.Count(rec.Body.String(), `"status":"429`); ok != 2 || late != 2 {
		t.Errorf("expected two entries to be served and two refused, got %d and %d", ok, late)
	}
	w = bounded(t, 4)
	wantStatus(t, w.write("POST", "/", fhirType, requestsOf("transaction", "Observation?patient=p01&_count=5", "Patient/p01")), 429)
	if got := w.a.Shared.handed.of(guesser{"ehr", "berg"}, w.clock.Now()); got != 0 {
		t.Errorf("expected nothing to be counted that was not sent, got %d", got)
	}
}

// A GraphQL query that reaches the bound before its last question is refused, as a transaction is, and counts nothing.
func TestVolumeOfGraphQL(t *testing.T) {
	const two = `{ a: ObservationList(patient: "p01", _count: 3) { id } b: ConditionList(patient: "p01") { id } }`
	w := bounded(t, 3)
	if rec := w.graph(two); rec.Code != http.StatusTooManyRequests || w.refusedBy() != control.RSVolume.ID || w.a.Shared.handed.of(guesser{"ehr", "berg"}, w.clock.Now()) != 0 {
		t.Errorf("expected the second list to be refused, and nothing to be counted, got %d by %s: %s", rec.Code, w.refusedBy(), rec.Body)
	}
	wantStatus(t, bounded(t, 4).graph(two), 200)
	wantStatus(t, bounded(t, 3, control.RSVolume).graph(two), 200)
}

// A person's files of an export count, and a system's do not.
func TestVolumeOfExports(t *testing.T) {
	for subject, want := range map[string]int{"berg": 7, "ehr": 0} {
		w := bounded(t, 1000)
		w.a.Callers["ehr"], w.b.Callers["ehr"] = Caller{Practitioner: "berg"}, Caller{Practitioner: "berg"}
		as := func(target string, change ...func(*try)) string {
			try := w.honest("GET", target)
			try.claims.Subject = subject
			for _, c := range change {
				c(try)
			}
			rec := try.send()
			if at := rec.Header().Get("Content-Location"); at != "" {
				return strings.TrimPrefix(at, testBase)
			}
			wantStatus(t, rec, 200)
			return rec.Body.String()
		}
		status := as("/Patient/$export?_type=Patient", with("Prefer", "respond-async"))
		as(status)
		lines := as(status + "/Patient.ndjson")
		if got := w.a.Shared.handed.of(guesser{"ehr", subject}, w.clock.Now()); strings.Count(lines, "\n") != 7 || got != want {
			t.Errorf("%s: expected 7 patients, %d counted, got %d and %d", subject, want, strings.Count(lines, "\n"), got)
		}
	}
}

// Of several requests at once, as many are served as are below the bound, and one more at most.
func TestVolumeOfRequestsAtOnce(t *testing.T) {
	var c volumes
	who, now := guesser{subject: "berg"}, time.Unix(1e9, 0)
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for range 64 {
		wg.Go(func() {
			if c.add(who, now, 7, 100) {
				mu.Lock()
				total += 7
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if total != 105 || c.of(who, now) != 105 {
		t.Errorf("expected 105 records, the last of an answer that was begun below 100, got %d and %d", total, c.of(who, now))
	}
	for i := range mostCallers + 1 {
		c.add(guesser{client: fmt.Sprint(i)}, now, 1, 100)
	}
	if c.add(guesser{client: "late"}, now.Add(missMinute), 1, 100); len(c.callers) != 1 {
		t.Errorf("expected those to be forgotten who had nothing for a minute, got %d", len(c.callers))
	}
}

// Who has raced himself to the bound is refused at the end, before anything is sent.
func TestVolumeIsAskedAgainBeforeItIsSent(t *testing.T) {
	w := bounded(t, 5)
	try := w.honest(http.MethodGet, "/Patient/p01")
	r := try.request()
	v := &visit{api: w.a, http: r, now: w.clock.Now(), dialect: w.a.Party.Dialect()}
	v.claims.ClientID, v.claims.Subject = "ehr", "berg"
	v.door = newDoor(r.Context(), v)
	v.route.Request = &interact.Request{Kind: interact.Read}
	w.a.Shared.handed.add(v.guesser(), v.now, 5, 5)
	v.door.handed = 1
	refusal := control.RefusalOf(v.hands(&interact.Response{}))
	if refusal == nil || refusal.Control != control.RSVolume || v.wait <= 0 {
		t.Errorf("expected %s to refuse, got %v", control.RSVolume, refusal)
	}
}
