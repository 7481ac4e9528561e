package people

import "encoding/json"

type conditionResource struct {
	head
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

type medicationResource struct {
	head
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

type allergyResource struct {
	head
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

type observationResource struct {
	head
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

func ucum(value json.Number, unit, code string) quantity {
	return quantity{Value: value, Unit: unit, System: sysUCUM, Code: code}
}
