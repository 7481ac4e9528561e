package people

import "time"

// A record is one patient's, and speaks of others: what an old woman takes has been told by her daughter, who gives it to
// her, and stands in the mother's record with whoever told it (MedicationStatement.informationSource). The daughter is a
// patient of the same clinic, and none of the hospital's, where the mother has been: whoever treats both may follow the
// reference, and whoever treats the mother may not.

// carers are who cares for whom, of the forty: a daughter for her mother.
var carers = map[string]string{"p03": "p02"}

var insulin = drug{"A10AE04", "insulin glargine solution for injection", "12 units every evening"}

type statementResource struct {
	head
	Identifier                []identifier `json:"identifier"`
	Status                    string       `json:"status"`
	MedicationCodeableConcept concept      `json:"medicationCodeableConcept"`
	Subject                   reference    `json:"subject"`
	EffectivePeriod           period       `json:"effectivePeriod"`
	DateAsserted              string       `json:"dateAsserted"`
	InformationSource         reference    `json:"informationSource"`
	Dosage                    []dosage     `json:"dosage"`
}

func (r *statementResource) summary() string { return "Takes " + r.MedicationCodeableConcept.Text }

// told writes what a carer has told of. It rolls no dice.
func (w *writer) told(carer string, visit time.Time) {
	when := visit.AddDate(0, 0, 3)
	h, id := w.begin("MedicationStatement", "use", when)
	w.out = append(w.out, &statementResource{
		head: h, Identifier: id, Status: "active",
		MedicationCodeableConcept: concept{Coding: []coding{{System: sysATC, Code: insulin.atc}}, Text: insulin.text},
		Subject:                   w.subject(), EffectivePeriod: period{Start: day(visit)}, DateAsserted: instant(when),
		InformationSource: to("Patient", carer), Dosage: []dosage{{Text: insulin.dose}},
	})
}
