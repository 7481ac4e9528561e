package interact

import (
	"errors"
	"strings"
	"testing"
	"time"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// begin asks for an export and returns its path.
func begin(t *testing.T, e *Engine, g Gate, method, target, body string) string {
	t.Helper()
	r := request(t, method, target, "")
	r.Async = true
	if body != "" {
		n, err := r4.Parse([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.TakeParameters(n); err != nil {
			t.Fatal(err)
		}
	}
	res, err := e.Do(g, r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(res.ContentLocation, base+"/")
}

// all fetches a file to its end and lists its records; it also says how many were in memory at a time.
func all(t *testing.T, e *Engine, g Gate, target string) (refs []string, most int) {
	t.Helper()
	res, err := e.Do(g, request(t, "GET", target, ""))
	for ; err == nil; res, err = res.More() {
		most = max(most, len(res.Lines))
		for _, r := range res.Lines {
			refs = append(refs, r.Type+"/"+r.ID)
		}
		if res.More == nil {
			return refs, most
		}
	}
	t.Fatal(err)
	return nil, 0
}

// A file is made as it is sent, and of a restricted export it holds what was asked for, each record once.
func TestExportsAreNarrowed(t *testing.T) {
	e, g := engine(town(t, 400).Base()), &open{}
	everything := begin(t, e, g, "GET", "$export", "")
	observations, most := all(t, e, g, everything+"/Observation.ndjson")
	if len(observations) < 4000 || most > aLoad {
		t.Errorf("expected thousands of lines, a load at a time, got %d and %d", len(observations), most)
	}
	if n := len(pages(t, e, g, "Observation?_count=250")); n != len(observations) {
		t.Errorf("expected what a search finds, %d, got %d", n, len(observations))
	}
	filtered := begin(t, e, g, "GET", "$export?_type=Observation&_typeFilter=Observation%3Fcode%3D8302-2%2CObservation%3Fcode%3D8302-2%2C29463-7%26patient%3Dt000007&_elements=id", "")
	heights := pages(t, e, g, "Observation?code=8302-2&_count=250")
	weights := pages(t, e, g, "Observation?code=29463-7&patient=t000007&_count=250")
	if got, _ := all(t, e, g, filtered+"/Observation.ndjson"); len(weights) == 0 || len(got) != len(heights)+len(weights) {
		t.Errorf("expected %d and %d, got %d", len(heights), len(weights), len(got))
	}
	panel := begin(t, e, g, "GET", "Group/panel-berg/$export?_type=Patient,Practitioner", "")
	if got, _ := all(t, e, g, panel+"/Patient.ndjson"); len(got) != 400 {
		t.Errorf("expected the panel, got %d", len(got))
	}
	named := begin(t, e, g, "POST", "Patient/$export", `{"resourceType":"Parameters","parameter":[{"name":"patient","valueReference":{"reference":"Patient/t000003"}},{"name":"_type","valueString":"Patient"}]}`)
	if got, _ := all(t, e, g, named+"/Patient.ndjson"); strings.Join(got, " ") != "Patient/t000003" {
		t.Errorf("expected who was named, got %v", got)
	}
	for _, target := range []string{"$export?_typeFilter=Observation", "$export?_typeFilter=Observation%3F_sort%3Ddate", "$export?_typeFilter=Observation%3Fnone%3D1", "$export?patient=Patient/p01", "$export?_since=yesterday", "$export?x=1"} {
		r := request(t, "GET", target, "")
		r.Async = true
		var p *query.Problem
		if _, err := e.Do(g, r); !errors.As(err, &p) || p.Status != 400 {
			t.Errorf("%s: expected 400, got %v", target, err)
		}
	}
}

// An export since a time holds what was changed after it, and says what was deleted.
func TestExportsSince(t *testing.T) {
	e, g := engine(town(t, 100).Base()), &open{}
	do(t, e, g, "PUT", "Observation/o", `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p01"}}`)
	do(t, e, g, "DELETE", "Consent/cons-t000002-001", "")
	path := begin(t, e, g, "GET", "$export?_since=2026-11-22T00:00:00Z&_type=Observation,Consent,Patient", "")
	res, err := e.Do(g, request(t, "GET", path, ""))
	if err != nil || strings.Count(string(res.Body), `"type"`) != 2 || res.Expires.IsZero() {
		t.Fatalf("expected one file and what was deleted, got %s %v", res.Body, err)
	}
	if got, _ := all(t, e, g, path+"/Observation.ndjson"); strings.Join(got, " ") != "Observation/o" {
		t.Errorf("expected what was written, got %v", got)
	}
	gone, err := e.Do(g, request(t, "GET", path+"/deleted.ndjson", ""))
	if err != nil || !strings.Contains(string(gone.Body), `{"method":"DELETE","url":"Consent/cons-t000002-001"}`) {
		t.Errorf("expected the deletion, got %s %v", gone.Body, err)
	}
	shut := &open{closed: func(w store.Way, r *store.Record) bool { return w == store.AsExport && r.Type == "Consent" }}
	if gone, err := e.Do(shut, request(t, "GET", path+"/deleted.ndjson", "")); err != nil || len(gone.Body) > 0 {
		t.Errorf("expected nothing for who may not know, got %s %v", gone.Body, err)
	}
	later := e.Now().Add(lasting)
	e.Now = func() time.Time { return later }
	if _, err := e.Do(g, request(t, "GET", path, "")); err == nil {
		t.Error("expected the export to be over")
	}
}

// Whether there is anything in a file can take long to find out. Meanwhile the answer says how far it has come.
func TestExportsThatTakeTime(t *testing.T) {
	e := engine(town(t, 3000).Base())
	nobody := &open{closed: func(_ store.Way, r *store.Record) bool { return r.Type == "Observation" }}
	path := begin(t, e, nobody, "GET", "$export?_type=Patient,Observation,Practitioner", "")
	for polls := 0; ; polls++ {
		res, err := e.Do(nobody, request(t, "GET", path, ""))
		if err != nil {
			t.Fatal(err)
		}
		if res.Status == 200 {
			if polls == 0 || strings.Count(string(res.Body), `"url"`) != 2 {
				t.Errorf("expected two files after a while, got %s after %d", res.Body, polls)
			}
			return
		}
		if res.Status != 202 || res.RetryAfter == 0 || !strings.Contains(res.Progress, "1 of 3") {
			t.Fatalf("expected to hear how far it is, got %+v", res)
		}
	}
}
