package fhirmock

import (
	"net/http"
	"testing"

	"thiefbox/fhirmock/interact"
	"thiefbox/sim/control"
)

func naming(name, method string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, method) }
}

// Without the control a POST is carried out as what its header says, whichever of the headers that is: scope and proof are
// held against the POST, and whose record it is is asked all the same.
func TestMethodInAHeader(t *testing.T) {
	careless := strictest(t).Without(control.RSMethodOverride)
	for name, c := range map[string]struct {
		p       control.Profile
		target  string
		header  string
		method  string
		status  int
		refused string
	}{
		"refused":                   {strictest(t), "/Observation/obs-p01-1", overrides[0], "DELETE", 400, control.RSMethodOverride.ID},
		"honoured":                  {careless, "/Observation/obs-p01-1", overrides[0], "DELETE", 204, ""},
		"by its other names":        {careless, "/Observation/obs-p01-1", overrides[1], "delete", 204, ""},
		"by its third name":         {careless, "/Observation/obs-p01-1", overrides[2], " DELETE ", 204, ""},
		"on a condition":            {careless, "/Observation?_id=obs-p01-1", overrides[0], "DELETE", 204, ""},
		"to read, by which scope":   {careless, "/Patient/p01", overrides[0], "GET", 200, ""},
		"whose record it is":        {careless, "/Observation/obs-p40-1", overrides[0], "DELETE", 404, control.RSEntitlementWrite.ID},
		"a method that is none":     {strictest(t), "/Observation/obs-p01-1", overrides[0], "FETCH", 405, "malformed"},
		"what is in the line, here": {strictest(t), "/Observation/obs-p01-1", overrides[0], "POST", 405, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.p)
			try := w.honest("POST", c.target)
			try.claims.Scope = "user/Observation.cs user/Patient.cr" // nothing to delete with
			try.touch = naming(c.header, c.method)
			wantStatus(t, try.send(), c.status)
			if by := w.refusedBy(); by != c.refused {
				t.Errorf("expected %q to refuse, got %q", c.refused, by)
			}
		})
	}
}

// The scope that a POST takes is asked for, so that a reader's token does no more by a header than without.
func TestMethodInAHeaderTakesTheScopeOfThePost(t *testing.T) {
	w := newWorld(t, strictest(t).Without(control.RSMethodOverride))
	try := w.honest("POST", "/Observation/obs-p01-1")
	try.touch = naming(overrides[0], "DELETE")
	wantStatus(t, try.send(), 403)
	if by := w.refusedBy(); by != control.RSScope.ID {
		t.Errorf("expected the scope to refuse, got %q", by)
	}
}

// The header is heeded of a POST alone, as by the frameworks that read it; and where the line says the same, there is
// nothing to refuse.
func TestMethodInAHeaderThatChangesNothing(t *testing.T) {
	w := newWorld(t, strictest(t).Without(control.RSMethodOverride))
	read := w.honest("GET", "/Patient/p01")
	read.touch = naming(overrides[0], "DELETE")
	wantStatus(t, read.send(), 200)

	w = newWorld(t, strictest(t))
	read = w.honest("GET", "/Patient/p01")
	read.touch = naming(overrides[0], "get")
	wantStatus(t, read.send(), 200)
}

// The log of accesses says what was done, and by which method.
func TestMethodInAHeaderIsAudited(t *testing.T) {
	w := newWorld(t, strictest(t).Without(control.RSMethodOverride))
	try := w.honest("POST", "/Observation/obs-p01-1")
	try.claims.Scope = "user/Observation.c"
	try.touch = naming(overrides[0], "DELETE")
	wantStatus(t, try.send(), 204)
	e, _ := w.records.audit.find(1)
	if e.Kind != interact.Delete || e.Method != http.MethodPost || e.Resource != "Observation/obs-p01-1" {
		t.Errorf("expected a deletion that was sent as a POST, got %+v", e)
	}
}
