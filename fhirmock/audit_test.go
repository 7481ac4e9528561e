package fhirmock

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"thiefbox/fhirmock/interact"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// asAuditor asks in the name of a system that reads the log.
func (w *world) asAuditor(target string) *httptest.ResponseRecorder {
	return w.write("GET", target, "", "", func(t *try) {
		t.claims.Subject, t.claims.ClientID, t.claims.Scope = "watch", "watch", "system/AuditEvent.rs"
	})
}

// entries are the ids of the first entries of the log, as a search has them.
func (w *world) entries(n uint64) string {
	var ids []string
	for i := range n {
		ids = append(ids, w.a.auditID(i+1))
	}
	return strings.Join(ids, ",")
}

// logged lists the events of an answer.
func logged(t *testing.T, rec *httptest.ResponseRecorder) (out []map[string]any) {
	t.Helper()
	wantStatus(t, rec, 200)
	wantValid(t, rec)
	list, _ := decode(t, rec)["entry"].([]any)
	for _, e := range list {
		r := e.(map[string]any)["resource"].(map[string]any)
		if r["resourceType"] == "AuditEvent" {
			out = append(out, r)
		}
	}
	return out
}

// Whatever is asked for is in the log, and found there by what FHIR has for finding it.
func TestEveryAccessIsLogged(t *testing.T) {
	w := newWorld(t, strictest(t))
	full := scope("user/*.cruds")
	wantStatus(t, w.write("GET", "/Patient/p01", "", ""), 200)
	wantStatus(t, w.write("GET", "/Patient/p01/_history/1", "", ""), 200)
	wantStatus(t, w.write("GET", "/Condition?patient=p02&code=x", "", ""), 200)
	wantStatus(t, w.write("GET", "/Patient/p40", "", ""), 404)
	wantStatus(t, w.write("GET", "/Patient/p03/$everything", "", ""), 200)
	id := created(t, w.write("POST", "/Observation", fhirType, note("p04", "x"), full))
	wantStatus(t, w.write("DELETE", "/Observation/"+id, "", "", full), 204)
	wantStatus(t, w.write("POST", "/", fhirType, `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/p05"}}]}`), 200)
	wantStatus(t, w.write("GET", "/Patient/p01", "", "", func(t *try) { t.claims.Expires = 1 }), 401)
	for query, want := range map[string]int{
		"":                     9,
		"&patient=p01":         2,
		"&patient=p02":         1,
		"&patient=Patient/p04": 2,
		"&outcome=0":           7,
		"&outcome=4":           2,
		"&subtype=read":        3, // one of them refused, another before it was known who asks
		"&subtype=http://hl7.org/fhir/restful-interaction|vread": 1,
		"&subtype=search":                       1,
		"&action=C":                             1,
		"&action=D,C":                           2,
		"&agent=Practitioner/berg":              8,
		"&entity=Patient/p03":                   1,
		"&date=2026-11-23&_sort=-date&_count=3": 3,
		"&date=lt2026-11-23":                    0,
		"&patient=p40":                          1, // refused
	} {
		if got := logged(t, w.asAuditor("/AuditEvent?_id="+w.entries(9)+query)); len(got) != want {
			t.Errorf("%s: expected %d events, got %d", query, want, len(got))
		}
	}
	search := logged(t, w.asAuditor("/AuditEvent?subtype=search&patient=p02&agent=Practitioner/berg"))[0]
	for _, e := range search["entity"].([]any) {
		if q, ok := e.(map[string]any)["query"].(string); ok {
			b, err := base64.StdEncoding.DecodeString(q)
			if want := "GET " + testBase + "/Condition?code=x&patient=p02"; err != nil || string(b) != want {
				t.Errorf("expected the query %q, got %q", want, b)
			}
		}
	}
	one := w.asAuditor("/AuditEvent/" + search["id"].(string))
	wantStatus(t, one, 200)
	wantValid(t, one)
	refused := logged(t, w.asAuditor("/AuditEvent?outcome=4&agent=Practitioner/berg"))[0]
	if !strings.Contains(refused["outcomeDesc"].(string), control.RSEntitlementRead.ID) {
		t.Errorf("expected the control that refused, got %v", refused["outcomeDesc"])
	}
}

