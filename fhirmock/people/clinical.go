package people

import "encoding/json"

// common is what the clinical resources share. The names of the references differ: subject in most,
// patient in AllergyIntolerance.
type common struct {
	owner      string
	nationalID string
}

// ownTerms are the ways to find any clinical record: its patient, and its own identifier.
func (c common) ownTerms(ids []identifier, params ...string) []term {
	out := termsOfIdentifiers(ids)
	for _, p := range params {
		out = append(out, term{p, "", "Patient/" + c.owner}, term{p + ".identifier", sysNationalID, c.nationalID})
	}
	return out
}

type conditionResource struct {
	head
	common             `json:"-"`
	Identifier         []identifier `json:"identifier"`
	ClinicalStatus     concept      `json:"clinicalStatus"`
	VerificationStatus concept      `json:"verificationStatus"`
	Category           []concept    `json:"category"`
	Code               concept      `json:"code"`
	Subject            reference    `json:"subject"`
	Encounter          *reference   `json:"encounter,omitempty"`
	OnsetDateTime      string       `json:"onsetDateTime"`
	RecordedDate       string       `json:"recordedDate"`
	Recorder           reference    `json:"recorder"`
}

func (r *conditionResource) summary() string { return "Condition: " + r.Code.Text }

func (r *conditionResource) terms() []term {
	out := append(r.ownTerms(r.Identifier, "patient", "subject"), termsOf("code", r.Code)...)
	out = append(out, termsOf("category", r.Category...)...)
	return append(out, termsOf("clinical-status", r.ClinicalStatus)...)
}

type medicationResource struct {
	head
	common                    `json:"-"`
	Identifier                []identifier `json:"identifier"`
	Status                    string       `json:"status"`
	Intent                    string       `json:"intent"`
	Category                  []concept    `json:"category"`
	MedicationCodeableConcept concept      `json:"medicationCodeableConcept"`
	Subject                   reference    `json:"subject"`
	AuthoredOn                string       `json:"authoredOn"`
	Requester                 reference    `json:"requester"`
	ReasonReference           []reference  `json:"reasonReference,omitempty"`
	DosageInstruction         []dosage     `json:"dosageInstruction"`
}

type dosage struct {
	Text string `json:"text"`
}

func (r *medicationResource) summary() string {
	return "Prescription: " + r.MedicationCodeableConcept.Text + ", " + r.DosageInstruction[0].Text
}

func (r *medicationResource) terms() []term {
	out := append(r.ownTerms(r.Identifier, "patient", "subject"), termsOf("code", r.MedicationCodeableConcept)...)
	out = append(out, termsOf("category", r.Category...)...)
	return append(out, term{"status", "http://hl7.org/fhir/CodeSystem/medicationrequest-status", r.Status})
}

type allergyResource struct {
	head
	common             `json:"-"`
	Identifier         []identifier `json:"identifier"`
	ClinicalStatus     concept      `json:"clinicalStatus"`
	VerificationStatus concept      `json:"verificationStatus"`
	Type               string       `json:"type"`
	Category           []string     `json:"category"`
	Criticality        string       `json:"criticality"`
	Code               concept      `json:"code"`
	Patient            reference    `json:"patient"`
	RecordedDate       string       `json:"recordedDate"`
	Recorder           reference    `json:"recorder"`
	Reaction           []reaction   `json:"reaction"`
}

type reaction struct {
	Manifestation []concept `json:"manifestation"`
	Severity      string    `json:"severity"`
}

func (r *allergyResource) summary() string {
	return "Allergy or intolerance: " + r.Code.Text + " (" + r.Reaction[0].Manifestation[0].Text + ")"
}

func (r *allergyResource) terms() []term {
	out := append(r.ownTerms(r.Identifier, "patient"), termsOf("code", r.Code)...)
	out = append(out, term{"category", "http://hl7.org/fhir/allergy-intolerance-category", r.Category[0]})
	return append(out, termsOf("clinical-status", r.ClinicalStatus)...)
}

type observationResource struct {
	head
	common            `json:"-"`
	Identifier        []identifier     `json:"identifier"`
	Status            string           `json:"status"`
	Category          []concept        `json:"category"`
	Code              concept          `json:"code"`
	Subject           reference        `json:"subject"`
	Encounter         reference        `json:"encounter"`
	EffectiveDateTime string           `json:"effectiveDateTime"`
	Performer         []reference      `json:"performer"`
	ValueQuantity     *quantity        `json:"valueQuantity,omitempty"`
	ReferenceRange    []referenceRange `json:"referenceRange,omitempty"`
	Component         []component      `json:"component,omitempty"`
}

type referenceRange struct {
	Low  *quantity `json:"low,omitempty"`
	High *quantity `json:"high,omitempty"`
}

type component struct {
	Code          concept  `json:"code"`
	ValueQuantity quantity `json:"valueQuantity"`
}

func (r *observationResource) summary() string {
	if r.ValueQuantity != nil {
		return r.Code.Text + ": " + r.ValueQuantity.Value.String() + " " + r.ValueQuantity.Unit
	}
	s := r.Code.Text + ":"
	for _, c := range r.Component {
		s += " " + c.ValueQuantity.Value.String()
	}
	return s + " " + r.Component[0].ValueQuantity.Unit
}

func (r *observationResource) terms() []term {
	out := append(r.ownTerms(r.Identifier, "patient", "subject"), termsOf("code", r.Code)...)
	out = append(out, termsOf("category", r.Category...)...)
	return append(out, term{"status", "http://hl7.org/fhir/observation-status", r.Status})
}

func ucum(value json.Number, unit, code string) quantity {
	return quantity{Value: value, Unit: unit, System: sysUCUM, Code: code}
}
