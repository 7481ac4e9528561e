package people

import (
	"strconv"
	"time"
)

// What is done about it: diagnoses and prescriptions, procedures, notes, vaccinations, and what is agreed on.

func (l *life) encounter(a *ailment, when time.Time, class, doctor, place string, length time.Duration) string {
	return l.write("Encounter", shape{About: a.icpc, Of: class}, when, func() (string, o) {
		return "Contact on " + day(when) + ": " + a.text, o{"status", "finished", "class", o{"system", sysHL7 + "v3-ActCode", "code", class},
			"subject", l.self(), "participant", list{o{"individual", ref("Practitioner/" + doctor)}},
			"period", o{"start", instant(when), "end", instant(when.Add(length))}, "reasonCode", list{codeText(sysICPC, a.icpc, a.text)},
			"serviceProvider", ref("Organization/" + place)}
	})
}

// diagnose writes the condition, and the medication that follows it.
func (l *life) diagnose(ill *illness, when time.Time, encounter string) {
	status, category, course := "resolved", "encounter-diagnosis", "completed"
	if ill.lasting {
		status, category, course = "active", "problem-list-item", "active"
	}
	onset := ill.since
	if onset.After(when) {
		onset = when
	}
	like := shape{About: ill.icpc, Days: daysBetween(onset, when)}
	if encounter != "" {
		like.Of = "contact"
	}
	ill.condition = l.write("Condition", like, when, func() (string, o) {
		body := o{"clinicalStatus", hl7("condition-clinical", status), "verificationStatus", hl7("condition-ver-status", "confirmed"),
			"category", list{hl7("condition-category", category)},
			"code", o{"coding", list{o{"system", sysICPC, "code", ill.icpc}, o{"system", sysICD10, "code", ill.icd}}, "text", ill.text}, "subject", l.self()}
		if encounter != "" {
			body = append(body, "encounter", ref(encounter))
		}
		body = append(body, "onsetDateTime", day(onset))
		if !ill.lasting {
			body = append(body, "abatementDateTime", day(when.AddDate(0, 0, 1)))
		}
		return "Condition: " + ill.text, append(body, "recordedDate", instant(when), "recorder", l.doctor())
	})
	drug := func() o { return codeText(sysATC, ill.drug.atc, ill.drug.text) }
	like = shape{About: ill.icpc}
	l.write("MedicationRequest", like, when, func() (string, o) {
		return "Prescription: " + ill.drug.text + ", " + ill.drug.dose, o{"status", course, "intent", "order",
			"category", list{hl7("medicationrequest-category", "community")}, "medicationCodeableConcept", drug(), "subject", l.self(),
			"authoredOn", instant(when), "requester", l.doctor(), "reasonReference", list{ref(ill.condition)},
			"dosageInstruction", list{o{"text", ill.drug.dose}}}
	})
	if ill.lasting {
		l.write("MedicationStatement", like, when, func() (string, o) {
			return "Takes " + ill.drug.text, o{"status", "active", "medicationCodeableConcept", drug(), "subject", l.self(),
				"effectivePeriod", o{"start", day(when)}, "dateAsserted", instant(when), "informationSource", l.self(), "reasonReference", list{ref(ill.condition)}}
		})
	}
}

func daysBetween(from, to time.Time) int {
	const day = 24 * time.Hour
	return int(to.Truncate(day).Sub(from.Truncate(day)) / day)
}

// examinations are the procedures that go with an illness, by its ICPC-2 code.
var examinations = map[string][2]string{"R96": {"127783003", "Spirometry"}, "R95": {"127783003", "Spirometry"}, "K78": {"29303009", "Electrocardiographic procedure"},
	"K86": {"29303009", "Electrocardiographic procedure"}, "T90": {"134395001", "Diabetic retinopathy screening"}, "F93": {"164729009", "Tonometry"}}