// Auditors by a scope that names the type, patients about themselves, and nobody else.
func TestWhoReadsTheLog(t *testing.T) {
	w := newWorld(t, strictest(t))
	wantStatus(t, w.write("GET", "/Patient/p03", "", ""), 200)
	wantStatus(t, w.write("GET", "/Patient/p04", "", ""), 200)
	for name, c := range map[string]struct {
		subject, scope string
		want           int
	}{
		"her doctor":          {"berg", "user/*.rs", 0},
		"a system with all":   {"supplier", "system/*.rs", 0},
		"an auditor":          {"watch", "system/AuditEvent.rs", 2},
		"an auditor, old way": {"watch", "system/AuditEvent.read", 2},
		"the patient":         {"p03", "patient/*.rs", 1},
	} {
		rec := w.write("GET", "/AuditEvent?patient=p03,p04&subtype=read&agent=Practitioner/berg", "", "", func(t *try) { t.claims.Subject, t.claims.Scope = c.subject, fapi.Scope(c.scope) })
		if got := logged(t, rec); len(got) != c.want {
			t.Errorf("%s: expected %d, got %d", name, c.want, len(got))
		}
		wantStatus(t, rec, 200)
		if got := decode(t, rec)["total"]; got != float64(c.want) {
			t.Errorf("%s: expected a total of %d, got %v", name, c.want, got)
		}
	}
	wantStatus(t, w.write("GET", "/AuditEvent/"+w.entries(1), "", ""), 404)
	if w.refusedBy() != control.RSAuditReader.ID {
		t.Errorf("expected %s, got %s", control.RSAuditReader, w.refusedBy())
	}
	rec := w.write("GET", "/Patient?_id=p03&_revinclude=AuditEvent:patient", "", "")
	if wantStatus(t, rec, 200); strings.Contains(rec.Body.String(), "AuditEvent/log") {
		t.Error("her doctor was shown the log by way of _revinclude")
	}
	if rec := w.write("GET", "/Patient?_id=p03&_revinclude=AuditEvent:patient", "", "", func(t *try) { t.claims.Subject = "p03" }); !strings.Contains(rec.Body.String(), "AuditEvent/"+w.entries(1)) {
		t.Errorf("expected the patient to be shown hers: %s", rec.Body)
	}
}

// Reporting is open to whoever has the scope, changing to nobody; with the control off it is a record like any.
func TestTheLogIsAddedToOnly(t *testing.T) {
	full := scope("user/*.cruds")
	event := `{"resourceType":"AuditEvent","id":"ID","type":{"code":"rest"},"recorded":"2026-11-23T08:00:00Z","agent":[{"requestor":true}],"source":{"observer":{"display":"x"}},"entity":[{"what":{"reference":"Patient/p01"}}]}`
	for name, c := range map[string]struct{ method, target, kind, body string }{
		"delete":      {"DELETE", "/AuditEvent/LOG", "", ""},
		"update":      {"PUT", "/AuditEvent/LOG", fhirType, strings.Replace(event, "ID", "LOG", 1)},
		"patch":       {"PATCH", "/AuditEvent/LOG", "application/json-patch+json", `[{"op":"replace","path":"/outcome","value":"0"}]`},
		"conditional": {"DELETE", "/AuditEvent?_id=LOG", "", ""},
		"in a bundle": {"POST", "/", fhirType, `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"AuditEvent/LOG"}}]}`},
	} {
		w := newWorld(t, strictest(t))
		wantStatus(t, w.write("GET", "/Patient/p01", "", ""), 200)
		put := func(w *world, s string) string { return strings.ReplaceAll(s, "LOG", w.entries(1)) }
		rec := w.write(c.method, put(w, c.target), c.kind, put(w, c.body), full)
		if wantStatus(t, rec, 403); w.refusedBy() != control.RSAuditAppend.ID {
			t.Errorf("%s: expected %s, got %s", name, control.RSAuditAppend, w.refusedBy())
		}
		careless := newWorld(t, strictest(t).Without(control.RSAuditAppend, control.RSAuditReader))
		wantStatus(t, careless.write("GET", "/Patient/p01", "", ""), 200)
		if rec := careless.write(c.method, put(careless, c.target), c.kind, put(careless, c.body), full); rec.Code >= 300 {
			t.Errorf("%s: without the control expected it done, got %d: %s", name, rec.Code, rec.Body)
		}
		if rec := careless.write("GET", put(careless, "/AuditEvent/LOG"), "", "", full); rec.Code == 200 && strings.Contains(rec.Body.String(), `"versionId":"1"`) {
			t.Errorf("%s: expected it gone or changed, got %s", name, rec.Body)
		}
	}
	w := newWorld(t, strictest(t))
	wantStatus(t, w.write("POST", "/AuditEvent", fhirType, strings.Replace(event, `"id":"ID",`, "", 1), full), 201)
	if got := logged(t, w.asAuditor("/AuditEvent?patient=p01&subtype:missing=true")); len(got) != 1 {
		t.Errorf("expected what was reported, got %v", got)
	}
}

