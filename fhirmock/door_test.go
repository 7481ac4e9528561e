package fhirmock

import (
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// berg treats p01 to p07, and nobody else. Each row tries to reach past that in another way; what comes
// back holds nobody else's canary, and when the control is off it does, or the row would prove nothing.
func TestEveryWayOutIsGuarded(t *testing.T) {
	others := testCanary("p40")
	for name, c := range map[string]struct{ method, target, body string }{
		"match":                {"GET", "/Condition?_count=250", ""},
		"revinclude":           {"GET", "/Organization?_id=lysneset&_revinclude=Patient:organization", ""},
		"revinclude and again": {"GET", "/Practitioner?_id=foss&_revinclude=Patient:general-practitioner&_revinclude:iterate=Condition:patient", ""},
		"history of a type":    {"GET", "/Patient/_history?_count=250", ""},
		"sorted":               {"GET", "/Patient?_sort=-family&_count=250", ""},
		"compartment":          {"GET", "/Patient/p40/Condition", ""},
		"batch":                {"POST", "/", `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient?_count=250"}}]}`},
		"transaction":          {"POST", "/", `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"Condition?patient=p40"}}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, strictest(t))
			rec := w.write(c.method, c.target, fhirType, c.body)
			if wantStatus(t, rec, 200); strings.Contains(rec.Body.String(), others) {
				t.Error("p40 came out")
			}
			for _, a := range w.accesses() {
				if slices.Contains(a.Patients, "p40") {
					t.Errorf("the log says that p40 was shown: %+v", a)
				}
			}
			careless := newWorld(t, strictest(t).Without(control.RSEntitlementFind, control.RSEntitlementRevInclude, control.RSEntitlementHistory))
			if rec := careless.write(c.method, c.target, fhirType, c.body); !strings.Contains(rec.Body.String(), others) {
				t.Errorf("without the control p40 should come out: %s", rec.Body)
			}
		})
	}
	for name, target := range map[string]string{
		"history": "/Patient/p40/_history",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, strictest(t))
			wantStatus(t, w.honest("GET", target).send(), 404)
			if w.refusedBy() != control.RSEntitlementRead.ID {
				t.Errorf("expected %s, got %s", control.RSEntitlementRead, w.refusedBy())
			}
		})
	}
}

// A chain or _has looks through a record without showing it: whether something is found would tell what
// stands there, one letter at a time.
func TestChainsAreNoOracle(t *testing.T) {
	p40 := Everybody().Patients()[39]
	for _, target := range []string{
		"/Practitioner?_has:Patient:general-practitioner:identifier=" + p40.NationalID,
		"/Organization?_has:Patient:organization:birthdate=" + p40.BirthDate + "&_id=" + p40.Clinic,
		"/Practitioner?_has:Patient:general-practitioner:_has:Condition:patient:clinical-status=active&_id=" + p40.GP,
	} {
		w := newWorld(t, strictest(t))
		if got := entries(t, w.find("berg", target)); len(got) != 0 {
			t.Errorf("%s: expected nothing, got %v", target, got)
		}
		careless := newWorld(t, strictest(t).Without(control.RSEntitlementChain))
		if got := entries(t, careless.find("berg", target)); len(got) != 1 {
			t.Errorf("%s: without the control expected one, got %v", target, got)
		}
	}
}

// What is drawn in or looked through needs a scope of its own, and a control of its own asks for it.
func TestScopeIsAskedForWhatIsDrawnIn(t *testing.T) {
	for target, c := range map[string]struct {
		scope string
		want  int
		by    *control.Control // nil if nothing is drawn in
	}{
		"/Condition?patient=p01&_include=Condition:patient":       {"user/Condition.rs", 3, control.RSScopeInclude},
		"/Condition?patient=p01&_include=Condition:patient&_id=x": {"user/Condition.rs", 0, nil},
		"/Patient?_id=p01&_revinclude=Condition:patient":          {"user/Patient.rs", 1, control.RSScopeInclude},
		"/Condition?patient.gender=male,female&_count=250":        {"user/Condition.rs", 0, control.RSScopeChain},
		"/Patient?_has:Condition:patient:code:missing=false":      {"user/Patient.rs", 0, control.RSScopeChain},
		"/Patient/p01/$everything":                                {"user/Patient.rs user/Practitioner.rs", 2, control.RSScopeInclude},
	} {
		asks := func(off ...*control.Control) (*world, int) {
			w := newWorld(t, strictest(t).Without(off...))
			rec := w.write("GET", target, "", "", scope(c.scope))
			wantStatus(t, rec, 200)
			list, _ := decode(t, rec)["entry"].([]any)
			return w, len(list)
		}
		w, got := asks()
		if got != c.want {
			t.Errorf("%s with %s: expected %d, got %d", target, c.scope, c.want, got)
		}
		if by := w.refusedBy(); c.by != nil && by != c.by.ID {
			t.Errorf("%s: expected %s to leave the rest out, got %q", target, c.by, by)
		}
		if _, got = asks(control.RSScope); got != c.want {
			t.Errorf("%s without %s: expected %d all the same, got %d", target, control.RSScope, c.want, got)
		}
		if c.by == nil {
			continue
		}
		if _, got = asks(c.by); got <= c.want {
			t.Errorf("%s without %s: expected more than %d, got %d", target, c.by, c.want, got)
		}
	}
}

// What a mother takes has been told by her daughter. Whoever treats both may have the daughter brought along, and whoever
// treats the mother alone may not: he is shown that there is a daughter, and no more.
func TestWhoToldOfIt(t *testing.T) {
	const target = "/MedicationStatement?patient=p03&_include=MedicationStatement:source&_include:iterate=*"
	for subject, want := range map[string]bool{"berg": true, "bakke": false} {
		told := func(p control.Profile) string {
			return newWorld(t, p).inName(subject, "GET", target, "user/*.rs", nil).Body.String()
		}
		got := told(strictest(t))
		if !strings.Contains(got, `"reference":"Patient/p02"`) || strings.Contains(got, testCanary("p02")) != want {
			t.Errorf("%s: expected the daughter's record %v, got %s", subject, want, got)
		}
		if got = told(strictest(t).Without(control.RSEntitlementInclude)); !strings.Contains(got, testCanary("p02")) {
			t.Errorf("%s: without %s expected the daughter's record", subject, control.RSEntitlementInclude)
		}
		if chained := entries(t, newWorld(t, strictest(t)).find(subject, "/MedicationStatement?patient=p03&source:Patient.gender=female")); (len(chained) == 1) != want {
			t.Errorf("%s: expected to look through her record %v, got %v", subject, want, chained)
		}
	}
}

// A proof is used up before anything is stored, and by nobody who is refused.
func TestProofIsSettledBeforeAWriteIsStored(t *testing.T) {
	w := newWorld(t, strictest(t))
	before := len(w.observations())
	try := w.honest("POST", "/Observation")
	try.claims.Scope = "user/*.cruds"
	refused := try.request()
	refused.Header.Set("Content-Type", fhirType)
	again := refused.Clone(refused.Context())
	third := refused.Clone(refused.Context())
	refused.Body, again.Body, third.Body = body(note("p40", "x")), body(note("p01", "x")), body(note("p01", "x"))
	wantStatus(t, w.send(w.a, refused), 404)
	wantStatus(t, w.send(w.a, again), 201)
	wantStatus(t, w.send(w.b, third), 401)
	if got := len(w.observations()) - before; got != 1 {
		t.Errorf("expected one record more, got %d", got)
	}
}
