package query

import "slices"

// Types lists the resource types that are served. HL7's definitions know them all, so one is added by
// naming it here.
var Types = []string{
	"Patient", "Practitioner", "PractitionerRole", "Organization", "Location", "Encounter", "Condition", "Observation",
	"AllergyIntolerance", "MedicationRequest", "MedicationStatement", "Immunization", "Procedure", "DiagnosticReport",
	"DocumentReference", "Binary", "ServiceRequest", "Appointment", "CareTeam", "Consent", "AuditEvent", "Provenance", "Group",
}

// Served tells whether a resource type is served.
func Served(resourceType string) bool { return slices.Contains(Types, resourceType) }
