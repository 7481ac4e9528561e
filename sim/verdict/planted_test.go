package verdict

import (
	"testing"

	"thiefbox/sim/event"
)

func written(sub, client, mark string, patients ...string) event.Written {
	w := event.Written{Interaction: "create", Resource: "AllergyIntolerance/a", Version: 1, Patients: patients, Subject: sub, Client: client}
	if mark != "" {
		w.Marks = []string{mark}
	}
	return w
}

func TestPlanted(t *testing.T) {
	const his, hers = "mark-thief", "mark-berg"
	for _, tt := range []struct {
		name  string
		from  string
		body  event.Written
		facts []FactKind
	}{
		{"his words in a stranger's record", "mallory", written("dr-mallory", "mallory-app", his, "p01"), []FactKind{Planted}},
		{"in two strangers' records", "mallory", written("dr-mallory", "mallory-app", his, "p01", "p02"), []FactKind{Planted, Planted}},
		{"in the record of a patient of his", "mallory", written("dr-mallory", "mallory-app", his, "p09"), nil},
		{"in nobody's record", "mallory", written("dr-mallory", "mallory-app", his), nil},
		{"his words, stored by an honest system", "ehr", written("dr-berg", "ehr-web", his, "p01"), []FactKind{Planted}},
		{"another's words", "ehr", written("dr-berg", "ehr-web", hers, "p01"), nil},
		{"no words of anybody's, in his own name", "mallory", written("dr-mallory", "mallory-app", "", "p01"), nil},
		{"a mark that nobody writes", "mallory", written("dr-mallory", "mallory-app", "mark-unknown", "p01"), nil},
		{"written in another's name", "mallory", written("dr-berg", "ehr-web", "", "p01"), []FactKind{Acted}},
		{"written in another's name, his own patient", "mallory", written("dr-berg", "ehr-web", "", "p09"), []FactKind{Acted}},
		{"both", "mallory", written("dr-berg", "ehr-web", his, "p01"), []FactKind{Acted, Planted}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			marks := event.Protected{Marks: map[string]string{his: "mallory", hers: "berg"}}
			s := attacked()
			s.tell(0, marks)
			s.get(tt.from, "fhir", fhirURL, 200, tt.body)
			wantFacts(t, s.end(), tt.facts...)

			before := opening()
			before.tell(0, marks)
			before.get(tt.from, "fhir", fhirURL, 200, tt.body)
			before.attack()
			wantFacts(t, before.end())
		})
	}
}
