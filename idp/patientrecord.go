package idp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// PatientRecord is the type of authorization detail that the FHIR API here understands: one patient's record, to be
// read, and no other's.
//
//	{"type":"patient_record","identifier":"pat-001","actions":["read"],"datatypes":["Observation"]}
//
// identifier is the id of the patient; datatypes are FHIR resource types, all of them if it is left out. elements, which
// no standard has yet, are those of the top level of a type, as FHIR's _elements names them, for who needs a name and
// not the chart: ["Patient.name","Patient.telecom"]. Of types that none is named of they are all. A client can be
// registered for some elements alone (Client.RecordElements).
func PatientRecord() DetailType {
	return DetailType{Name: "patient_record", Read: readPatientRecord, Describe: describePatientRecord}
}

type patientRecord struct {
	Type       string   `json:"type"`
	Identifier string   `json:"identifier"`
	Actions    []string `json:"actions"`
	DataTypes  []string `json:"datatypes"`
	Elements   []string `json:"elements"`
}

func readPatientRecord(c *Client, text json.RawMessage) error {
	var p patientRecord
	if err := strictly(text, &p); err != nil {
		return err
	}
	if p.Identifier == "" {
		return fmt.Errorf("expected the identifier of a patient, got none")
	}
	if len(p.Actions) != 1 || p.Actions[0] != "read" {
		return fmt.Errorf(`expected actions to be ["read"], got %q`, p.Actions)
	}
	if slices.Contains(p.DataTypes, "") {
		return fmt.Errorf("expected datatypes to be FHIR resource types, got %q", p.DataTypes)
	}
	return p.readElements(c.RecordElements)
}

// ValidateElements tells what is wrong with names of elements: each is a type's, of its top level.
func ValidateElements(elements []string) error {
	for _, e := range elements {
		if resourceType, name, _ := strings.Cut(e, "."); resourceType == "" || name == "" || strings.Contains(name, ".") {
			return fmt.Errorf(`expected elements such as "Patient.name", got %q`, e)
		}
	}
	return nil
}

// readElements holds elements against the types, and against those that the client is registered for; none for all.
func (p *patientRecord) readElements(registered []string) error {
	if p.Elements != nil && len(p.Elements) == 0 {
		return fmt.Errorf("expected elements to name some, or to be left out for all, got none")
	}
	if err := ValidateElements(p.Elements); err != nil {
		return err
	}
	of := map[string]bool{}
	for _, e := range p.Elements {
		resourceType, _, _ := strings.Cut(e, ".")
		if !slices.Contains(p.DataTypes, resourceType) {
			return fmt.Errorf("expected elements of types in datatypes, %q, got %q", p.DataTypes, e)
		}
		if len(registered) > 0 && !slices.Contains(registered, e) {
			return fmt.Errorf("expected elements that the client is registered for, among %q, got %q", registered, e)
		}
		of[resourceType] = true
	}
	if len(registered) == 0 {
		return nil
	}
	if len(p.DataTypes) == 0 {
		return fmt.Errorf("expected datatypes and elements of a client that is registered for %q alone, got every type", registered)
	}
	for _, t := range p.DataTypes {
		if !of[t] {
			return fmt.Errorf("expected elements of each type of a client that is registered for %q alone, got all of %q", registered, t)
		}
	}
	return nil
}

func describePatientRecord(text json.RawMessage) string {
	var p patientRecord
	_ = json.Unmarshal(text, &p) // which was read before
	what := "every kind of record"
	if len(p.DataTypes) > 0 {
		what = strings.Join(p.DataTypes, ", ")
	}
	if len(p.Elements) > 0 {
		what += " (" + strings.Join(p.Elements, ", ") + ")"
	}
	return "read " + what + " of patient " + p.Identifier
}
