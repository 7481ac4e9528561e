package fhirmock

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
)

// reminder is a doctor's app that may write patients and read their conditions, and of themselves sees names and gender.
// In the second world all else of them stands otherwise.
func reminder() *reader {
	var details []string
	p := villagers()
	theirs := p.Entitled(Caller{Practitioner: "bakke"})
	for _, patient := range theirs {
		details = append(details, fmt.Sprintf(`{"type":"patient_record","identifier":%q,"actions":["read"],"datatypes":["Patient"],"elements":["Patient.name","Patient.gender"]}`, patient))
	}
	return &reader{
		name: "reminder", subject: "bakke", client: "ehr", scope: "user/Condition.cruds user/Patient.cu user/Practitioner.rus user/Organization.u user/Encounter.u",
		details: "[" + strings.Join(details, ",") + "]",
		sees: func(r *store.Record, _ *r4.Node) bool {
			if r.Type == "Practitioner" {
				return true
			}
			return (r.Type == "Patient" || r.Type == "Condition" && r.Confidentiality != store.VeryRestricted) && slices.Contains(theirs, r.Patients[0])
		},
		part: func(v villager) string {
			if v.Type != "Patient" {
				return v.asItIs()[0]
			}
			n := v.Node("{{canary}}")
			n.Set("birthDate", r4.Text("1901-02-03"))
			n.Get("address").Items[0].Set("city", r4.Text("Elsewhere"))
			n.Get("identifier").Items[0].Set("value", r4.Text("11111111111"))
			n.Get("text").Set("div", r4.Text(`<div xmlns="http://www.w3.org/1999/xhtml">Otherwise</div>`))
			return strings.Replace(string(n.Append(nil)), `"Practitioner/`+v.References("general-practitioner")[0][len("Practitioner/"):]+`"`, `"Practitioner/foss"`, 1)
		},
	}
}

// What is not granted of a record does not exist for whoever is shown a part: whatever he asks, and writes.
func TestElementsThatAreNotShownDoNotExist(t *testing.T) {
	tw := newTwins(*reminder(), fates["changed"])
	tw.terms = said()
	rapid.Check(t, func(rt *rapid.T) {
		ws := tw.worlds(t, controlsThatCount...)
		for range rapid.IntRange(1, 8).Draw(rt, "requests") {
			a := tw.reads(rt)
			if rapid.IntRange(0, 3).Draw(rt, "writes") == 0 {
				a = tw.writes(rt)
			}
			if d := tw.tell(ws, a, 8); d != "" {
				rt.Fatal(d)
			}
		}
	})
}

// And every parameter of a patient's tells nothing, unless nobody insists on it.
func TestNoParameterTellsOfElements(t *testing.T) {
	tw := newTwins(*reminder(), fates["changed"])
	tw.terms = said()
	for _, off := range []*control.Control{nil, control.RSElements} {
		told := ""
		without := controlsThatCount
		if off != nil {
			without = append(slices.Clone(without), off)
		}
		ws := tw.worlds(t, without...)
		for _, p := range r4.Params("Patient") {
			for n := range 5 {
				c := rapid.Custom(func(rt *rapid.T) [2]string {
					name, value := tw.condition(rt, "Patient", p)
					return [2]string{name, value}
				}).Example(n)
				for _, target := range []string{"/Patient?" + c[0] + "=" + url.QueryEscape(c[1]), "/Condition?subject:Patient." + c[0] + "=" + url.QueryEscape(c[1]), "/Patient?_sort=" + p.Name} {
					if d := tw.tell(ws, ask{method: "GET", target: target}, 2); d != "" && told == "" {
						told = d
					}
				}
			}
		}
		if (told != "") != (off != nil) {
			t.Errorf("without %v: expected something to be told: %t, got %s", off, off != nil, told)
		}
	}
}