func (l *life) procedures(ill *illness, when time.Time, encounter string) {
	what, ok := examinations[ill.icpc]
	if !ok || l.dice.IntN(2) == 0 {
		return
	}
	l.write("Procedure", shape{About: ill.icpc}, when, func() (string, o) {
		return "Procedure: " + what[1], o{"status", "completed", "code", codeText(sysSNOMED, what[0], what[1]),
			"subject", l.self(), "encounter", ref(encounter), "performedDateTime", instant(when),
			"performer", list{o{"actor", l.doctor()}}, "reasonReference", list{ref(ill.condition)}}
	})
}

// note is a document, whose text is a Binary, and the Provenance that says who wrote it.
func (l *life) note(k docKind, a *ailment, when time.Time, encounter, author, custodian string) {
	text := k.title + " for an invented patient.\n\nReason for contact: " + a.text + ".\nTreatment: " + a.drug.text + ", " + a.drug.dose + ".\n"
	like := shape{About: a.icpc, Of: k.code}
	file := l.write("Binary", like, when, func() (string, o) {
		return "", o{"contentType", "text/plain; charset=utf-8", "securityContext", l.self(), "data", encoded(endingInCanary(text))}
	})
	doc := l.write("DocumentReference", like, when, func() (string, o) {
		return k.title + ": " + a.text, o{"status", "current", "docStatus", "final",
			"type", o{"coding", list{o{"system", sysDocument, "code", k.code, "display", k.display}, o{"system", sysLOINC, "code", k.loinc}}, "text", k.title},
			"category", list{code(sysDocument, k.class)}, "subject", l.self(), "date", instant(when), "author", list{ref("Practitioner/" + author)},
			"custodian", ref("Organization/" + custodian),
			"content", list{o{"attachment", o{"contentType", "text/plain; charset=utf-8", "language", "en", "url", file,
				"title", k.title + ": " + a.text, "creation", instant(when)}}},
			"context", o{"encounter", list{ref(encounter)}}}
	})
	l.write("Provenance", like, when, func() (string, o) {
		return "Who wrote " + k.title, o{"target", list{ref(doc), l.self()}, "recorded", instant(when),
			"activity", hl7("v3-DataOperation", "CREATE"), "agent", list{o{"type", hl7("provenance-participant-type", "author"), "who", ref("Practitioner/" + author)}}}
	})
}

type vaccine struct {
	atc, text string
	months    int // of age
}

var childVaccines = []vaccine{{"J07BH01", "rotavirus vaccine", 2}, {"J07CA09", "hexavalent vaccine", 3}, {"J07AL02", "pneumococcal vaccine", 3},
	{"J07CA09", "hexavalent vaccine", 5}, {"J07CA09", "hexavalent vaccine", 12}, {"J07BD52", "measles, mumps and rubella vaccine", 15}, {"J07BM03", "papillomavirus vaccine", 150}}

// childhood writes the vaccinations of children, and those of the old against influenza.
func (l *life) childhood() {
	for i := range childVaccines {
		v := &childVaccines[i]
		if when := l.soul.birth().AddDate(0, v.months, l.dice.IntN(20)); when.Before(l.now) && l.ageAt(l.now) < 25 {
			l.vaccinate(v, l.hour(when))
		}
	}
	for year := 3; year >= 1; year-- {
		when := time.Date(l.now.Year()-year, 10, 1+l.dice.IntN(28), 0, 0, 0, 0, time.UTC)
		if l.ageAt(when) >= 65 && l.dice.IntN(3) > 0 {
			l.vaccinate(&vaccine{"J07BB02", "influenza vaccine", 0}, l.hour(when))
		}
	}
}

func (l *life) vaccinate(v *vaccine, when time.Time) {
	l.write("Immunization", shape{About: v.atc}, when, func() (string, o) {
		return "Vaccination: " + v.text, o{"status", "completed", "vaccineCode", codeText(sysATC, v.atc, v.text),
			"patient", l.self(), "occurrenceDateTime", instant(when), "primarySource", true, "performer", list{o{"actor", l.doctor()}}}
	})
}

