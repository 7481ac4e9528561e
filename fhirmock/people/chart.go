package people

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/dice"
)

// writer writes the chart of one patient, in the order in which things happened to him.
type writer struct {
	patient *Patient
	dice    *dice.Dice
	age     int
	out     []resource
	counts  map[string]int
	labels  []coding // of what is being written
	scans   []*Record
}

// chart writes everything that stands about a patient, the patient himself first, and what is scanned.
func chart(p *Patient) ([]resource, []*Record) {
	w := &writer{
		patient: p, dice: dice.New(seed).Fork("chart " + p.ID), counts: map[string]int{},
		age: int(clock.Epoch.Sub(p.born()).Hours() / 24 / 365.25),
	}
	w.out = append(w.out, patientRecord(p))
	ails := w.pickAilments(3)
	var first time.Time
	for i, a := range ails {
		if when := w.visit(a); i == 0 {
			first = when
		}
	}
	w.allergies()
	if atHospital(p.number()) {
		w.admission()
	}
	if hasHIV(p.number()) && w.age >= hiv.from {
		w.visit(hiv)
	}
	if carer := carers[p.ID]; carer != "" {
		w.told(carer, first)
	}
	if onPaper(p.number()) {
		w.letter(ails[0], first)
	}
	return w.out, w.scans
}

// pickAilments draws different ailments that fit the patient's age.
func (w *writer) pickAilments(n int) []ailment {
	var fit []ailment
	for _, a := range ailments {
		if w.age >= a.from && w.age <= a.to {
			fit = append(fit, a)
		}
	}
	var out []ailment
	for ; n > 0 && len(fit) > 0; n-- {
		i := w.dice.IntN(len(fit))
		out = append(out, fit[i])
		fit = append(fit[:i:i], fit[i+1:]...)
	}
	return out
}

// visit is a consultation at the general practitioner's: an encounter, a diagnosis, a prescription, a
// measurement or two, and a note. It tells when.
func (w *writer) visit(a ailment) time.Time {
	w.labels = a.labels()
	defer func() { w.labels = nil }()
	when := w.moment()
	encounter := w.encounter(a, when, "AMB", w.patient.GP, w.patient.Clinic, 20*time.Minute)
	condition := w.condition(a, when, encounter)
	w.prescription(a, when, condition)
	w.vitals(when, encounter)
	w.laboratory(when, encounter)
	w.document(docNote, a, when, encounter, w.patient.GP, w.patient.Clinic)
	return when
}

// admission is a stay at the hospital, with a discharge summary.
func (w *writer) admission() {
	a := w.pickAilments(1)[0]
	w.labels = a.labels()
	defer func() { w.labels = nil }()
	doctor := hospitalDoctor(w.patient.number())
	when := w.moment()
	encounter := w.encounter(a, when, "IMP", doctor, HospitalID, 3*24*time.Hour)
	w.document(docDischarge, a, when.Add(3*24*time.Hour), encounter, doctor, HospitalID)
}

// moment is some working hour of the last two years, but not before the patient was three weeks old.
func (w *writer) moment() time.Time {
	most := 720
	if alive := int(clock.Epoch.Sub(w.patient.born()).Hours()/24) - 21; alive < most {
		most = alive
	}
	back := w.dice.IntN(most) + 7
	return clock.Epoch.Truncate(24*time.Hour).AddDate(0, 0, -back).Add(time.Duration(8*60+w.dice.IntN(7*60)) * time.Minute)
}

// begin names the next record of a kind and gives it what all clinical resources have.
func (w *writer) begin(resourceType, prefix string, when time.Time) (head, []identifier) {
	w.counts[prefix]++
	id := fmt.Sprintf("%s-%s-%d", prefix, w.patient.ID, w.counts[prefix])
	h := newHead(resourceType, id, when)
	h.Meta.Security = append(h.Meta.Security, w.labels...)
	return h, []identifier{{System: sysRecord, Value: id}}
}

func (w *writer) subject() reference { return to("Patient", w.patient.ID) }

func (w *writer) encounter(a ailment, when time.Time, class, doctor, place string, length time.Duration) reference {
	h, id := w.begin("Encounter", "enc", when)
	w.out = append(w.out, &encounterResource{
		head: h, Identifier: id, Status: "finished",
		Class:           coding{System: sysHL7 + "v3-ActCode", Code: class},
		Subject:         w.subject(),
		Participant:     []participant{{Individual: to("Practitioner", doctor)}},
		Period:          period{Start: instant(when), End: instant(when.Add(length))},
		ReasonCode:      []concept{{Coding: []coding{{System: sysICPC, Code: a.icpc}}, Text: a.text}},
		ServiceProvider: to("Organization", place),
	})
	return to("Encounter", h.ID)
}

