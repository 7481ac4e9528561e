package fhirmock

import (
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
)

// Each way out has a control of its own: with that one off and all others on, it is the way that leaks.
func TestEachWayOutHasItsOwnControl(t *testing.T) {
	const noted = `{"encounter":{"reference":"Encounter/enc-p40-1"},`
	get := func(w *world, target string) string { return w.write("GET", target, "", "").Body.String() }
	for name, c := range map[string]struct {
		control *control.Control
		do      func(*world) string
		shows   string
	}{
		"revinclude": {control.RSEntitlementRevInclude, func(w *world) string {
			return get(w, "/Practitioner?_id=foss&_revinclude=Patient:general-practitioner")
		}, `"id":"p40"`},
		"history": {control.RSEntitlementHistory, func(w *world) string {
			return get(w, "/Patient/_history?_count=250")
		}, `"id":"p40"`},
		"total": {control.RSEntitlementCount, func(w *world) string {
			return get(w, "/Patient?_id=p40")
		}, `"total":1`},
		"condition": {control.RSEntitlementCondition, func(w *world) string {
			return w.write("POST", "/Observation", fhirType, note("p01", "x"), with("If-None-Exist", "_id=obs-p40-1")).Body.String()
		}, `"id":"obs-p40-1"`},
		"reference": {control.RSEntitlementReference, func(w *world) string {
			return w.write("POST", "/Observation", fhirType, strings.Replace(note("p01", "x"), `{`, noted, 1)).Body.String()
		}, `"reference":"Encounter/enc-p40-1"`},
		"include": {control.RSEntitlementInclude, func(w *world) string {
			w.write("POST", "/Observation", fhirType, strings.Replace(note("p01", "x"), `{`, noted, 1))
			return get(w, "/Observation?patient=p01&_count=250&_include=Observation:encounter")
		}, `"id":"enc-p40-1"`},
	} {
		t.Run(name, func(t *testing.T) {
			strict := strictest(t)
			if name == "include" { // there is nothing to draw along where references are asked about
				strict = strict.Without(control.RSEntitlementReference)
			}
			if got := c.do(newWorld(t, strict)); strings.Contains(got, c.shows) {
				t.Errorf("expected nothing of p40, got %s", got)
			}
			if got := c.do(newWorld(t, strict.Without(c.control))); !strings.Contains(got, c.shows) {
				t.Errorf("without %s expected %s, got %s", c.control, c.shows, got)
			}
		})
	}
}

// What is counted or looked through is noted down for whoever judges the log, and what is shown besides is not.
func TestTheLogSaysWhoWasToldOf(t *testing.T) {
	w := newWorld(t, strictest(t).Without(control.RSEntitlementChain))
	for target, want := range map[string]string{
		"/Practitioner?_has:Patient:general-practitioner:_id=p40": "p40",
		"/Condition?patient=p01&_summary=count":                   "p01",
		"/Condition?patient=p01":                                  "",
	} {
		w.find("berg", target)
		if got := w.accesses(); len(got) != 1 || strings.Join(got[0].Told, " ") != want {
			t.Errorf("%s: expected %q, got %+v", target, want, got)
		}
	}
}

// A patch that compares, copies or moves takes the right to read: its failure is an answer.
func TestPatchIsNoOracle(t *testing.T) {
	for op, text := range map[string]string{
		"test": `[{"op":"test","path":"/status","value":"final"}]`,
		"copy": `[{"op":"copy","from":"/code/text","path":"/status"}]`,
		"move": `[{"op":"move","from":"/code/text","path":"/status"}]`,
	} {
		w := newWorld(t, strictest(t))
		wantStatus(t, w.write("PATCH", "/Observation/obs-p01-1", patchType, text, scope("user/Observation.u")), 403)
		if w.refusedBy() != control.RSScope.ID {
			t.Errorf("%s: expected %s, got %s", op, control.RSScope, w.refusedBy())
		}
	}
	w := newWorld(t, strictest(t))
	wantStatus(t, w.write("PATCH", "/Observation/obs-p01-1", patchType, `[{"op":"test","path":"/status","value":"final"}]`, scope("user/Observation.ru")), 200)
}

// A guess does not hide behind a hit: of several who are named, each who is not found is a miss.
func TestMissesBesideHits(t *testing.T) {
	w := newWorld(t, strictest(t))
	for range mostMisses / 2 {
		wantStatus(t, w.honest("GET", "/Patient?_id=p01,p40,p39").send(), 200)
	}
	wantStatus(t, w.honest("GET", "/Patient/p01").send(), 429)
	honest := newWorld(t, strictest(t))
	for range mostMisses + 1 {
		wantStatus(t, honest.honest("GET", "/Patient?_id=p01,p02,p03").send(), 200)
		wantStatus(t, honest.honest("GET", "/Patient?_id=p01,p02,p03&_count=1").send(), 200)
	}
}

// Whoever misses twenty times is turned away for a minute, inside a bundle too, and nobody
// else is.
func TestMisses(t *testing.T) {
	w := newWorld(t, strictest(t))
	for range mostMisses {
		wantStatus(t, w.honest("GET", "/Patient/p40").send(), 404)
	}
	rec := w.honest("GET", "/Patient/p01").send()
	if wantStatus(t, rec, 429); rec.Header().Get("Retry-After") != "60" || w.refusedBy() != control.RSMisses.ID {
		t.Errorf("expected %s and Retry-After, got %s and %q", control.RSMisses, w.refusedBy(), rec.Header().Get("Retry-After"))
	}
	wantStatus(t, w.inName("bakke", "GET", "/Patient?_id=p03", "user/*.rs", nil), 200)
	w.clock.Advance(time.Minute)
	wantStatus(t, w.honest("GET", "/Patient/p01").send(), 200)

	entries := strings.Repeat(`{"request":{"method":"GET","url":"Patient/p40"}},`, mostMisses)
	rec = w.write("POST", "/", fhirType, `{"resourceType":"Bundle","type":"batch","entry":[`+entries+`{"request":{"method":"GET","url":"Patient/p01"}}]}`)
	if wantStatus(t, rec, 200); !strings.Contains(rec.Body.String(), "429") || strings.Contains(rec.Body.String(), testCanary("p01")) {
		t.Errorf("expected the last entry to be turned away, got %s", rec.Body)
	}
}

// To delete what is not there is no error, and a guess all the same.
func TestDeletionsOfNothingAreMisses(t *testing.T) {
	w := newWorld(t, strictest(t))
	guess := `{"request":{"method":"DELETE","url":"Patient?identifier=01010112345"}},`
	rec := w.write("POST", "/", fhirType, `{"resourceType":"Bundle","type":"batch","entry":[`+strings.Repeat(guess, mostMisses)+`{"request":{"method":"GET","url":"Patient/p01"}}]}`)
	if wantStatus(t, rec, 200); strings.Count(rec.Body.String(), `"204 No Content"`) != mostMisses || !strings.Contains(rec.Body.String(), "429") {
		t.Errorf("expected the last entry to be turned away, got %s", rec.Body)
	}
}

// Counts of minutes that are over make room for others.
func TestMissesAreForgotten(t *testing.T) {
	var m misses
	start := time.Unix(1_800_000_000, 0)
	for i := range mostCallers {
		m.add(guesser{subject: string(rune(i))}, start)
	}
	m.add(guesser{subject: "late"}, start.Add(missMinute))
	if len(m.callers) != 1 || m.of(guesser{subject: "late"}, start.Add(missMinute)) != 1 {
		t.Errorf("expected one caller, got %d", len(m.callers))
	}
}