func (l *life) allergic() {
	if l.dice.IntN(4) > 0 {
		return
	}
	a, when := pick(l.dice, allergens), l.hour(l.now.AddDate(-l.dice.IntN(5), 0, -l.dice.IntN(300)))
	criticality, severity := "low", "mild"
	if a.severe {
		criticality, severity = "high", "severe"
	}
	l.write("AllergyIntolerance", shape{About: a.code}, when, func() (string, o) {
		return "Allergy or intolerance: " + a.text, o{"clinicalStatus", hl7("allergyintolerance-clinical", "active"),
			"verificationStatus", hl7("allergyintolerance-verification", "confirmed"), "type", a.kind, "category", list{a.category}, "criticality", criticality,
			"code", codeText(a.system, a.code, a.text), "patient", l.self(), "recordedDate", instant(when), "recorder", l.doctor(),
			"reaction", list{o{"manifestation", list{codeText(a.sign.System, a.sign.Code, a.sign.Display)}, "severity", severity}}}
	})
}

// arrangements are what concerns the days to come, and who may do what.
func (l *life) arrangements(last time.Time) {
	if l.t.atHospital(l.n) {
		l.admission()
	}
	if len(l.ills) > 0 {
		begin := l.now.AddDate(0, 0, 7+l.dice.IntN(180)).Add(time.Duration(8+l.dice.IntN(7)) * time.Hour)
		l.write("Appointment", shape{}, begin, func() (string, o) {
			return "Appointment on " + day(begin), o{"status", "booked", "description", "Check-up: " + l.ills[0].text,
				"start", instant(begin), "end", instant(begin.Add(20 * time.Minute)), "created", instant(last), "participant", list{
					o{"actor", l.self(), "status", "accepted"}, o{"actor", l.doctor(), "status", "accepted"},
					o{"actor", ref("Location/" + l.patient.Clinic), "status", "accepted"}}}
		})
	}
	if len(l.ills) > 1 {
		l.write("CareTeam", shape{}, last, func() (string, o) {
			return "Care team", o{"status", "active", "name", "Care of " + l.patient.Name, "subject", l.self(),
				"participant", list{o{"role", list{codeText(sysSNOMED, "59058001", "General physician")}, "member", l.doctor(), "onBehalfOf", ref("Organization/" + l.patient.Clinic)}}}
		})
	}
	l.write("Consent", shape{}, last, func() (string, o) {
		return "Agreed to treatment across organisations", o{"status", "active", "scope", hl7("consentscope", "patient-privacy"),
			"category", list{code(sysLOINC, "59284-0")}, "patient", l.self(), "dateTime", instant(last), "organization", list{ref("Organization/" + l.patient.Clinic)},
			"policyRule", hl7("v3-ActCode", "OPTIN"), "provision", o{"type", "permit", "purpose", list{o{"system", sysHL7 + "v3-ActReason", "code", "TREAT"}}}}
	})
	l.write("AuditEvent", shape{}, last, func() (string, o) {
		return "Record read on " + day(last), o{
			"type", o{"system", sysHL7 + "audit-event-type", "code", "rest"}, "action", "R", "recorded", instant(last), "outcome", "0",
			"agent", list{o{"who", l.doctor(), "requestor", true}}, "source", o{"observer", ref("Organization/" + l.patient.Clinic)},
			"entity", list{o{"what", l.self(), "role", o{"system", sysHL7 + "object-role", "code", strconv.Itoa(1)}}}}
	})
}

// admission is a stay at the hospital, with a discharge summary.
func (l *life) admission() {
	when := l.hour(l.now.AddDate(0, 0, -10-l.dice.IntN(600)))
	ill := l.passing(when)
	l.labels = ill.labels()
	defer func() { l.labels = nil }()
	doctor := hospitalDoctor(l.n)
	encounter := l.encounter(ill.ailment, when, "IMP", doctor, HospitalID, 3*24*time.Hour)
	l.note(docDischarge, ill.ailment, when.Add(3*24*time.Hour), encounter, doctor, HospitalID)
}
