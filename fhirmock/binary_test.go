package fhirmock

import (
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// A Binary has no subject: by whatever way it would be shown, whoever its securityContext names is asked about, by one
// control, and without that it opens by every one of them. p35 is nobody's whom the caller treats.
func TestABinaryIsOpenedAsItsSecurityContext(t *testing.T) {
	theirs := testCanary("p35")
	ways := map[string]func(*world) string{
		"content":  func(w *world) string { return w.write("GET", "/Binary/file-p35-1", "", "").Body.String() },
		"resource": func(w *world) string { return w.write("GET", "/Binary/file-p35-1?_format=json", "", "").Body.String() },
		"version":  func(w *world) string { return w.write("GET", "/Binary/file-p35-1/_history/1", "", "").Body.String() },
		"history":  func(w *world) string { return w.write("GET", "/Binary/file-p35-1/_history", "", "").Body.String() },
		"type":     func(w *world) string { return w.write("GET", "/Binary/_history", "", "").Body.String() },
		"search":   func(w *world) string { return w.write("GET", "/Binary?_id=file-p35-1", "", "").Body.String() },
		"batch": func(w *world) string {
			return w.write("POST", "/", fhirType, `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Binary/file-p35-1"}}]}`).Body.String()
		},
		"condition": func(w *world) string {
			return w.write("POST", "/Binary", fhirType, `{"resourceType":"Binary","contentType":"text/plain","data":"eA==","securityContext":{"reference":"Patient/p05"}}`,
				with("If-None-Exist", "_id=file-p35-1")).Body.String()
		},
	}
	for name, do := range ways {
		if got := do(newWorld(t, strictest(t))); strings.Contains(got, theirs) {
			t.Errorf("%s: expected nothing of p35, got %s", name, got)
		}
		if got := do(newWorld(t, strictest(t).Without(control.RSEntitlementBinary))); !strings.Contains(got, theirs) {
			t.Errorf("%s: without %s expected %s, got %s", name, control.RSEntitlementBinary, theirs, got)
		}
	}
	for target, total := range map[string]string{"/Binary?_summary=count": `"total":1`, "/Binary?_id=file-p35-1": `"total":0`} {
		if got := newWorld(t, strictest(t)).write("GET", target, "", "").Body.String(); !strings.Contains(got, total) {
			t.Errorf("%s: expected %s, got %s", target, total, got)
		}
	}
}

// Whoever treats her opens her letter, in each form, and finds it in what $everything gathers: R4 has that bring
// attachments along. It goes into no export as itself.
func TestALetterForThoseWhoTreatHer(t *testing.T) {
	for _, off := range [][]*control.Control{nil, {control.RSEntitlementBinary}, {control.RSEntitlementRead, control.RSEntitlementFind}} {
		w := newWorld(t, strictest(t).Without(off...))
		raw := w.write("GET", "/Binary/file-p05-1", "", "")
		if wantStatus(t, raw, 200); !strings.HasPrefix(raw.Body.String(), "%PDF-1.4") || !strings.HasSuffix(raw.Body.String(), testCanary("p05")) ||
			raw.Header().Get("Content-Type") != "application/pdf" {
			t.Errorf("expected the letter itself, got %s: %q", raw.Header().Get("Content-Type"), raw.Body)
		}
		wrapped := decode(t, w.write("GET", "/Binary/file-p05-1?_format=json", "", ""))
		if wrapped["resourceType"] != "Binary" {
			t.Errorf("expected the resource, got %v", wrapped)
		}
		all := w.write("GET", "/Patient/p05/$everything", "", "").Body.String()
		if !strings.Contains(all, `"url":"Binary/file-p05-1"`) || !strings.Contains(all, `"id":"file-p05-1"`) {
			t.Errorf("expected the document and the letter among everything")
		}
	}
}
