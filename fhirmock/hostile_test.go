package fhirmock

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
)

// What is hostile is refused in bounds, with an outcome that tells nothing but what was sent.
func TestHostileInput(t *testing.T) {
	entry := `{"request":{"method":"GET","url":"Patient/p01"}},`
	for name, c := range map[string]struct {
		method, target, contentType, text string
		status                            int
	}{
		"ten thousand terms":      {"POST", "/Observation/_search", "application/x-www-form-urlencoded", "code=" + strings.Repeat("a,", 9999) + "a", 400},
		"ten thousand filters":    {"POST", "/Observation/_search", "application/x-www-form-urlencoded", strings.Repeat("status=a&", 7000), 400},
		"a circle of includes":    {"GET", "/Patient?_id=p01&" + strings.Repeat("_include:iterate=Patient:link&_revinclude:iterate=Patient:link&", 20), "", "", 400},
		"a huge bundle":           {"POST", "/", fhirType, `{"resourceType":"Bundle","type":"batch","entry":[` + strings.TrimSuffix(strings.Repeat(entry, 10_001), ",") + `]}`, 413},
		"a bundle of searches":    {"POST", "/", fhirType, `{"resourceType":"Bundle","type":"transaction","entry":[` + strings.TrimSuffix(strings.Repeat(strings.Replace(entry, "Patient/p01", "Observation?patient=p01", 1), 1001), ",") + `]}`, 413},
		"a huge resource":         {"POST", "/Observation", fhirType, `{"x":"` + strings.Repeat("x", 3<<20) + `"}`, 413},
		"a bundle of nothing":     {"POST", "/", fhirType, `{"resourceType":"Bundle","type":"batch","entry":[` + strings.Repeat("{},", 2<<20) + `{}]}`, 413},
		"an export of many":       {"POST", "/Patient/$export", fhirType, `{"resourceType":"Parameters","parameter":[` + strings.Repeat(`{"name":"_type","valueString":"Patient"},`, 40_000) + `{"name":"_type","valueString":"Patient"}]}`, 413},
		"a bundle in a bundle":    {"POST", "/", fhirType, `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"POST","url":""}}]}`, 200},
		"very deep":               {"POST", "/Observation", fhirType, strings.Repeat(`{"a":`, 100_000), 400},
		"a resource of all nulls": {"POST", "/Observation", fhirType, `{"resourceType":"Observation","status":null,"code":null}`, 400},
		"a list":                  {"POST", "/Observation", fhirType, `[]`, 400},
		"a patch that grows":      {"PATCH", "/Observation/obs-p01-1", patchType, "[" + strings.TrimSuffix(strings.Repeat(`{"op":"copy","from":"/category","path":"/category/-"},`, 25), ",") + "]", 422},
		"a patch of nonsense":     {"PATCH", "/Observation/obs-p01-1", patchType, `[{"op":"fly","path":"/"}]`, 400},
		"a cursor of nonsense":    {"GET", "/Observation?_page=InMiOi0x~AAAAAAAAAAAAAAAA", "", "", 400},
		"a cursor without a code": {"GET", "/Observation?_page=ImkiOiJvYnMtcDAxLTEi", "", "", 400},
		"a long cursor":           {"GET", "/Observation?_page=" + strings.Repeat("A", 9000) + "~AAAAAAAAAAAAAAAA", "", "", 400},
		"a made up cursor":        {"GET", "/Observation?_page=ImkiOiJvYnMtcDAxLTEi~AAAAAAAAAAAAAAAA", "", "", 403},
		"a far page":              {"GET", "/Observation?_sort=date&_page=" + farPage, "", "", 200},
		"an odd version":          {"GET", "/Patient/p01/_history/999999999999999999999", "", "", 404},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, strictest(t))
			rec := w.write(c.method, c.target, c.contentType, c.text, with("Prefer", "respond-async"))
			if wantStatus(t, rec, c.status); c.status >= 400 && rec.Body.Len() > 64<<10 {
				t.Errorf("expected a short refusal, got %d bytes", rec.Body.Len())
			}
			wantValid(t, rec)
		})
	}
}

// farPage is a mark beyond all dates, as if it had been made for the caller of these requests.
var farPage = query.Mark{Keys: []store.Key{{Number: 1e308}}}.For(pagesKey(), "ehr berg")

// A body that is compressed would be some thousand times as long: it is not read at all.
func TestCompressedBodies(t *testing.T) {
	w := newWorld(t, strictest(t))
	rec := w.write("POST", "/Observation", fhirType, note("p01", "x"), with("Content-Encoding", "gzip"))
	if wantStatus(t, rec, 415); rec.Header().Get("Accept-Encoding") != "identity" {
		t.Errorf("expected to be told what is taken, got %v", rec.Header())
	}
	wantStatus(t, w.write("POST", "/Observation", fhirType, note("p01", "x"), with("Content-Encoding", "identity")), 201)
}

// Writers and readers at both nodes at once: nothing is lost, nothing is torn, and the race detector has
// something to look at.
func TestManyAtOnce(t *testing.T) {
	w := newWorld(t, strictest(t).Without(control.RSDPoPJTI, control.RSDPoPJTIWindow, control.RSDPoPJTIShared))
	var requests []*http.Request
	for i := range 40 {
		put := w.honest("PUT", fmt.Sprintf("/Observation/6f1d8c2e-0b7a-4c51-9a3e-00000000000%d", i%10))
		put.claims.Scope = "user/*.cruds"
		r := put.request()
		r.Header.Set("Content-Type", fhirType)
		r.Body = body(strings.Replace(note("p01", "x"), `{`, fmt.Sprintf(`{"id":"6f1d8c2e-0b7a-4c51-9a3e-00000000000%d",`, i%10), 1))
		requests = append(requests, r, w.honest("GET", "/Observation?patient=p01&_sort=-date").request(), w.honest("GET", "/Observation/_history").request())
	}
	var wg sync.WaitGroup
	for i, r := range requests {
		wg.Add(1)
		go func() {
			defer wg.Done()
			api := []*API{w.a, w.b}[i%2]
			if rec := w.send(api, r); rec.Code >= 300 {
				t.Errorf("%d: %s", rec.Code, rec.Body)
			}
		}()
	}
	wg.Wait()
	versions := 0
	for i := range 10 {
		versions += len(w.records.View().Versions("Observation", fmt.Sprintf("6f1d8c2e-0b7a-4c51-9a3e-00000000000%d", i)))
	}
	if versions != 40 {
		t.Errorf("expected 40 versions, got %d", versions)
	}
}
