package fhirmock

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// one is a request about a record whose number stands for ID in it, and whose patient's for WHOSE.
type one struct{ method, target, kind, body string }

// whom is the id of a record, and of the patient whose it is.
type whom struct{ id, whose string }

// alike sends each request about what is not there and about what is somebody else's, on each condition, and holds the
// answers against each other.
func alike(t *testing.T, absent, strangers whom, begin func() *world, requests []one) {
	t.Helper()
	conditions := [][2]string{{"", ""}, {"If-None-Match", "*"}, {"If-Match", `W/"1"`}, {"Prefer", "handling=lenient, return=minimal"},
		{headerPurpose, "TREAT"}, {headerPurpose, inEmergency}} // in which nobody has signed in for an emergency
	for _, r := range requests {
		for _, header := range conditions {
			answer := func(about whom) string {
				put := strings.NewReplacer("ID", about.id, "WHOSE", about.whose).Replace
				var options []func(*try)
				if header[0] != "" {
					options = append(options, with(header[0], header[1]))
				}
				rec := begin().write(r.method, put(r.target), r.kind, put(r.body), options...)
				if rec.Code >= 500 {
					t.Fatalf("%s %s: %d %s", r.method, r.target, rec.Code, rec.Body)
				}
				said := whole(t, rec, about.id)
				return strings.ReplaceAll(said, about.whose, "WHOSE")
			}
			if a, b := answer(absent), answer(strangers); a != b {
				t.Errorf("%s %s, %v:\n%s\nis told from\n%s", r.method, r.target, header, a, b)
			}
		}
	}
}

const formType = "application/x-www-form-urlencoded"

