package fhirmock

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"thiefbox/fhirmock/r4"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

const (
	nameOnly   = `[{"type":"patient_record","identifier":"p01","actions":["read"],"datatypes":["Patient"],"elements":["Patient.name","Patient.telecom"]}]`
	nameAndLab = `[{"type":"patient_record","identifier":"p01","actions":["read"],"datatypes":["Patient","Observation"],"elements":["Patient.name","Observation.code"]}]`
	twoViews   = `[{"type":"patient_record","identifier":"p01","actions":["read"],"datatypes":["Patient"],"elements":["Patient.name"]},` +
		`{"type":"patient_record","identifier":"p01","actions":["read"],"datatypes":["Patient"],"elements":["Patient.gender"]}]`
	nameAndAll = `[{"type":"patient_record","identifier":"p01","actions":["read"],"datatypes":["Patient"],"elements":["Patient.name"]},` +
		`{"type":"patient_record","identifier":"p01","actions":["read"]}]`
	nameOfTwo = `[{"type":"patient_record","identifier":"p01","actions":["read"],"datatypes":["Patient"],"elements":["Patient.name"]},` +
		`{"type":"patient_record","identifier":"p02","actions":["read"],"datatypes":["Patient"]}]`
)

// under sends a request under a token with these details and scopes.
func under(w *world, method, target, scope, details string) (int, string) {
	w.tb.Helper()
	try := w.honest(method, target)
	try.claims.Scope, try.claims.Details = fapi.Scope(scope), json.RawMessage(details)
	rec := try.send()
	return rec.Code, rec.Body.String()
}

// insisted tells whether a control refused something on the way.
func (w *world) insisted(c *control.Control) bool {
	return slices.ContainsFunc(w.rulings(), func(r event.Ruling) bool { return r.Control == c.ID && r.Outcome == string(control.Refused) })
}

// What was granted leaves, with what any resource has, and the rest does not, by whichever way.
func TestElementsOfADetail(t *testing.T) {
	for _, c := range []struct {
		details, scope, target string
		shows, hides           string // elements, by blanks
	}{
		{nameOnly, "openid", "/Patient/p01", "id meta name", "birthDate text extension identifier address generalPractitioner"},
		{nameOnly, "openid", "/Patient/p01/_history/1", "name", "birthDate text"},
		{nameOnly, "openid", "/Patient/p01/_history", "name", "birthDate text"},
		{nameOnly, "openid", "/Patient", "name", "birthDate text"},
		{nameOnly, "openid", "/Patient?_id=p01&_elements=birthDate", "id", "birthDate name"},
		{nameOnly, "openid", "/Patient?_id=p01&_summary=data", "name", "birthDate"},
		{nameOnly, "openid", "/Patient/p01/$everything", "name", "birthDate"},
		{nameOnly, "openid", "/Patient?_id=p01&_include=Patient:general-practitioner", "name", "birthDate qualification"},
		{nameAndLab, "openid", "/Observation?_include=Observation:subject", "code status", "valueQuantity subject birthDate"},
		{nameAndLab, "openid", "/Patient/p01/$everything", "code name", "valueQuantity birthDate"},
		{nameAndLab, "openid", "/Patient?_id=p01&_revinclude=Observation:subject", "name", "status birthDate"},
		{twoViews, "openid", "/Patient/p01", "name gender", "birthDate"},
		{nameAndAll, "openid", "/Patient/p01", "name birthDate text", ""},
		{nameOfTwo, "openid", "/Patient/p02", "name birthDate", ""},
		{nameOfTwo, "openid", "/Patient/p01", "name", "birthDate"},
		// A scope that covers the record covers all of it.
		{nameOnly, "user/Patient.rs", "/Patient/p01", "name birthDate text", ""},
		{nameOnly, "user/Observation.rs", "/Patient/p01", "name", "birthDate"},
		{nameOnly, "user/Patient.rs?birthdate=1900-01-01", "/Patient/p01", "name", "birthDate"},
	} {
		for _, on := range []bool{true, false} {
			p := profile(t, "fapi2-dpop")
			if !on {
				p = p.Without(control.RSElements)
			}
			w := newWorld(t, p)
			status, body := under(w, http.MethodGet, c.target, c.scope, c.details)
			if status != http.StatusOK {
				t.Errorf("%s with %s: got %d %s", c.target, c.details, status, body)
				continue
			}
			for _, e := range strings.Fields(c.shows) {
				if !strings.Contains(body, `"`+e+`":`) {
					t.Errorf("%s with %s: expected %s (control on: %t), got %s", c.target, c.details, e, on, body)
				}
			}
			masked := strings.Contains(body, "SUBSETTED")
			for _, e := range strings.Fields(c.hides) {
				if on && strings.Contains(body, `"`+e+`":`) {
					t.Errorf("%s with %s: expected no %s, got %s", c.target, c.details, e, body)
				}
			}
			if on && c.hides != "" && (!masked || !w.insisted(control.RSElements) || strings.Contains(body, testCanary("p01"))) {
				t.Errorf("%s with %s: expected a part that says so, without a canary, and %s to insist; got %q: %s", c.target, c.details, control.RSElements, w.refusedBy(), body)
			}
			if strings.Count(body, "SUBSETTED") > max(1, strings.Count(body, `"fullUrl"`)) {
				t.Errorf("%s: expected the tag once a resource, got %s", c.target, body)
			}
		}
	}
}

