package fhirmock

// kind is a resource type of this API and what one can search it by. It is the route table, and the
// CapabilityStatement is written from it.
type kind struct {
	name   string
	params []param
}

// param is a search parameter of its own, beside the general ones.
type param struct {
	name   string
	of     string // FHIR type: token or reference
	target string // of a reference: resource type
}

func tokenParam(name string) param             { return param{name, "token", ""} }
func referenceParam(name, target string) param { return param{name, "reference", target} }

// patientParams find the records of a patient, by id or (chained) by national identity number, which
// is how the national APIs are asked.
func patientParams(names ...string) []param {
	var out []param
	for _, n := range names {
		out = append(out, referenceParam(n, "Patient"), tokenParam(n+".identifier"))
	}
	return out
}

func with(patient []param, more ...string) []param {
	for _, name := range more {
		patient = append(patient, tokenParam(name))
	}
	return patient
}

// resources lists what the API serves.
var resources = []kind{
	{"Patient", []param{tokenParam("identifier"), tokenParam("gender"),
		referenceParam("general-practitioner", "Practitioner"), referenceParam("organization", "Organization")}},
	{"Practitioner", []param{tokenParam("identifier")}},
	{"Organization", []param{tokenParam("identifier")}},
	{"Observation", with(patientParams("patient", "subject"), "identifier", "category", "code", "status")},
	{"Condition", with(patientParams("patient", "subject"), "identifier", "category", "code", "clinical-status")},
	{"MedicationRequest", with(patientParams("patient", "subject"), "identifier", "category", "code", "status")},
	{"AllergyIntolerance", with(patientParams("patient"), "identifier", "category", "code", "clinical-status")},
	{"Encounter", append(with(patientParams("patient", "subject"), "identifier", "class", "status"),
		referenceParam("service-provider", "Organization"))},
	{"DocumentReference", with(patientParams("patient", "subject"), "identifier", "category", "type", "status")},
}

// kindNamed finds a kind that route has found to be served.
func kindNamed(name string) *kind {
	for i := range resources {
		if resources[i].name == name {
			return &resources[i]
		}
	}
	return nil
}

func (k *kind) param(name string) *param {
	for i := range k.params {
		if k.params[i].name == name {
			return &k.params[i]
		}
	}
	return nil
}
