package fhirmock

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// What is not there and what is not the caller's get one answer, whatever he asks on which condition: status,
// body and headers. Each row is sent about a stranger's record and about none.
func TestAbsentAndForbiddenAreOneAnswer(t *testing.T) {
	const absent, strangers = "cond-p99-1", "cond-p40-1"
	conditions := [][2]string{{"", ""}, {"If-None-Match", `W/"1"`}, {"If-None-Match", "*"}, {"If-Match", `W/"1"`}, {"If-Match", `W/"7"`},
		{"If-Modified-Since", "Mon, 23 Nov 2026 08:00:00 GMT"}}
	good := `{"resourceType":"Condition","id":"ID","subject":{"reference":"Patient/p40"}}`
	for _, c := range []struct{ method, target, kind, body string }{
		{"GET", "/Condition/ID", "", ""},
		{"HEAD", "/Condition/ID", "", ""},
		{"GET", "/Condition/ID/_history/1", "", ""},
		{"GET", "/Condition/ID/_history/2", "", ""},
		{"GET", "/Condition/ID/_history", "", ""},
		{"GET", "/Condition?_id=ID", "", ""},
		{"GET", "/Condition?_id=ID&_summary=count", "", ""},
		{"GET", "/Condition?_id=ID&_total=accurate&_include=Condition:patient&_revinclude=Provenance:target", "", ""},
		{"DELETE", "/Condition/ID", "", ""},
		{"DELETE", "/Condition?_id=ID", "", ""},
		{"PUT", "/Condition/ID", fhirType, good},
		{"PUT", "/Condition/ID", fhirType, strings.Replace(good, `"subject"`, `"severity":7,"subject"`, 1)},
		{"PUT", "/Condition/ID", fhirType, strings.Replace(good, `"subject"`, `"unheard":7,"subject"`, 1)},
		{"PATCH", "/Condition/ID", "application/json-patch+json", `[{"op":"replace","path":"/note","value":[]}]`},
		{"PATCH", "/Condition/ID", "application/json-patch+json", `[{"op":"test","path":"/id","value":"ID"}]`},
		{"PATCH", "/Condition?_id=ID", "application/json-patch+json", `[{"op":"remove","path":"/note"}]`},
		{"POST", "/", fhirType, `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Condition/ID"}}]}`},
		{"POST", "/Observation", fhirType, strings.Replace(note("p01", "x"), `"status"`, `"focus":[{"reference":"Condition/ID"}],"status"`, 1)},
	} {
		for _, header := range conditions {
			answer := func(id string) string {
				w := newWorld(t, strictest(t))
				put := func(s string) string { return strings.ReplaceAll(s, "ID", id) }
				options := []func(*try){scope("user/*.cruds")}
				if header[0] != "" {
					options = append(options, with(header[0], header[1]))
				}
				return whole(t, w.write(c.method, put(c.target), c.kind, put(c.body), options...), id)
			}
			if a, b := answer(absent), answer(strangers); a != b {
				t.Errorf("%s %s, %v:\n%s\nis told from\n%s", c.method, c.target, header, a, b)
			}
		}
	}
}

// whole is an answer with the id that was asked for taken out.
func whole(t *testing.T, rec *httptest.ResponseRecorder, id string) string {
	t.Helper()
	h := rec.Header()
	h.Del("Content-Length") // of ids of one length it is the body's
	b, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(fmt.Sprintf("%d %s %s", rec.Code, b, rec.Body), id, "ID")
}
