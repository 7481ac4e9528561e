package fhirmock

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// write sends an honest write by berg, whose token lets him do anything that his entitlement does.
func (w *world) write(method, target, contentType, text string, change ...func(*try)) *httptest.ResponseRecorder {
	w.tb.Helper()
	w.forget()
	t := w.honest(method, target)
	t.claims.Scope = "user/*.cruds"
	for _, c := range change {
		c(t)
	}
	touch := t.touch
	t.touch = func(r *http.Request) {
		if text != "" {
			r.Body = io.NopCloser(strings.NewReader(text))
		}
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		if touch != nil {
			touch(r)
		}
	}
	return t.send()
}

const (
	fhirType  = "application/fhir+json"
	patchType = "application/json-patch+json"
)

func note(patient, text string) string {
	return fmt.Sprintf(`{"resourceType":"Observation","status":"final","code":{"text":%q},"subject":{"reference":"Patient/%s"},"valueQuantity":{"value":5.40,"unit":"mmol/L"}}`, text, patient)
}

func scope(s string) func(*try)          { return func(t *try) { t.claims.Scope = fapi.Scope(s) } }
func with(name, value string) func(*try) { return func(t *try) { t.touch = header(name, value) } }

func created(tb testing.TB, rec *httptest.ResponseRecorder) string {
	tb.Helper()
	wantStatus(tb, rec, 201)
	return decode(tb, rec)["id"].(string)
}

func TestLifeOfARecord(t *testing.T) {
	w := newWorld(t, strictest(t))
	rec := w.write("POST", "/Observation", fhirType, note("p01", "first"))
	id := created(t, rec)
	path := "/Observation/" + id
	if got := rec.Header().Get("Location"); got != testBase+path+"/_history/1" {
		t.Errorf("Location: %s", got)
	}
	if !strings.Contains(rec.Body.String(), `"value":5.40`) {
		t.Errorf("expected decimals to keep their precision, got %s", rec.Body)
	}
	found := w.find("berg", "/Observation?patient=p01&_id="+id)
	if len(entries(t, found)) != 1 {
		t.Error("expected to find what was written")
	}
	other := w.honest("GET", path)
	other.touch = nil
	wantStatus(t, w.send(w.b, other.request()), 200) // the other node has it too

	changed := strings.Replace(note("p01", "second"), `{`, `{"id":"`+id+`",`, 1)
	wantStatus(t, w.write("PUT", path, fhirType, changed, with("If-Match", `W/"7"`)), 412)
	wantStatus(t, w.write("PUT", path, fhirType, changed, with("If-Match", `W/"1"`)), 200)
	wantStatus(t, w.write("PUT", path, fhirType, note("p01", "no id")), 400)
	wantStatus(t, w.write("PATCH", path, patchType, `[{"op":"replace","path":"/code/text","value":"third"}]`), 200)
	wantStatus(t, w.write("PATCH", path, patchType, `[{"op":"test","path":"/code/text","value":"second"}]`), 422)
	wantStatus(t, w.write("PATCH", path, patchType, `[{"op":"replace","path":"/id","value":"other"}]`), 422)
	rec = w.write("PATCH", path, fhirType, `[]`)
	if wantStatus(t, rec, 415); rec.Header().Get("Accept-Patch") != patchType {
		t.Errorf("expected to be told how to patch, got %v", rec.Header())
	}

	rec = w.honest("GET", path+"/_history").send()
	wantStatus(t, rec, 200)
	if h := decode(t, rec); h["total"] != 3.0 {
		t.Errorf("expected three versions, got %v", h["total"])
	}
	if rec = w.honest("GET", path+"/_history/1").send(); !strings.Contains(rec.Body.String(), "first") {
		t.Errorf("expected the first version, got %s", rec.Body)
	}
	wantStatus(t, w.honest("GET", path+"/_history/9").send(), 404)

	wantStatus(t, w.write("DELETE", path, "", ""), 204)
	for _, gone := range []string{path, path + "/_history/4"} {
		rec = w.honest("GET", gone).send()
		if wantStatus(t, rec, 410); rec.Header().Get("ETag") != `W/"4"` {
			t.Errorf("%s: expected the version of the deletion, got %v", gone, rec.Header())
		}
	}
	wantStatus(t, w.write("DELETE", path, "", ""), 204)
	if len(entries(t, w.find("berg", "/Observation?_id="+id))) != 0 {
		t.Error("expected a deleted record to be found by no search")
	}
	wantStatus(t, w.write("PUT", path, fhirType, changed, with("If-Match", `W/"3"`)), 412)
	wantStatus(t, w.write("PUT", path, fhirType, changed, with("If-Match", `*`)), 412)
	wantStatus(t, w.write("PUT", path, fhirType, changed, with("If-Match", `W/"4"`)), 201)
	wantStatus(t, w.honest("GET", path).send(), 200)
	if rec = w.honest("GET", "/Observation/_history?_count=3").send(); len(decode(t, rec)["entry"].([]any)) != 3 {
		t.Errorf("expected three versions on a page, got %s", rec.Body)
	}
}

