package fhirmock

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"thiefbox/fhirmock/r4"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// export asks for one in somebody's name and returns the answer.
func (w *world) export(sub, target, scope string) *httptest.ResponseRecorder {
	w.tb.Helper()
	return w.inName(sub, "GET", target, scope, func(r *http.Request) { r.Header.Set("Prefer", "respond-async") })
}

func (w *world) inName(sub, method, target, scope string, touch func(*http.Request)) *httptest.ResponseRecorder {
	w.tb.Helper()
	w.forget()
	w.clock.Advance(time.Millisecond)
	try := w.honest(method, target)
	try.claims.Subject, try.claims.Scope, try.touch = sub, fapi.Scope(scope), touch
	return try.send()
}

// fetch follows an export to its files, by type.
func (w *world) fetch(sub, scope string, begun *httptest.ResponseRecorder) map[string]string {
	w.tb.Helper()
	wantStatus(w.tb, begun, 202)
	status := strings.TrimPrefix(begun.Header().Get("Content-Location"), testBase)
	rec := w.inName(sub, "GET", status, scope, nil)
	wantStatus(w.tb, rec, 200)
	files := map[string]string{}
	for _, o := range decode(w.tb, rec)["output"].([]any) {
		o := o.(map[string]any)
		rec := w.inName(sub, "GET", strings.TrimPrefix(o["url"].(string), testBase), scope, header("Accept", "application/fhir+ndjson"))
		wantStatus(w.tb, rec, 200)
		for line := range strings.Lines(rec.Body.String()) {
			n, err := r4.Parse([]byte(line))
			if err != nil || n.Resource() != o["type"] || len(r4.Validate(n)) > 0 {
				w.tb.Fatalf("expected a line of %s, got %s", o["type"], line)
			}
		}
		files[o["type"].(string)] = rec.Body.String()
	}
	return files
}

func TestExport(t *testing.T) {
	w := newWorld(t, strictest(t))
	all := w.fetch("berg", "system/*.rs", w.export("berg", "/$export", "system/*.rs"))
	if got := strings.Count(all["Patient"], "\n"); got != 7 || all["Practitioner"] == "" || strings.Contains(all["Condition"], testCanary("p40")) {
		t.Errorf("expected berg's seven patients and the professionals, got %d", got)
	}
	some := w.fetch("berg", "system/*.rs", w.export("berg", "/Patient/$export?_type=Patient,Condition&_outputFormat=ndjson", "system/*.rs"))
	if len(some) != 2 {
		t.Errorf("expected two files, got %d", len(some))
	}
	narrow := w.fetch("berg", "system/Patient.rs", w.export("berg", "/$export", "system/Patient.rs"))
	if len(narrow) != 1 {
		t.Errorf("expected what the scope covers, got %d files", len(narrow))
	}
	wantStatus(t, w.export("berg", "/$export?_type=Condition", "system/Patient.rs"), 403)
	wantStatus(t, w.write("PUT", "/Group/6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8e7", fhirType, `{"resourceType":"Group","id":"6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8e7","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p02"}}]}`), 201)
	group := w.fetch("berg", "system/*.rs", w.export("berg", "/Group/6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8e7/$export", "system/*.rs"))
	if strings.Count(group["Patient"], "\n") != 1 || !strings.Contains(group["Condition"], "p02") || strings.Contains(group["Condition"], "p01") {
		t.Error("expected the records of the group's one member")
	}
	wantStatus(t, w.export("bakke", "/Group/6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8e7/$export", "system/*.rs"), 404)
	careless := newWorld(t, strictest(t).Without(control.RSEntitlementExport, control.RSLabelRead))
	if all := careless.fetch("berg", "system/*.rs", careless.export("berg", "/$export", "system/*.rs")); strings.Count(all["Patient"], "\n") != 40 {
		t.Error("without the control expected everybody")
	}
}

// What is attached is found from wherever a file is read (Bulk Data 2.0, "Attachments").
func TestAttachmentsOfExports(t *testing.T) {
	w := newWorld(t, strictest(t))
	binary := `{"resourceType":"Binary","id":"6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8a1","contentType":"text/plain","data":"eA==","securityContext":{"reference":"Patient/p01"}}`
	wantStatus(t, w.write("PUT", "/Binary/6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8a1", fhirType, binary), 201)
	document := `{"resourceType":"DocumentReference","id":"6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8a2","status":"current","subject":{"reference":"Patient/p01"},"description":"\"url\":\"Binary/6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8a1\"",` +
		`"content":[{"attachment":{"contentType":"text/plain","url":"Binary/6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8a1"}}]}`
	wantStatus(t, w.write("PUT", "/DocumentReference/6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8a2", fhirType, document), 201)
	file := w.fetch("berg", "system/*.rs", w.export("berg", "/Patient/$export?_type=DocumentReference", "system/*.rs"))["DocumentReference"]
	if !strings.Contains(file, `"url":"`+testBase+`/Binary/6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8a1"`) || !strings.Contains(file, `"description":"\"url\":\"Binary/6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8a1\""`) {
		t.Errorf("expected an absolute address of the attachment, and nothing else changed, got %s", file)
	}
}

// An export is for who asked for it, says what was there when he did, and is gone when he says so.
func TestExportIsItsOwners(t *testing.T) {
	w := newWorld(t, strictest(t))
	begun := w.export("berg", "/$export?_type=Observation", "system/*.rs")
	status := strings.TrimPrefix(begun.Header().Get("Content-Location"), testBase)
	created(t, w.write("POST", "/Observation", fhirType, note("p01", "later")))
	if files := w.fetch("berg", "system/*.rs", begun); strings.Contains(files["Observation"], "later") {
		t.Error("expected what was there when the export was asked for")
	}
	for _, target := range []string{status, status + "/Observation.ndjson"} {
		wantStatus(t, w.inName("bakke", "GET", target, "system/*.rs", nil), 404)
	}
	wantStatus(t, w.inName("bakke", "DELETE", status, "system/*.rs", nil), 404)
	wantStatus(t, w.inName("berg", "GET", status+"/Patient.ndjson", "system/*.rs", nil), 404)
	wantStatus(t, w.inName("berg", "GET", status+"/Observation.ndjson", "system/Patient.rs", nil), 403)
	wantStatus(t, w.inName("berg", "DELETE", status, "system/*.rs", nil), 202)
	wantStatus(t, w.inName("berg", "GET", status, "system/*.rs", nil), 404)
	wantStatus(t, w.inName("berg", "GET", "/$export", "system/*.rs", nil), 400)
	wantStatus(t, w.export("berg", "/$export?_type=Basic", "system/*.rs"), 400)
	wantStatus(t, w.export("berg", "/$export?_typeFilter=x", "system/*.rs"), 400)
}
