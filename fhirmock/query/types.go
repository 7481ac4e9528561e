package query

import "slices"

// Types lists the resource types that are served. HL7's definitions know them all, so one is added by
// naming it here.
var Types = []string{
	"Patient", "Practitioner", "PractitionerRole", "Organization", "Location", "Encounter", "Condition", "Observation",
	"AllergyIntolerance", "MedicationRequest", "MedicationStatement", "Immunization", "Procedure", "DiagnosticReport",
	"DocumentReference", "Binary", "ServiceRequest", "Appointment", "CareTeam", "Consent", "AuditEvent", "Provenance", "Group", "Subscription",
}

// Served tells whether a resource type is served.
func Served(resourceType string) bool { return slices.Contains(Types, resourceType) }

// Documentation says for the CapabilityStatement which modifiers there are; it has no place to say it of each parameter.
const Documentation = "Search modifiers. All parameters but composite ones and near: :missing. string: :exact, :contains. " +
	"token: :not, :text; :of-type for identifiers; :in and :not-in with the value sets of R4's required bindings; :above and :below for system|code of " +
	"ICD-10, ICPC-2, ATC, media types, and of HL7's systems for the states of conditions, allergies, observations and reports, for intents and for provenance. " +
	"reference: :[type], :identifier; :above and :below where it leads to an Organization, Location or Encounter; :below for versions of a canonical reference. " +
	"uri: :above, :below, by segments of the path. Patient/[id]/[type] searches in a patient's compartment. Not offered: _text, _content, _list, _filter, _query, _contained other than false; a request that asks for them is refused, " +
	"or with Prefer: handling=lenient answered without."