func TestConditions(t *testing.T) {
	w := newWorld(t, strictest(t))
	same := strings.Replace(note("p01", "once"), `{`, `{"identifier":[{"system":"urn:x","value":"7"}],`, 1)
	condition := with("If-None-Exist", "identifier=urn:x|7")
	first := created(t, w.write("POST", "/Observation", fhirType, same, condition))
	rec := w.write("POST", "/Observation", fhirType, same, condition)
	wantStatus(t, rec, 200)
	if decode(t, rec)["id"] != first {
		t.Errorf("expected the record that was there, got %s", rec.Body)
	}
	wantStatus(t, w.write("PUT", "/Observation?identifier=urn:x|7", fhirType, same), 200)
	wantStatus(t, w.write("PUT", "/Observation?identifier=urn:x|8", fhirType, same), 201)
	wantStatus(t, w.write("PUT", "/Observation?identifier=urn:x|7", fhirType, same), 412) // two by now
	wantStatus(t, w.write("PUT", "/Observation", fhirType, same), 412)
	wantStatus(t, w.write("DELETE", "/Observation?identifier=urn:x|9", "", ""), 204) // there is none now either
	wantStatus(t, w.write("DELETE", "/Observation?identifier=urn:x|7", "", ""), 412)
	rec = w.honest("GET", "/Observation/"+first).send()
	read := w.honest("GET", "/Observation/"+first)
	read.touch = header("If-None-Match", rec.Header().Get("ETag"))
	wantStatus(t, read.send(), 304)
	read = w.honest("GET", "/Observation/"+first)
	read.touch = header("If-Modified-Since", rec.Header().Get("Last-Modified"))
	wantStatus(t, read.send(), 304)
}