// Who asks for what was granted is refused nothing, and is sent the same with the control and without.
func TestElementsThatWereAskedFor(t *testing.T) {
	for _, target := range []string{"/Patient/p01?_elements=name", "/Patient?_id=p01&_elements=name,telecom", "/Patient/p01/_history?_elements=name", "/Patient/p01/$everything?_elements=name",
		"/Patient?_id=p01&_summary=count"} {
		var bodies [2]string
		for i, p := range []control.Profile{profile(t, "fapi2-dpop"), profile(t, "fapi2-dpop").Without(control.RSElements)} {
			w := newWorld(t, p)
			var status int
			if status, bodies[i] = under(w, http.MethodGet, target, "openid", nameOnly); status != http.StatusOK || w.insisted(control.RSElements) {
				t.Errorf("%s: expected nothing to be refused, got %d by %q", target, status, w.refusedBy())
			}
		}
		if bodies[0] != bodies[1] {
			t.Errorf("%s: expected the same, got %s and %s", target, bodies[0], bodies[1])
		}
	}
	w := newWorld(t, profile(t, "fapi2-dpop"))
	if _, body := under(w, http.MethodGet, "/Patient?_id=p01&_elements=name&_include=Patient:general-practitioner", "user/Practitioner.rs", nameOnly); strings.Contains(body, "Practitioner/berg") || !w.insisted(control.RSElements) {
		t.Errorf("expected a reference that is not shown to lead nowhere, got %s", body)
	}
}

// Whatever stands in elements that are not shown is not searched, sorted, chained or counted by, whether it is so or not.
func TestElementsAreNoOracle(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	ask := func(target string) (int, string) {
		w.forget()
		return under(w, http.MethodGet, target, "openid", nameAndLab)
	}
	for _, target := range []string{
		"/Patient?birthdate=1993-01-11", "/Patient?birthdate=1900-01-01", "/Patient?birthdate=1993-01-11&_summary=count", "/Patient?_sort=birthdate", "/Patient?_sort=-_id,gender",
		"/Patient?identifier=11819314561", "/Patient?general-practitioner.name=Berg", "/Patient?_has:Observation:subject:code=x", "/Patient?_has:Observation:subject:_id=x",
		"/Patient?address-city=Granfjelldal", "/Patient?general-practitioner=berg&_id=p01", "/Observation?subject:Patient.name=Blomst", "/Observation?code-value-quantity=x$gt1",
		"/Observation?date=gt2020", "/Patient?active=true", "/Patient?deceased=false", "/Observation?patient=p01",
	} {
		status, body := ask(target)
		if status != http.StatusForbidden || w.refusedBy() != control.RSElements.ID {
			t.Errorf("%s: expected %s to refuse it, got %d by %q: %s", target, control.RSElements, status, w.refusedBy(), body)
		}
	}
	for _, target := range []string{"/Patient?name=Blomst", "/Patient?family=Blomst&_sort=given", "/Patient?_id=p01", "/Patient?_lastUpdated=gt2020", "/Observation?status=final",
		"/Patient?name:contains=lom&_total=accurate", "/Patient?_tag=x|y", "/Patient/p01/Observation?status=final"} {
		if status, body := ask(target); status != http.StatusOK {
			t.Errorf("%s: expected it to be searched by, got %d: %s", target, status, body)
		}
	}
	// Every parameter there is: it looks at what is shown, or it is refused.
	for _, p := range r4.Params("Patient") {
		looks := lookedAt(p)
		shown := map[string]bool{"id": true, "meta": true, "name": true}
		inside := true
		for _, e := range looks {
			inside = inside && shown[e]
		}
		status, _ := ask("/Patient?_id=p01&" + url.QueryEscape(p.Name) + ":missing=false")
		if (status == http.StatusForbidden) == inside && status != http.StatusBadRequest {
			t.Errorf("%s looks at %v: got %d", p.Name, looks, status)
		}
	}
}

// A detail that is for elements of a type is no right to compare or to be told the rest in a write.
func TestElementsAndWrites(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	patch := func(ops string) (int, string) {
		rec := w.write(http.MethodPatch, "/Patient/p01", patchType, ops, func(t *try) {
			t.claims.Scope, t.claims.Details = "user/Patient.cu user/Practitioner.u user/Organization.u", json.RawMessage(nameOnly)
		})
		return rec.Code, rec.Body.String()
	}
	if status, body := patch(`[{"op":"test","path":"/birthDate","value":"1993-01-11"},{"op":"replace","path":"/active","value":true}]`); status < 400 {
		t.Errorf("expected a comparison to be refused, got %d %s", status, body)
	}
	status, body := patch(`[{"op":"replace","path":"/active","value":false}]`)
	if status != http.StatusOK || strings.Contains(body, "birthDate") || !strings.Contains(body, "Blomst") {
		t.Errorf("expected the part that one may see, got %d %s", status, body)
	}
	if status, body := under(w, http.MethodGet, "/Patient/p01", "user/*.rs", "[]"); status != http.StatusOK || !strings.Contains(body, "birthDate") || !strings.Contains(body, `"active":false`) {
		t.Errorf("expected a patch to leave the rest as it was, got %d %s", status, body)
	}
}