// The ways that searches, operations and bundles have of their own.
func TestAbsentAndForbiddenAreOneAnswerByEveryWay(t *testing.T) {
	world := func() *world { return newWorld(t, strictest(t)) }
	batch := func(method, url, more string) string {
		return `{"resourceType":"Bundle","type":"batch","entry":[{` + more + `"request":{"method":"` + method + `","url":"` + url + `"}}]}`
	}
	alike(t, whom{"obs-p99-1", "p99"}, whom{"obs-p40-1", "p40"}, world, []one{
		{"GET", "/Observation?_id=ID&component-code-value-quantity=http://loinc.org%7C8480-6$gt60", "", ""},
		{"GET", "/Observation?_id=ID&code:not=1&date=gt2000&status=final", "", ""},
		{"GET", "/Observation?_id=ID&code:below=http://loinc.org%7C85354-9", "", ""},
		{"GET", "/Observation?_id=ID&patient:missing=false&_filter=status+eq+final", "", ""},
		{"GET", "/Observation?_id=ID&_elements=status", "", ""},
		{"GET", "/Observation/ID?_elements=status&_pretty=true", "", ""},
		{"GET", "/Observation/ID?_summary=true", "", ""},
		{"POST", "/Observation/_search", formType, "_id=ID&_total=accurate&_sort=-date"},
		{"GET", "/Observation?_id=ID&_total=estimate", "", ""},
		{"GET", "/Observation?_id=ID&patient.name=rogn", "", ""},
		{"GET", "/Observation?_id=ID&patient.general-practitioner=foss", "", ""},
		{"GET", "/Observation?_id=ID&encounter.date=gt2000", "", ""},
		{"GET", "/Observation?_id=ID&_include=*&_include:iterate=Encounter:participant", "", ""},
		{"GET", "/Observation/ID/_history?_at=2026", "", ""},
		{"GET", "/Observation/ID/_history?_since=2000-01-01T00:00:00Z", "", ""},
		{"GET", "/Encounter?_has:Observation:encounter:_id=ID", "", ""},
		{"GET", "/Practitioner?_has:Observation:performer:_id=ID", "", ""},
		{"GET", "/Practitioner?_has:Observation:performer:_id=ID&_summary=count", "", ""},
		{"GET", "/Provenance?target=Observation/ID", "", ""},
		{"GET", "/AuditEvent?entity=Observation/ID", "", ""},
		{"POST", "/Observation/ID/$validate", fhirType, strings.Replace(note("p01", "x"), `{`, `{"id":"ID",`, 1)},
		{"PUT", "/Observation?_id=ID", fhirType, note("p01", "x")},
		{"PUT", "/Observation/ID", fhirType, strings.Replace(note("p01", "x"), `{`, `{"id":"ID",`, 1)}, // an update creates, elsewhere
		{"POST", "/", fhirType, batch("GET", "Observation?_id=ID", "")},
		{"POST", "/", fhirType, batch("DELETE", "Observation/ID", "")},
		{"POST", "/", fhirType, batch("DELETE", "Observation?_id=ID", "")},
		{"POST", "/", fhirType, batch("PUT", "Observation/ID", `"resource":`+strings.Replace(note("p01", "x"), `{`, `{"id":"ID",`, 1)+`,`)},
		{"POST", "/", fhirType, strings.Replace(batch("GET", "Observation/ID", ""), "batch", "transaction", 1)},
		{"POST", "/", fhirType, strings.Replace(batch("DELETE", "Observation/ID", ""), "batch", "transaction", 1)},
		{"POST", "/$graphql", "application/json", `{"query":"{Observation(id:\"ID\"){status}}"}`},
		{"GET", "/Observation/ID/$meta", "", ""},
	})
	alike(t, whom{"p99", "p99"}, whom{"p40", "p40"}, world, []one{
		{"GET", "/Patient/ID", "", ""},
		{"GET", "/Patient/ID/$everything", "", ""},
		{"GET", "/Patient/ID/$everything?_type=Condition&_since=2000-01-01T00:00:00Z", "", ""},
		{"POST", "/Patient/ID/$everything", fhirType, `{"resourceType":"Parameters"}`},
		{"GET", "/Patient/ID/_history?_at=2026", "", ""},
		{"GET", "/Patient?_id=p01,ID&_total=accurate", "", ""},
		{"GET", "/Patient?_id=ID&identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203%7CNI%7C09864629080", "", ""},
		{"GET", "/Patient?_id=ID&family=rogn&birthdate=lt2000", "", ""},
		{"GET", "/Patient?_id=ID&_has:Condition:patient:code=D12", "", ""},
		{"GET", "/Patient?link=Patient/ID", "", ""},
		{"GET", "/Patient?_id=ID&_revinclude=Observation:patient&_revinclude=AuditEvent:patient", "", ""},
		{"GET", "/Observation?patient=ID", "", ""},
		{"GET", "/Patient/ID/Observation", "", ""},
		{"GET", "/Patient/ID/Observation?_total=accurate&_sort=-date&_include=Observation:encounter", "", ""},
		{"GET", "/Patient/ID/Condition?code:not=x&_summary=count", "", ""},
		{"GET", "/Patient/ID/Patient", "", ""},
		{"GET", "/Observation?patient:Patient=ID&_summary=count", "", ""},
		{"GET", "/Observation?subject=Patient/ID&_total=accurate", "", ""},
		{"GET", "/Observation?patient._id=ID", "", ""},
		{"GET", "/AuditEvent?patient=Patient/ID", "", ""},
		{"GET", "/Group?member=Patient/ID", "", ""},
		{"GET", "/Practitioner?_has:Patient:general-practitioner:_id=ID", "", ""},
		{"GET", "/Location?_has:Encounter:location:patient=ID", "", ""},
		{"GET", "/Location?near=60%7C10%7C500%7Ckm&_has:Encounter:location:patient=ID", "", ""},
		{"GET", "/Organization?_has:Patient:organization:_id=ID&_summary=count", "", ""},
		{"POST", "/Observation", fhirType, note("ID", "x")},
		{"POST", "/Observation/$validate", fhirType, note("ID", "x")},
		{"POST", "/Group", fhirType, `{"resourceType":"Group","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/ID"}}]}`},
		{"PATCH", "/Patient/p01", patchType, `[{"op":"add","path":"/link","value":[{"type":"replaces","other":{"reference":"Patient/ID"}}]}]`},
		{"GET", "/Patient?_id=p01&_include=Patient:link&_revinclude=Patient:link", "", ""},
		{"PATCH", "/Patient?_id=ID", patchType, `[{"op":"replace","path":"/active","value":false}]`},
		{"PATCH", "/Observation/obs-p01-1", patchType, `[{"op":"replace","path":"/subject/reference","value":"Patient/ID"}]`},
		{"POST", "/Patient/$export?_type=Observation", fhirType, `{"resourceType":"Parameters","parameter":[{"name":"patient","valueReference":{"reference":"Patient/ID"}}]}`},
		{"POST", "/", fhirType, batch("POST", "Observation", `"resource":`+note("ID", "x")+`,`)},
		{"POST", "/", fhirType, batch("POST", "Observation", `"resource":`+note("p01", "x")+`,`)},
	})
}