// An invalid resource is refused by the definitions, with the place.
func TestWhatIsWrittenIsValid(t *testing.T) {
	w := newWorld(t, strictest(t))
	for name, c := range map[string]struct {
		text   string
		status int
		place  string
	}{
		"unknown element":        {strings.Replace(note("p01", "x"), `{`, `{"colour":"red",`, 1), 400, "Observation.colour"},
		"missing status":         {strings.Replace(note("p01", "x"), `"status":"final",`, ``, 1), 422, "Observation.status"},
		"unknown code":           {strings.Replace(note("p01", "x"), `"final"`, `"finished"`, 1), 422, "Observation.status"},
		"wrong type":             {strings.Replace(note("p01", "x"), `5.40`, `"5.40"`, 1), 400, "Observation.valueQuantity.value"},
		"two values":             {strings.Replace(note("p01", "x"), `{`, `{"valueString":"y",`, 1), 400, "Observation.valueQuantity"},
		"no such day":            {strings.Replace(note("p01", "x"), `{`, `{"effectiveDateTime":"2026-02-30",`, 1), 422, "Observation.effectiveDateTime"},
		"target of another type": {strings.Replace(note("p01", "x"), `Patient/p01`, `Practitioner/berg`, 1), 422, "Observation.subject.reference"},
		"reference to nowhere":   {strings.Replace(note("p01", "x"), `{`, `{"encounter":{"reference":"Encounter/none"},`, 1), 422, "Observation"},
		"somebody else's record": {strings.Replace(note("p01", "x"), `{`, `{"encounter":{"reference":"Encounter/enc-p40-1"},`, 1), 422, "Observation"},
		"named twice":            {strings.Replace(note("p01", "x"), `{`, `{"status":"final",`, 1), 400, ""},
		"too deep":               {`{"resourceType":"Observation","extension":` + strings.Repeat(`[{"extension":`, 40) + `[]` + strings.Repeat(`}]`, 40) + `}`, 400, ""},
		"another type":           {`{"resourceType":"Patient"}`, 400, "Resource"},
		"no JSON":                {`<Observation/>`, 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			rec := w.write("POST", "/Observation", fhirType, c.text)
			wantStatus(t, rec, c.status)
			wantOutcome(t, rec)
			if c.place != "" && !strings.Contains(rec.Body.String(), `"`+c.place+`"`) {
				t.Errorf("expected the place %s, got %s", c.place, rec.Body)
			}
			want := "malformed"
			if name == "somebody else's record" {
				want = control.RSEntitlementReference.ID
			}
			if w.refusedBy() != want {
				t.Errorf("expected %s to refuse, got %s", want, w.refusedBy())
			}
		})
	}
	wantStatus(t, w.write("POST", "/Observation", "application/fhir+xml", "<x/>"), 415)
	rec := w.write("POST", "/Observation/$validate", fhirType, strings.Replace(note("p01", "x"), `"final"`, `"finished"`, 1))
	if wantStatus(t, rec, 200); !strings.Contains(rec.Body.String(), "code-invalid") {
		t.Errorf("expected the issue, got %s", rec.Body)
	}
}

