package interact

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
)

func put(t *testing.T, e *Engine, name, rest string) {
	t.Helper()
	kind, id, _ := strings.Cut(name, "/")
	do(t, e, &open{}, "PUT", name, `{"resourceType":"`+kind+`","id":"`+id+`",`+rest+`}`)
}

func condition(codes ...string) string {
	text := `"subject":{"reference":"Patient/p01"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"` + codes[0] + `"}]},"code":{"coding":[`
	for i, c := range codes[1:] {
		system, code, _ := strings.Cut(c, " ")
		if i > 0 {
			text += ","
		}
		text += `{"system":"http://hl7.org/fhir/sid/` + system + `","code":"` + code + `"}`
	}
	return text + `]},"asserter":{"reference":"Practitioner/tree"}`
}

// Codes lie under one another as those who publish them say (R4 search, ":above" and ":below").
func TestCodesAboveAndBelow(t *testing.T) {
	e := engine(people.Everybody().Base())
	put(t, e, "Practitioner/tree", `"active":true`)
	for name, codes := range map[string][]string{"a": {"active", "icd-10 E11.9", "icpc-2 T90"}, "b": {"recurrence", "icd-10 E11"}, "c": {"inactive", "icd-10 E10-E14"},
		"d": {"resolved", "icd-10 IV"}, "e": {"relapse", "icd-10 I10", "icpc-2 K86"}, "f": {"active", "icd-10 E90"}} {
		put(t, e, "Condition/"+name, condition(codes...))
	}
	document := `"status":"current","subject":{"reference":"Patient/p01"},"author":[{"reference":"Practitioner/tree"}],"content":[{"attachment":{"title":"x","contentType":"%s"}}]`
	put(t, e, "DocumentReference/plain", fmt.Sprintf(document, "text/plain; charset=utf-8"))
	put(t, e, "DocumentReference/pdf", fmt.Sprintf(document, "application/pdf"))
	put(t, e, "Observation/o", `"status":"corrected","code":{"text":"x"},"subject":{"reference":"Patient/p01"},"performer":[{"reference":"Practitioner/tree"}],"meta":{"profile":["http://a.example/p/q/r"]}`)
	put(t, e, "MedicationRequest/m", `"status":"active","intent":"filler-order","subject":{"reference":"Patient/p01"},"requester":{"reference":"Practitioner/tree"},`+
		`"medicationCodeableConcept":{"coding":[{"system":"http://www.whocc.no/atc","code":"A10BA02"}]}`)
	put(t, e, "ServiceRequest/s", `"status":"active","intent":"filler-order","subject":{"reference":"Patient/p01"},"requester":{"reference":"Practitioner/tree"},"instantiatesCanonical":["http://a.example/plan|1.2"]`)
	icd, icpc, hl7 := "http://hl7.org/fhir/sid/icd-10|", "http://hl7.org/fhir/sid/icpc-2|", "http://terminology.hl7.org/CodeSystem/condition-clinical|"
	for target, want := range map[string]string{
		"Condition?code:below=" + icd + "E11":                                     "a b",
		"Condition?code:below=" + icd + "E11.9":                                   "a",
		"Condition?code:below=" + icd + "E10-E14":                                 "a b c",
		"Condition?code:below=" + icd + "IV":                                      "a b c d f",
		"Condition?code:below=" + icd + "E1":                                      "", // no code of ICD-10
		"Condition?code:above=" + icd + "E11.9":                                   "a b c d",
		"Condition?code:above=" + icd + "E10-E14":                                 "c d",
		"Condition?code:below=" + icd + "I," + icpc + "K":                         "e",
		"Condition?code:below=" + icpc + "T":                                      "a",
		"Condition?clinical-status:below=" + hl7 + "active":                       "a b e f",
		"Condition?clinical-status:below=" + hl7 + "inactive":                     "c d",
		"Condition?clinical-status:above=" + hl7 + "relapse":                      "a e f",
		"DocumentReference?contenttype:below=text/plain":                          "plain",
		"DocumentReference?contenttype:below=urn:ietf:bcp:13|application/pdf":     "pdf",
		"Observation?status:below=amended":                                        "o",
		"Observation?status:above=corrected":                                      "o",
		"Observation?_profile:below=http://a.example/p":                           "o",
		"Observation?_profile:below=http://a.example/p/q/rest":                    "",
		"Observation?_profile:above=http://a.example/p/q/r/s":                     "o",
		"MedicationRequest?code:below=http://www.whocc.no/atc|A10":                "m",
		"MedicationRequest?code:below=http://www.whocc.no/atc|A1":                 "", // no level
		"MedicationRequest?code:above=http://www.whocc.no/atc|A10BA02":            "m",
		"ServiceRequest?instantiates-canonical=http://a.example/plan":             "",
		"ServiceRequest?instantiates-canonical:below=http://a.example/plan":       "s",
		"ServiceRequest?instantiates-canonical:below=http://a.example/plan%7C1":   "s",
		"ServiceRequest?instantiates-canonical:below=http://a.example/plan%7C1.2": "s",
		"ServiceRequest?instantiates-canonical:below=http://a.example/plan%7C2":   "",
	} {
		by := map[string]string{"Condition": "asserter", "DocumentReference": "author", "Observation": "performer", "MedicationRequest": "requester", "ServiceRequest": "requester"}
		kind, _, _ := strings.Cut(target, "?")
		target = strings.ReplaceAll(target, "|", "%7C") + "&" + by[kind] + "=tree"
		found := strings.Join(names(do(t, e, &open{}, "GET", target, "")), " ")
		if got := sorted(strings.ReplaceAll(found, kind+"/", "")); got != want {
			t.Errorf("%s: expected %q, got %q", target, want, got)
		}
	}
}