// What others have written has numbers that nobody could guess, and answers no better for it: a list of theirs, a file, and
// who wrote it.
func TestWhatOthersWroteIsNotThere(t *testing.T) {
	hers := ""
	for _, p := range Everybody().Entitled(Caller{Practitioner: "bakke"}) {
		if !Everybody().May(Caller{Practitioner: "berg"}, p) && p != "p12" { // who is very restricted
			hers = p
		}
	}
	for kind, body := range map[string]string{
		"Group":             `{"resourceType":"Group","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/HERS"}}]}`,
		"Binary":            `{"resourceType":"Binary","contentType":"text/plain","data":"eA==","securityContext":{"reference":"Patient/HERS"}}`,
		"DocumentReference": `{"resourceType":"DocumentReference","status":"current","subject":{"reference":"Patient/HERS"},"content":[{"attachment":{"contentType":"text/plain","data":"eA=="}}]}`,
	} {
		var absent, theirs whom
		written := func() *world {
			w := newWorld(t, strictest(t))
			rec := w.write("POST", "/"+kind, fhirType, strings.ReplaceAll(body, "HERS", hers), func(t *try) { t.claims.Subject = "bakke" })
			if rec.Code != http.StatusCreated {
				t.Fatalf("%s: %d %s by %q", kind, rec.Code, rec.Body, w.refusedBy())
			}
			var made struct{ ID string }
			if err := json.Unmarshal(rec.Body.Bytes(), &made); err != nil {
				t.Fatal(err)
			}
			theirs = whom{made.ID, hers}
			absent = whom{fmt.Sprintf("%0*d", len(made.ID), 7), "p99"}
			return w
		}
		written()
		alike(t, absent, theirs, written, []one{
			{"GET", "/" + kind + "/ID", "", ""},
			{"GET", "/" + kind + "/ID/_history", "", ""},
			{"GET", "/" + kind + "/ID/_history/1", "", ""},
			{"GET", "/" + kind + "?_id=ID", "", ""},
			{"DELETE", "/" + kind + "/ID", "", ""},
			{"GET", "/Group/ID/$export", "", ""},
			{"POST", "/DocumentReference", fhirType, `{"resourceType":"DocumentReference","status":"current","subject":{"reference":"Patient/p01"},"content":[{"attachment":{"url":"` + kind + `/ID"}}]}`},
			{"POST", "/DocumentReference", fhirType, `{"resourceType":"DocumentReference","status":"current","subject":{"reference":"Patient/p01"},"context":{"related":[{"reference":"` + kind + `/ID"}]},"content":[{"attachment":{"url":"x"}}]}`},
		})
	}
}

// Who sees not all there is creates a record by an id of his own choice if nobody could have guessed that.
func TestChosenIDs(t *testing.T) {
	const drawn = "6f1d8c2e-0b7a-4c51-9a3e-5d20f1c4b8e7"
	for id, want := range map[string]bool{"p07": true, "obs-p07-2": true, "t000041": true, "example": true, "6f1d8c2e-0000-1000-8000-000000000003": true,
		drawn: false, strings.ToUpper(drawn): false, "018f3a5e-7c1d-7b2a-8e4f-1a2b3c4d5e6f": false, "0123456789abcdef0123456789abcdef": false} {
		if guessable(id) != want {
			t.Errorf("%s: expected %t", id, want)
		}
	}
	put := func(w *world, id string) int {
		return w.write("PUT", "/Observation/"+id, fhirType, strings.Replace(note("p01", "x"), `{`, `{"id":"`+id+`",`, 1)).Code
	}
	w := newWorld(t, strictest(t))
	if first, second, drawn := put(w, "mine-1"), put(w, "obs-p40-1"), put(w, drawn); first != 404 || second != 404 || drawn != 201 {
		t.Errorf("expected 404 for ids that could be somebody's and 201 for one that was drawn, got %d, %d and %d", first, second, drawn)
	}
	if got := put(newWorld(t, strictest(t).Without(control.RSEntitlementWrite)), "mine-1"); got != 201 {
		t.Errorf("where everybody writes in every record, expected 201, got %d", got)
	}
}