// The log is bounded, says what it has dropped, and a flood of refusals pushes out no access.
func TestTheLogIsBounded(t *testing.T) {
	w := newWorld(t, strictest(t))
	wantStatus(t, w.write("GET", "/Patient/p01", "", ""), 200)
	l := &w.records.audit
	for range auditPageSize * (mostRefused + 1) {
		l.add(auditEntry{At: w.clock.Now(), Kind: interact.Read, Method: "GET", Resource: "Patient/x", Status: 401})
	}
	rec := w.asAuditor("/AuditEvent?patient=p01&agent=Practitioner/berg")
	if got := logged(t, rec); len(got) != 1 {
		t.Errorf("expected the access to be there still, got %v", got)
	}
	if !strings.Contains(rec.Body.String(), fmt.Sprintf("%d earlier ones are no longer here", auditPageSize)) {
		t.Errorf("expected to be told what was dropped, got %s", rec.Body)
	}
	for range auditPageSize * (mostAudited + 1) {
		l.add(auditEntry{Status: 200})
	}
	if len(l.served) != mostAudited || len(l.refused) != mostRefused {
		t.Errorf("expected %d and %d pages, got %d and %d", mostAudited, mostRefused, len(l.served), len(l.refused))
	}
}

// What is kept is there at the next start, up to the last whole line.
func TestTheLogIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.ndjson")
	w := newWorld(t, strictest(t))
	file, err := w.records.KeepAudit(path)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, w.write("GET", "/Patient/p01", "", ""), 200)
	wantStatus(t, w.write("GET", "/Patient/p02", "", ""), 200)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	torn, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = torn.WriteString(`{"n":3,"at":`)
	_ = torn.Close()

	again := newWorld(t, strictest(t))
	if file, err = again.records.KeepAudit(path); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, again.write("GET", "/Patient/p03", "", ""), 200)
	var ids []string
	for _, e := range logged(t, again.asAuditor("/AuditEvent?subtype=read")) {
		ids = append(ids, e["id"].(string))
	}
	if want := strings.Split(again.entries(3), ","); !slices.Equal(ids, want) {
		t.Errorf("expected %v, got %v", want, ids)
	}
	_ = file.Close()
	if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newWorld(t, strictest(t)).records.KeepAudit(path); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("expected the line that cannot be read, got %v", err)
	}
}

func BenchmarkAudit(b *testing.B) {
	w := newWorld(b, strictest(b))
	v := &visit{api: w.a, http: httptest.NewRequest(http.MethodGet, testBase+"/Patient/p01", nil), now: w.clock.Now(), known: true}
	v.route.Request = &interact.Request{Kind: interact.Read, Type: "Patient", ID: "p01"}
	done := &interact.Response{Status: 200, Resource: "Patient/p01", Patients: []string{"p01"}}
	b.ReportAllocs()
	for b.Loop() {
		w.a.auditServed(v, done, nil)
	}
}

// BenchmarkAuditSearch is a search in a full log, a page of which is the last to have grown.
func BenchmarkAuditSearch(b *testing.B) {
	w := newWorld(b, strictest(b).Without(control.RSRate, control.RSVolume))
	for i := range auditPageSize*mostAudited - 1 {
		w.records.audit.add(auditEntry{At: w.clock.Now(), Kind: interact.Read, Method: "GET", Resource: "Patient/p01", Status: 200, Client: "ehr", Subject: "berg",
			Patients: []string{fmt.Sprintf("p%02d", i%40+1)}})
	}
	b.ReportAllocs()
	for b.Loop() {
		wantStatus(b, w.asAuditor("/AuditEvent?patient=p07&_count=10"), 200)
	}
}
