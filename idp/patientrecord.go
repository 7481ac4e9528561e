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
// identifier is the id of the patient; datatypes are FHIR resource types, all of them if it is left out.
func PatientRecord() DetailType {
	return DetailType{Name: "patient_record", Read: readPatientRecord, Describe: describePatientRecord}
}

type patientRecord struct {
	Type       string   `json:"type"`
	Identifier string   `json:"identifier"`
	Actions    []string `json:"actions"`
	DataTypes  []string `json:"datatypes"`
}

func readPatientRecord(_ *Client, text json.RawMessage) error {
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
	return nil
}

func describePatientRecord(text json.RawMessage) string {
	var p patientRecord
	_ = json.Unmarshal(text, &p) // which was read before
	what := "every kind of record"
	if len(p.DataTypes) > 0 {
		what = strings.Join(p.DataTypes, ", ")
	}
	return "read " + what + " of patient " + p.Identifier
}
