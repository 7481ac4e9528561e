package fhirmock

import (
	"encoding/json"
	"net/http"
	"testing"

	"thiefbox/sim/control"
)

// An authorization detail opens one patient's record, for reading and searching, whatever way leads there (RFC 9396 s9).
func TestAuthorizationDetails(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	const observations = `[{"type":"patient_record","identifier":"p01","actions":["read"],"datatypes":["Observation","Patient"]}]`
	for _, c := range []struct {
		details, target string
		status          int
	}{
		{observations, "/Patient/p01", 200},
		{observations, "/Observation?patient=p01", 200},
		{observations, "/Patient/p02", 403},
		{observations, "/Condition?patient=p01", 403},
		{`[{"type":"patient_record","identifier":"p01","actions":["read"]}]`, "/Condition?patient=p01", 200},
		{`[{"type":"patient_record","identifier":"p01","actions":["read"]}]`, "/Patient/p02/$everything", 403},
		{`[{"type":"patient_record","identifier":"p01","actions":["read"]}]`, "/Patient/p02/_history", 403},
		{`[{"type":"patient_record","identifier":"p01","actions":["write"]}]`, "/Patient/p01", 403},
		{`[{"type":"another","identifier":"p01","actions":["read"]}]`, "/Patient/p01", 403},
		{`{"type":"patient_record","identifier":"p01","actions":["read"]}`, "/Patient/p01", 403},
		{`[]`, "/Patient/p01", 403},
	} {
		try := w.honest(http.MethodGet, c.target)
		try.claims.Scope, try.claims.Details = "openid", json.RawMessage(c.details)
		rec := try.send()
		if leak := rec.Code == 200 && c.status != 200 && entriesOf(t, rec.Body.Bytes()) > 0; leak || c.status == 200 && rec.Code != 200 {
			t.Errorf("%s with %s: expected %d, got %d: %.200s", c.target, c.details, c.status, rec.Code, rec.Body)
		}
		if rec.Code != 200 && w.refusedBy() != control.RSScope.ID {
			t.Errorf("%s with %s: expected %s to refuse it, got %q", c.target, c.details, control.RSScope, w.refusedBy())
		}
		w.forget()
	}
	// A search finds her alone, though it asks about everybody.
	try := w.honest(http.MethodGet, "/Patient")
	try.claims.Scope, try.claims.Details = "openid", json.RawMessage(observations)
	if n := entriesOf(t, try.send().Body.Bytes()); n != 1 {
		t.Errorf("expected one patient, got %d", n)
	}
}

// entriesOf counts what a bundle holds; a resource of another type is one.
func entriesOf(t *testing.T, body []byte) int {
	t.Helper()
	var b struct {
		Type  string            `json:"resourceType"`
		Entry []json.RawMessage `json:"entry"`
	}
	if err := json.Unmarshal(body, &b); err != nil {
		t.Fatal(err)
	}
	if b.Type != "Bundle" {
		return 1
	}
	return len(b.Entry)
}