func (w *writer) condition(a ailment, when time.Time, encounter reference) reference {
	h, id := w.begin("Condition", "cond", when)
	status := "resolved"
	if a.lasting {
		status = "active"
	}
	onset := when.AddDate(0, 0, -w.dice.IntN(20)-1)
	r := &conditionResource{
		head: h, Identifier: id,
		ClinicalStatus:     coded("condition-clinical", status),
		VerificationStatus: coded("condition-ver-status", "confirmed"),
		Category:           []concept{coded("condition-category", "encounter-diagnosis")},
		Code:               concept{Coding: []coding{{System: sysICPC, Code: a.icpc}, {System: sysICD10, Code: a.icd}}, Text: a.text},
		Subject:            w.subject(), Encounter: &encounter,
		OnsetDateTime: day(onset), RecordedDate: instant(when), Recorder: to("Practitioner", w.patient.GP),
	}
	if a.lasting {
		r.Category = []concept{coded("condition-category", "problem-list-item")}
	}
	w.out = append(w.out, r)
	return to("Condition", h.ID)
}

func (w *writer) prescription(a ailment, when time.Time, reason reference) {
	h, id := w.begin("MedicationRequest", "med", when)
	status := "completed"
	if a.lasting {
		status = "active"
	}
	w.out = append(w.out, &medicationResource{
		head: h, Identifier: id, Status: status, Intent: "order",
		Category:                  []concept{coded("medicationrequest-category", "community")},
		MedicationCodeableConcept: concept{Coding: []coding{{System: sysATC, Code: a.drug.atc}}, Text: a.drug.text},
		Subject:                   w.subject(), AuthoredOn: instant(when), Requester: to("Practitioner", w.patient.GP),
		ReasonReference:   []reference{reason},
		DosageInstruction: []dosage{{Text: a.drug.dose}},
	})
}

// allergies writes two.
func (w *writer) allergies() {
	first := w.dice.IntN(len(allergens))
	second := (first + 1 + w.dice.IntN(len(allergens)-1)) % len(allergens)
	for _, i := range []int{first, second} {
		a, when := allergens[i], w.moment()
		h, id := w.begin("AllergyIntolerance", "alg", when)
		criticality, severity := "low", "mild"
		if a.severe {
			criticality, severity = "high", "severe"
		}
		w.out = append(w.out, &allergyResource{
			head: h, Identifier: id,
			ClinicalStatus:     coded("allergyintolerance-clinical", "active"),
			VerificationStatus: coded("allergyintolerance-verification", "confirmed"),
			Type:               a.kind, Category: []string{a.category}, Criticality: criticality,
			Code:    concept{Coding: []coding{{System: a.system, Code: a.code}}, Text: a.text},
			Patient: w.subject(), RecordedDate: instant(when), Recorder: to("Practitioner", w.patient.GP),
			Reaction: []reaction{{Manifestation: []concept{{Coding: []coding{a.sign}, Text: a.sign.Display}}, Severity: severity}},
		})
	}
}

// docKind is a kind of document: its code and class in the national code system, its LOINC code.
type docKind struct{ code, display, class, loinc, title string }

var (
	docNote      = docKind{"B02-2", "Journalnotat", "B00-1", "11488-4", "Consultation note"}
	docDischarge = docKind{"A03-2", "Epikrise", "A00-1", "18842-5", "Discharge summary"}
)

func (w *writer) document(k docKind, a ailment, when time.Time, encounter reference, author, custodian string) {
	h, id := w.begin("DocumentReference", "doc", when)
	text := k.title + " for an invented patient.\n\nReason for contact: " + a.text + ".\nTreatment: " + a.drug.text + ", " + a.drug.dose + ".\n"
	w.out = append(w.out, &documentResource{
		head: h, Identifier: id, Status: "current", DocStatus: "final",
		Type:     concept{Coding: []coding{{System: sysDocument, Code: k.code, Display: k.display}, {System: sysLOINC, Code: k.loinc}}, Text: k.title},
		Category: []concept{{Coding: []coding{{System: sysDocument, Code: k.class}}}},
		Subject:  w.subject(), Date: instant(when), Author: []reference{to("Practitioner", author)}, Custodian: to("Organization", custodian),
		Content: []documentPart{{Attachment: attachment{
			ContentType: "text/plain; charset=utf-8", Language: "en", Title: k.title + ": " + a.text,
			Data: base64.StdEncoding.EncodeToString([]byte(text)), Creation: instant(when),
		}}},
		Context: &documentContext{Encounter: []reference{encounter}},
	})
}

// number draws a value from a range, with so many decimals.
func (w *writer) number(low, high float64, decimals int) json.Number {
	const grain = 1000
	v := low + (high-low)*float64(w.dice.IntN(grain+1))/grain
	return json.Number(strconv.FormatFloat(v, 'f', decimals, 64))
}
