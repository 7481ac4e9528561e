package interact

import (
	"errors"
	"strings"
	"testing"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// asked kicks an export off as it may be wrong.
func asked(t *testing.T, e *Engine, g Gate, target, body string, lenient bool) (string, error) {
	t.Helper()
	method := "GET"
	if body != "" {
		method = "POST"
	}
	r := request(t, method, target, "")
	r.Async, r.Lenient = true, lenient
	if body != "" {
		n, err := r4.Parse([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.TakeParameters(n); err != nil {
			return "", err
		}
	}
	res, err := e.Do(g, r)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(res.ContentLocation, base+"/"), nil
}

func patients(ids ...string) string {
	var out []string
	for _, id := range ids {
		out = append(out, `{"name":"patient","valueReference":{"reference":"Patient/`+id+`"}}`)
	}
	return `{"resourceType":"Parameters","parameter":[` + strings.Join(out, ",") + `]}`
}

// What an export is asked for and cannot be is refused; who is lenient gets the rest, and is told in the manifest.
func TestExportsThatAskForTooMuch(t *testing.T) {
	e := engine(town(t, 60).Base())
	g := &open{closed: func(_ store.Way, r *store.Record) bool { return r.Type == "Patient" && r.ID == "t000009" }}
	do(t, e, g, "PUT", "Group/g", `{"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/t000001"}},{"entity":{"reference":"Patient/t000002"},"inactive":true}]}`)
	for _, c := range []struct {
		target, body string
		status       int    // for who is not lenient
		note         string // for who is; "" if he is refused too
	}{
		{"Patient/$export?_type=Practitioner", "", 400, "compartment"},
		{"$export?_type=Patient,Basic", "", 400, "Basic"},
		{"$export?_type=Basic", "", 400, ""},
		{"$export?includeAssociatedData=LatestProvenanceResources", "", 400, "includeAssociatedData"},
		{"$export?allowPartialManifests=true", "", 400, "allowPartialManifests"},
		{"$export?_typeFilter=Observation%3F_include%3DObservation:patient", "", 400, ""},
		{"$export?_since=2026-11-22", "", 400, ""},
		{"$export?_outputFormat=text/csv", "", 400, ""},
		{"$export?_elements=Patient.name.family", "", 400, ""},
		{"$export?patient=Patient/t000001", "", 400, ""},
		{"Patient/$export", patients("t000001", "t000009"), 404, "t000009"},
		{"Patient/$export", patients("t000001", "nobody"), 404, "nobody"},
		{"Group/g/$export", patients("t000001", "t000002"), 404, "t000002"},
	} {
		var p *query.Problem
		if _, err := asked(t, e, g, c.target, c.body, false); !errors.As(err, &p) || p.Status != c.status {
			t.Errorf("%s %s: expected %d, got %v", c.target, c.body, c.status, err)
		}
		path, err := asked(t, e, g, c.target, c.body, true)
		if c.note == "" {
			if err == nil {
				t.Errorf("%s: expected it to be refused however lenient one is", c.target)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: expected it to be left out, got %v", c.target, err)
			continue
		}
		if m := manifestOf(t, e, g, path); !strings.Contains(m, `"error":[{"type":"OperationOutcome","url":"`+base+"/"+path+`/notes.ndjson"}]`) {
			t.Errorf("%s: expected notes, got %s", c.target, m)
		}
		res, err := e.Do(g, request(t, "GET", path+"/notes.ndjson", ""))
		if err != nil || !strings.Contains(string(res.Body), c.note) {
			t.Errorf("%s: expected a note of %s, got %s %v", c.target, c.note, res.Body, err)
		}
		for line := range strings.Lines(string(res.Body)) {
			if n, err := r4.Parse([]byte(line)); err != nil || len(r4.Validate(n)) > 0 {
				t.Errorf("%s: expected an OperationOutcome, got %s", c.target, line)
			}
		}
		if c.body != "" {
			if got, _ := all(t, e, g, path+"/Patient.ndjson"); strings.Join(got, " ") != "Patient/t000001" {
				t.Errorf("%s: expected who is there, got %v", c.target, got)
			}
		}
	}
}

// Elements are asked for by type or for all types. Who left a group is none of it.
func TestExportsOfSomeElements(t *testing.T) {
	e, g := engine(town(t, 60).Base()), &open{}
	do(t, e, g, "PUT", "Group/g", `{"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/t000001"}},{"entity":{"reference":"Patient/t000002"},"inactive":true}]}`)
	line := func(target, kind string) string {
		path := begin(t, e, g, "GET", target, "")
		res, err := e.Do(g, request(t, "GET", path+"/"+kind+".ndjson", ""))
		if err != nil || len(res.Lines) == 0 {
			t.Fatalf("%s: expected lines, got %v", target, err)
		}
		if kind == "Patient" && len(res.Lines) != 1 {
			t.Errorf("%s: expected the one who is a member still, got %d", target, len(res.Lines))
		}
		return string(e.Render(nil, res.Lines[0], res.Show))
	}
	for _, c := range []struct {
		elements, kind string
		shown, cut     string
	}{
		{"Patient.name", "Patient", "name", "birthDate"},
		{"Patient.name", "Encounter", "period", ""},
		{"birthDate,Encounter.period", "Patient", "birthDate", "name"},
		{"birthDate,Encounter.period", "Encounter", "period", "location"},
	} {
		got := line("Group/g/$export?_elements="+c.elements, c.kind)
		if !strings.Contains(got, `"`+c.shown+`":`) || c.cut != "" && (strings.Contains(got, `"`+c.cut+`":`) || !strings.Contains(got, "SUBSETTED")) {
			t.Errorf("%s of %s: expected %s and no %s, got %s", c.elements, c.kind, c.shown, c.cut, got)
		}
	}
}

// An attachment of this API is named in full; a text that looks like one stays as it is.
func TestAttachmentsOfExports(t *testing.T) {
	e, g := engine(town(t, 5).Base()), &open{}
	do(t, e, g, "PUT", "Binary/b", `{"resourceType":"Binary","id":"b","contentType":"text/plain","data":"eA==","securityContext":{"reference":"Patient/p01"}}`)
	do(t, e, g, "PUT", "DocumentReference/d", `{"resourceType":"DocumentReference","id":"d","status":"current","description":"\"url\":\"Binary/x\"","subject":{"reference":"Patient/p01"},"content":[{"attachment":{"contentType":"text/plain","url":"Binary/b"}}]}`)
	path := begin(t, e, g, "GET", "$export?_type=DocumentReference&_since=2026-11-23T00:00:00Z", "")
	res, err := e.Do(g, request(t, "GET", path+"/DocumentReference.ndjson", ""))
	if err != nil || len(res.Lines) != 1 {
		t.Fatalf("expected a line, got %v %v", res, err)
	}
	line := string(e.Line(nil, res.Lines[0], res.Show))
	if !strings.Contains(line, `"url":"`+base+`/Binary/b"`) || !strings.Contains(line, `"\"url\":\"Binary/x\""`) || !strings.HasSuffix(line, "}\n") {
		t.Errorf("expected the address in full, got %s", line)
	}
}

// A Binary of a patient's leaves as the DocumentReference that leads to it, and never as itself (Bulk Data 2.0, "Binary
// Resources": SHALL; once it was a file of its own).
func TestAPatientsBinaryIsNoFile(t *testing.T) {
	e, g := engine(town(t, 5).Base()), &open{}
	do(t, e, g, "PUT", "Binary/b", `{"resourceType":"Binary","id":"b","contentType":"text/plain","data":"eA==","securityContext":{"reference":"Patient/p01"}}`)
	for _, target := range []string{"$export?_type=Binary,Patient", "Patient/$export", "$export"} {
		res, err := e.Do(g, request(t, "GET", begin(t, e, g, "GET", target, ""), ""))
		if err != nil || strings.Contains(string(res.Body), "Binary.ndjson") || !strings.Contains(string(res.Body), "Patient.ndjson") {
			t.Errorf("%s: expected files, and none of Binaries, got %v %s", target, err, res.Body)
		}
	}
}
