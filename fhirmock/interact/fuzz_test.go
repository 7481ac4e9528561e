package interact

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// tried carries a request out. What is refused is refused by a typed error with a code; what is not answers in JSON
// that can be read.
func tried(t *testing.T, e *Engine, r *Request) (*Response, error) {
	t.Helper()
	res, err := e.Do(&open{}, r)
	var p *query.Problem
	var invalid *Invalid
	switch {
	case errors.As(err, &p):
		if p.Status < 400 || p.Status >= 500 || p.Code == "" || len(p.Text) > 2000 {
			t.Fatalf("expected a short refusal with a code, got %d %q %.100s", p.Status, p.Code, p.Text)
		}
	case errors.As(err, &invalid):
		if len(invalid.Issues) == 0 || invalid.Issues[0].Code == "" || invalid.Issues[0].Expression == "" {
			t.Fatalf("expected issues with code and expression, got %v", invalid)
		}
	case err != nil:
		t.Fatalf("expected a typed refusal, got %T: %v", err, err)
	case res.Body != nil:
		if _, err := r4.Parse(res.Body); err != nil && len(res.Body) < 1<<19 {
			t.Fatalf("expected JSON, got %v in %.200s", err, res.Body)
		}
	}
	return res, err
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"Observation?code=http://loinc.org|8480-6,x&date=ge2025&_sort=-date,code&_count=3", "Patient?name:contains=a&_has:Observation:patient:code=1&_total=accurate",
		"Observation?component-code-value-quantity=8480-6$gt140||mmHg", "Location?near=1|2|3|km", "Patient?identifier:of-type=a|b|c", "Observation?status:in=http://hl7.org/fhir/ValueSet/observation-status",
		"Observation?subject:Patient.general-practitioner.name=a&_include=*&_revinclude:iterate=Provenance:target&_elements=code", "Encounter?date=ap2026-01-01T10:00:00.1%2B01:00&_page=InMiOjE", "Patient?_count=1&_page=ImkiOiJwMDEi~AAAAAAAAAAAAAAAA", "Patient/p01/_history?_page=IlNlcSI6MQ~AAAAAAAAAAAAAAAA", "Patient/_history?_at=2026&_since=2025",
	} {
		f.Add(seed)
	}
	e := engine(people.Everybody().Base())
	f.Fuzz(func(t *testing.T, target string) {
		path, raw, _ := strings.Cut(target, "?")
		params, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		r, p := Route(http.MethodGet, path, params)
		if p != nil {
			return
		}
		switch r.Kind {
		case Search, HistoryType, HistoryInstance, Everything, Read, VRead, Export:
			r.Async = true
			_, _ = tried(t, e, r)
		}
	})
}

func FuzzPatch(f *testing.F) {
	for _, seed := range []string{
		`[{"op":"replace","path":"/status","value":"amended"}]`, `[{"op":"test","path":"/code/coding/0/code","value":null}]`, `[{"op":"copy","from":"","path":"/a"}]`,
		`[{"op":"move","from":"/id","path":"/meta/tag/-"}]`, `[{"op":"remove","path":""}]`, `[{"op":"add","path":"/category/4294967296","value":{}}]`, `[{"op":"add","path":"/~0~1","value":[[[]]]}]`, `[{"op":"test","path":""}]`, `{}`, `[null]`, `[{"op":"add"}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, patch []byte) {
		e := engine(people.Everybody().Base())
		r, _ := Route(http.MethodPatch, "Observation/obs-p01-1", nil)
		r.Patch = patch
		if _, err := tried(t, e, r); err == nil {
			found, _ := e.Store.View().Get("Observation", "obs-p01-1").Open(&open{}, store.AsRead)
			if issues := r4.Validate(found.Node("canary")); len(issues) > 0 {
				t.Fatalf("expected what is stored to be valid, got %v", issues)
			}
		}
	})
}

func FuzzBundle(f *testing.F) {
	for _, seed := range []string{
		bundleOf("transaction", entry("POST", "Patient", "urn:uuid:11111111-1111-4111-8111-111111111111", ada), entry("POST", "Observation", "", about("urn:uuid:11111111-1111-4111-8111-111111111111"))),
		bundleOf("batch", entry("PATCH", "Patient/p01", "", jsonPatch(`[{"op":"remove","path":"/gender"}]`)), entry("GET", "Patient?_id=p01&_summary=true", "", "")),
		bundleOf("transaction", entry("DELETE", "Observation?patient=p01&code=x", "", ""), entry("PUT", "Patient?identifier=x", "http://a/Patient/1", ada)),
		bundleOf("transaction", entry("POST", "Observation", "", about("Patient?_id=p01")), entry("GET", "Patient/p01/$everything", "", "")),
		`{"resourceType":"Bundle","type":"batch","entry":[{"request":{}},{},null]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := r4.Parse(data)
		if err != nil || len(data) > 1<<16 {
			return
		}
		e := engine(people.Everybody().Base())
		r := &Request{Kind: Batch, Body: n}
		if n.String("type") == "transaction" {
			r.Kind = Transaction
		}
		before := stored(e)
		if _, err := tried(t, e, r); err != nil && r.Kind == Transaction && stored(e) != before {
			t.Fatal("expected a refused transaction to leave nothing")
		}
	})
}

// stored counts the versions of what bundles are likely to touch.
func stored(e *Engine) int {
	n := 0
	for _, kind := range query.Types {
		for range e.Store.View().History(kind, nil) {
			n++
		}
	}
	return n
}
