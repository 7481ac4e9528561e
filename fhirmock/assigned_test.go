package fhirmock

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// p03 is berg's patient, at granfjelldal; bakke treats her at the hospital.
func namesAs(tb testing.TB, w *world, practitioner, organization string) string {
	tb.Helper()
	record := decode(tb, w.write("GET", "/Patient/p03", "", ""))
	record["generalPractitioner"] = []any{map[string]any{"reference": "Practitioner/" + practitioner}}
	record["managingOrganization"] = map[string]any{"reference": "Organization/" + organization}
	record["telecom"] = []any{map[string]any{"system": "phone", "value": "99"}}
	text, err := json.Marshal(record)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func TestWhoIsResponsibleIsChangedByWhoIs(t *testing.T) {
	const berg, clinic = "berg", "granfjelldal"
	for name, c := range map[string]struct {
		subject, scope           string
		practitioner, management string
		status                   int
	}{
		"another doctor, a telephone number":      {"bakke", "user/*.cruds", berg, clinic, 200},
		"another doctor, himself":                 {"bakke", "user/*.cruds", "bakke", clinic, 403},
		"another doctor, a friend":                {"bakke", "user/*.cruds", "lund", clinic, 403},
		"another doctor, his hospital":            {"bakke", "user/*.cruds", berg, "fjordheim", 403},
		"the patient, another doctor":             {"p03", "patient/*.cruds", "lund", clinic, 403},
		"her doctor hands her on":                 {berg, "user/*.cruds", "dal", clinic, 200},
		"her clinic's system hands her on":        {"clinic", "system/*.cruds", "dal", clinic, 200},
		"her doctor, to another clinic":           {berg, "user/*.cruds", "lund", "lysneset", 200},
		"a doctor who is none of hers, as absent": {"lund", "user/*.cruds", "lund", clinic, 404},
	} {
		w := labelWorld(t)
		w.a.Callers["p03"] = Caller{Patient: "p03"}
		rec := w.write("PUT", "/Patient/p03", fhirType, namesAs(t, w, c.practitioner, c.management), as(c.subject, c.scope))
		if rec.Code != c.status {
			t.Errorf("%s: expected %d, got %d: %s", name, c.status, rec.Code, rec.Body)
		}
		if by := w.refusedBy(); (by == control.RSAssignedProperties.ID) != (c.status == 403) {
			t.Errorf("%s: got refused by %q", name, by)
		}
	}
}

// By each way of writing, and by deleting her first.
func TestNoWayAroundWhoIsResponsible(t *testing.T) {
	bakke := as("bakke", "user/*.cruds")
	bundle := func(kind string) func(testing.TB, *world) *httptest.ResponseRecorder {
		return func(tb testing.TB, w *world) *httptest.ResponseRecorder {
			return w.write("POST", "/", fhirType, fmt.Sprintf(`{"resourceType":"Bundle","type":%q,"entry":[{"request":{"method":"PUT","url":"Patient/p03"},"resource":%s}]}`,
				kind, namesAs(tb, w, "bakke", "granfjelldal")), bakke)
		}
	}
	for name, try := range map[string]func(testing.TB, *world) *httptest.ResponseRecorder{
		"patch": func(_ testing.TB, w *world) *httptest.ResponseRecorder {
			return w.write("PATCH", "/Patient/p03", patchType, `[{"op":"replace","path":"/generalPractitioner/0/reference","value":"Practitioner/bakke"}]`, bakke)
		},
		"conditional": func(tb testing.TB, w *world) *httptest.ResponseRecorder {
			return w.write("PUT", "/Patient?_id=p03", fhirType, namesAs(tb, w, "bakke", "granfjelldal"), bakke)
		},
		"batch": bundle("batch"), "transaction": bundle("transaction"),
		"deleted first": func(tb testing.TB, w *world) *httptest.ResponseRecorder {
			text := namesAs(tb, w, "bakke", "granfjelldal")
			wantStatus(tb, w.write("DELETE", "/Patient/p03", "", "", bakke), 204)
			return w.write("PUT", "/Patient/p03", fhirType, text, bakke)
		},
		"emptied, then filled in": func(tb testing.TB, w *world) *httptest.ResponseRecorder {
			return w.write("PATCH", "/Patient/p03", patchType, `[{"op":"remove","path":"/generalPractitioner"},{"op":"remove","path":"/managingOrganization"}]`, bakke)
		},
	} {
		for _, off := range []*control.Control{nil, control.RSAssignedProperties} {
			w := labelWorld(t)
			if off != nil {
				w = labelWorld(t, off)
			}
			rec := try(t, w)
			if named := strings.Contains(w.refusedBy()+rec.Body.String(), control.RSAssignedProperties.ID) || rec.Code == 403 || strings.Contains(rec.Body.String(), `"403`); named != (off == nil) {
				t.Errorf("%s without %v: got %d: %s", name, off, rec.Code, rec.Body)
			}
		}
	}
}

// Whoever makes himself her general practitioner reads what is for that one alone.
func TestWhatItIsWorthToBeResponsible(t *testing.T) {
	secret := strings.Replace(note("p03", "told in confidence"), "{", `{"id":"0198f2c4-1111-4111-8111-111111111111","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"}]},`, 1)
	w := labelWorld(t, control.RSAssignedProperties)
	at := "/Observation/0198f2c4-1111-4111-8111-111111111111"
	wantStatus(t, w.write("PUT", at, fhirType, secret), 201)
	bakke := as("bakke", "user/*.cruds")
	wantStatus(t, w.write("GET", at, "", "", bakke), 404)
	wantStatus(t, w.write("PUT", "/Patient/p03", fhirType, namesAs(t, w, "bakke", "granfjelldal"), bakke), 200)
	wantStatus(t, w.write("GET", at, "", "", bakke), 200)
}

// Of a patient who was entered later it decides who treats her at all: whoever has handed her on has done so.
func TestWhoIsResponsibleHandsOn(t *testing.T) {
	w := newWorld(t, strictest(t))
	id := created(t, w.write("POST", "/Patient", fhirType, `{"resourceType":"Patient","name":[{"family":"Ny"}],"generalPractitioner":[{"reference":"Practitioner/berg"}]}`))
	to := func(doctor string) string {
		return `{"resourceType":"Patient","id":"` + id + `","name":[{"family":"Ny"}],"generalPractitioner":[{"reference":"Practitioner/` + doctor + `"}]}`
	}
	wantStatus(t, w.write("PUT", "/Patient/"+id, fhirType, to("lund")), 200)
	wantStatus(t, w.write("PUT", "/Patient/"+id, fhirType, to("berg")), 404) // she is lund's now
	wantStatus(t, w.write("PUT", "/Patient/"+id, fhirType, to("berg"), as("lund", "user/*.cruds")), 200)
}
