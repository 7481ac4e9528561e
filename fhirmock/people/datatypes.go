package people

import (
	"encoding/json"
	"time"
)

// The FHIR datatypes in use, with the elements in use. Empty elements are left out: FHIR JSON allows
// neither empty strings nor empty arrays.

type coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display,omitempty"`
}

type concept struct {
	Coding []coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

type reference struct {
	Reference string `json:"reference"`
	Display   string `json:"display,omitempty"`
}

type identifier struct {
	Use    string `json:"use,omitempty"`
	System string `json:"system"`
	Value  string `json:"value"`
}

type humanName struct {
	Use    string   `json:"use"`
	Family string   `json:"family"`
	Given  []string `json:"given"`
}

type address struct {
	Use     string   `json:"use,omitempty"`
	Line    []string `json:"line,omitempty"`
	City    string   `json:"city"`
	Country string   `json:"country"`
}

type quantity struct {
	Value  json.Number `json:"value"` // decimals keep the precision they were measured with
	Unit   string      `json:"unit"`
	System string      `json:"system"`
	Code   string      `json:"code"`
}

type period struct {
	Start string `json:"start"`
	End   string `json:"end,omitempty"`
}

// Code systems.
const (
	sysNationalID   = "urn:oid:2.16.578.1.12.4.1.4.1"
	sysHPR          = "urn:oid:2.16.578.1.12.4.1.4.4"
	sysOrganisation = "urn:oid:2.16.578.1.12.4.1.4.101"
	sysProfession   = "urn:oid:2.16.578.1.12.4.1.1.9060"
	sysDocument     = "urn:oid:2.16.578.1.12.4.1.1.9602"
	sysRecord       = "https://thiefbox.test/fhir/NamingSystem/record" // our own, for the business identifier of a record

	sysICPC   = "http://hl7.org/fhir/sid/icpc-2"
	sysICD10  = "http://hl7.org/fhir/sid/icd-10"
	sysATC    = "http://www.whocc.no/atc"
	sysLOINC  = "http://loinc.org"
	sysUCUM   = "http://unitsofmeasure.org"
	sysSNOMED = "http://snomed.info/sct"
	sysHL7    = "http://terminology.hl7.org/CodeSystem/" // and the name of the code system

	profileNorwegian = "http://hl7.no/fhir/StructureDefinition/no-basis-"
)

// coded makes a concept of one HL7 code, whose display nobody needs.
func coded(system, code string) concept {
	return concept{Coding: []coding{{System: sysHL7 + system, Code: code}}}
}

func to(resourceType, id string) reference { return reference{Reference: resourceType + "/" + id} }

// day and instant write a FHIR date and dateTime.
func day(t time.Time) string     { return t.Format(time.DateOnly) }
func instant(t time.Time) string { return t.Format(time.RFC3339) }