// Whose record may be written is asked of what stood there and of what is put there.
func TestWritingNeedsEntitlement(t *testing.T) {
	mine := func(w *world) string {
		return created(w.tb, w.write("POST", "/Observation", fhirType, note("p01", "mine")))
	}
	for name, do := range map[string]func(*world) *httptest.ResponseRecorder{
		"create": func(w *world) *httptest.ResponseRecorder {
			return w.write("POST", "/Observation", fhirType, note("p40", "x"))
		},
		"update": func(w *world) *httptest.ResponseRecorder {
			return w.write("PUT", "/Observation/obs-p40-1", fhirType, strings.Replace(note("p01", "x"), `{`, `{"id":"obs-p40-1",`, 1))
		},
		"move to another patient": func(w *world) *httptest.ResponseRecorder {
			id := mine(w)
			return w.write("PATCH", "/Observation/"+id, patchType, `[{"op":"replace","path":"/subject/reference","value":"Patient/p40"}]`)
		},
		"patch": func(w *world) *httptest.ResponseRecorder {
			return w.write("PATCH", "/Observation/obs-p40-1", patchType, `[]`)
		},
		"delete": func(w *world) *httptest.ResponseRecorder { return w.write("DELETE", "/Observation/obs-p40-1", "", "") },
		"transaction": func(w *world) *httptest.ResponseRecorder {
			return w.write("POST", "/", fhirType, `{"resourceType":"Bundle","type":"transaction","entry":[
				{"request":{"method":"POST","url":"Observation"},"resource":`+note("p01", "x")+`},
				{"request":{"method":"POST","url":"Observation"},"resource":`+note("p40", "x")+`}]}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, strictest(t))
			before := len(w.observations())
			rec := do(w)
			wantStatus(t, rec, 404)
			if by := w.refusedBy(); by != control.RSEntitlementWrite.ID {
				t.Errorf("expected %s, got %q", control.RSEntitlementWrite, by)
			}
			if after := len(w.observations()); after-before > 1 || name == "transaction" && after != before {
				t.Errorf("expected nothing to be stored, got %d records more", after-before)
			}
			careless := newWorld(t, strictest(t).Without(control.RSEntitlementWrite, control.RSEntitlementFind, control.RSEntitlementReference))
			if rec := do(careless); rec.Code >= 300 {
				t.Errorf("without the control: %d %s", rec.Code, rec.Body)
			}
		})
	}
}

func (w *world) observations() []string {
	w.tb.Helper()
	open := w.records.View().Find("Observation", nil, nil, nil)
	var out []string
	for s := open.Next(); s != nil; s = open.Next() {
		out = append(out, s.Ref())
	}
	return out
}

func TestWritingNeedsScope(t *testing.T) {
	w := newWorld(t, strictest(t))
	id := created(t, w.write("POST", "/Observation", fhirType, note("p01", "x")))
	path, body := "/Observation/"+id, strings.Replace(note("p01", "x"), `{`, `{"id":"`+id+`",`, 1)
	for _, c := range []struct {
		scope, method, target, contentType, text string
		status                                   int
	}{
		{"user/*.rs", "POST", "/Observation", fhirType, note("p01", "x"), 403},
		{"user/*.ruds", "POST", "/Observation", fhirType, note("p01", "x"), 403},
		{"user/Condition.cruds", "POST", "/Observation", fhirType, note("p01", "x"), 403},
		{"user/Observation.c", "POST", "/Observation", fhirType, note("p01", "x"), 201},
		{"user/Observation.write", "POST", "/Observation", fhirType, note("p01", "x"), 201},
		{"user/*.crds", "PUT", path, fhirType, body, 403},
		{"user/*.u", "PUT", path, fhirType, body, 200},
		{"user/*.crds", "PATCH", path, patchType, `[]`, 403},
		{"user/*.cru", "DELETE", path, "", "", 403},
		{"user/*.d", "DELETE", path, "", "", 204},
	} {
		rec := w.write(c.method, c.target, c.contentType, c.text, scope(c.scope))
		if rec.Code != c.status {
			t.Errorf("%s %s with %s: expected %d, got %d: %s", c.method, c.target, c.scope, c.status, rec.Code, rec.Body)
		}
		if c.status == 403 && w.refusedBy() != control.RSScope.ID {
			t.Errorf("expected %s, got %s", control.RSScope, w.refusedBy())
		}
	}
	// Who may change a record need not be allowed to read it.
	rec := w.write("PATCH", "/Observation/obs-p01-1", patchType, `[]`, scope("user/*.u"))
	if wantStatus(t, rec, 200); rec.Body.Len() != 0 {
		t.Errorf("expected no record without a scope to read it, got %s", rec.Body)
	}
}

func TestTransaction(t *testing.T) {
	w := newWorld(t, strictest(t))
	bundle := `{"resourceType":"Bundle","type":"transaction","entry":[
		{"fullUrl":"urn:uuid:6f1d8c2e-0000-4000-8000-000000000002","request":{"method":"POST","url":"Observation"},"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},
			"subject":{"reference":"urn:uuid:6f1d8c2e-0000-4000-8000-000000000001"},"encounter":{"reference":"urn:uuid:6f1d8c2e-0000-4000-8000-000000000003"}}},
		{"fullUrl":"urn:uuid:6f1d8c2e-0000-4000-8000-000000000001","request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=urn:x|new"},"resource":{"resourceType":"Patient",
			"identifier":[{"system":"urn:x","value":"new"}],"name":[{"family":"Ny"}],"generalPractitioner":[{"reference":"Practitioner?identifier=565500111"}]}},
		{"fullUrl":"urn:uuid:6f1d8c2e-0000-4000-8000-000000000003","request":{"method":"PUT","url":"Encounter/6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8e7"},"resource":{"resourceType":"Encounter","id":"6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8e7","status":"finished",
			"class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"subject":{"reference":"urn:uuid:6f1d8c2e-0000-4000-8000-000000000001"}}},
		{"request":{"method":"GET","url":"Patient/p01"}}]}`
	rec := w.write("POST", "/", fhirType, bundle)
	wantStatus(t, rec, 200)
	out := decode(t, rec)["entry"].([]any)
	if len(out) != 4 {
		t.Fatalf("expected 4 entries, got %s", rec.Body)
	}
	observation := out[0].(map[string]any)["resource"].(map[string]any)
	patient := out[1].(map[string]any)["resource"].(map[string]any)["id"].(string)
	if got := observation["subject"].(map[string]any)["reference"]; got != "Patient/"+patient {
		t.Errorf("expected the reference to lead to the new patient, got %v", got)
	}
	if got := observation["encounter"].(map[string]any)["reference"]; got != "Encounter/6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8e7" {
		t.Errorf("expected the reference to lead to the encounter, got %v", got)
	}
	wantStatus(t, w.honest("GET", "/Patient/"+patient).send(), 200) // whoever treats her may see her
	stranger := w.honest("GET", "/Patient/"+patient)
	stranger.claims.Subject = "bakke"
	wantStatus(t, stranger.send(), 404)

	rec = w.write("POST", "/", fhirType, strings.Replace(bundle, "transaction", "batch", 1))
	wantStatus(t, rec, 200)
	if !strings.Contains(rec.Body.String(), `"status":"422 Unprocessable Entity"`) {
		t.Errorf("expected batch entries to fail alone, got %s", rec.Body)
	}
	wantStatus(t, w.write("POST", "/", fhirType, `{"resourceType":"Bundle","type":"searchset"}`), 400)
}

// The log says what was stored, whose it is, and which of the watched marks are in it.
func TestWritesAreTold(t *testing.T) {
	w := newWorld(t, strictest(t))
	w.a.Marks = func(b []byte) []string {
		if strings.Contains(string(b), "mark-1") {
			return []string{"mark-1"}
		}
		return nil
	}
	created(t, w.write("POST", "/Observation", fhirType, note("p01", "mark-1")))
	var told []event.Written
	for _, b := range w.log {
		if e, ok := b.(event.Written); ok {
			told = append(told, e)
		}
	}
	if len(told) != 1 || told[0].Interaction != "create" || told[0].Subject != "berg" || len(told[0].Patients) != 1 || told[0].Patients[0] != "p01" || len(told[0].Marks) != 1 {
		b, _ := json.Marshal(told)
		t.Errorf("got %s", b)
	}
}

func TestBinary(t *testing.T) {
	w := newWorld(t, strictest(t))
	wantStatus(t, w.write("POST", "/Binary", "text/plain", "hello"), 422)
	id := created(t, w.write("POST", "/Binary", "text/plain", "hello", with("X-Security-Context", "Patient/p01")))
	read := func(sub, accept string) *httptest.ResponseRecorder {
		t := w.honest("GET", "/Binary/"+id)
		t.claims.Subject = sub
		if accept != "" {
			t.touch = header("Accept", accept)
		}
		return t.send()
	}
	if rec := read("berg", ""); rec.Code != 200 || rec.Body.String() != "hello" || rec.Header().Get("Content-Type") != "text/plain" {
		t.Errorf("expected the content, got %d %s", rec.Code, rec.Body)
	}
	if rec := read("berg", "application/fhir+json"); decode(t, rec)["resourceType"] != "Binary" {
		t.Errorf("expected the resource, got %s", rec.Body)
	}
	wantStatus(t, read("bakke", ""), 404)
}

// Who enters a patient says who treats her; it is told, since there was no record that the answer could give away.
func TestAPatientIsEnteredByWhoTreatsHer(t *testing.T) {
	const nobodys = `{"resourceType":"Patient","name":[{"family":"Ny"}]}`
	w := newWorld(t, strictest(t))
	for target, body := range map[string]string{
		"/Patient": nobodys,
		"/":        `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":` + nobodys + `,"request":{"method":"POST","url":"Patient"}}]}`,
	} {
		rec := w.write("POST", target, fhirType, body)
		if rec.Code != 403 || w.refusedBy() != control.RSEntitlementWrite.ID || !strings.Contains(rec.Body.String(), "whoever treats her") {
			t.Errorf("%s: expected to be told, got %d by %q: %s", target, rec.Code, w.refusedBy(), rec.Body)
		}
	}
	wantStatus(t, w.write("PUT", "/Patient/new-1", fhirType, strings.Replace(nobodys, `{`, `{"id":"new-1",`, 1)), 404) // somebody else's may be there
}