// What is part of something is found with it, as far as whoever asks may look.
func TestReferencesAboveAndBelow(t *testing.T) {
	e := engine(people.Everybody().Base())
	put(t, e, "Location/region", `"name":"region"`)
	for i, name := range []string{"hospital", "ward", "room"} {
		put(t, e, "Location/"+name, `"name":"`+name+`","partOf":{"reference":"Location/`+[]string{"region", "hospital", "ward"}[i]+`"}`)
	}
	put(t, e, "Location/region", `"name":"region","partOf":{"reference":"Location/room"}`) // a circle ends
	put(t, e, "Encounter/stay", `"status":"finished","class":{"code":"IMP"},"subject":{"reference":"Patient/p01"},"location":[{"location":{"reference":"Location/ward"}}]`)
	put(t, e, "Encounter/bath", `"status":"finished","class":{"code":"IMP"},"subject":{"reference":"Patient/p01"},"partOf":{"reference":"Encounter/stay"},"location":[{"location":{"reference":"Location/room"}}]`)
	put(t, e, "Observation/wet", `"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p01"},"encounter":{"reference":"Encounter/bath"}`)
	for target, want := range map[string]string{
		"Encounter?location=ward":                                              "Encounter/stay",
		"Encounter?location:below=ward":                                        "Encounter/bath Encounter/stay",
		"Encounter?location:below=Location/hospital,none":                      "Encounter/bath Encounter/stay",
		"Encounter?location:above=ward":                                        "Encounter/bath Encounter/stay",
		"Encounter?location:below=none":                                        "",
		"Location?partof:below=ward&name=r":                                    "Location/region Location/room",
		"Observation?encounter:below=stay":                                     "Observation/wet",
		"Observation?encounter:above=stay":                                     "",
		"Observation?encounter.location:below=hospital&patient=p01":            "Observation/wet",
		"Patient?_has:Encounter:patient:location:below=ward&_id=p01":           "Patient/p01",
		"Patient?_has:Encounter:patient:location:below=none&_id=p01":           "",
		"Observation?encounter:below=" + base + "/Encounter/stay&status=final": "Observation/wet",
	} {
		if got := sorted(strings.Join(names(do(t, e, &open{}, "GET", target, "")), " ")); got != want {
			t.Errorf("%s: expected %q, got %q", target, want, got)
		}
	}
	blind := &open{closed: func(w store.Way, r *store.Record) bool { return w == store.AsChain && r.ID == "room" }}
	if got := names(do(t, e, blind, "GET", "Encounter?location:below=hospital", "")); strings.Join(got, " ") != "Encounter/stay" {
		t.Errorf("expected nothing by way of a room that is not his to see, got %v", got)
	}
	put(t, e, "Organization/deep-0", `"name":"x"`)
	for i := range 20 {
		put(t, e, fmt.Sprintf("Organization/deep-%d", i+1), fmt.Sprintf(`"name":"x","partOf":{"reference":"Organization/deep-%d"}`, i))
	}
	var p *query.Problem
	if _, err := e.Do(&open{}, request(t, "GET", "Organization?partof:below=deep-1", "")); !errors.As(err, &p) || p.Code != "too-costly" {
		t.Errorf("expected a hierarchy that is too deep to be refused, got %v", err)
	}
}

func sorted(names string) string {
	list := strings.Fields(names)
	slices.Sort(list)
	return strings.Join(list, " ")
}
