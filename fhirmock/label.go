package fhirmock

import (
	"slices"
	"strings"

	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// Some records are labelled as restricted, or very restricted (FHIR R4 security-labels, v3-Confidentiality), and
// are for fewer readers than the rest of a chart. Who is cleared for what:
//
//   - a patient for all about herself;
//   - a clinician who treats her for what is restricted, and her general practitioner for what is very restricted too;
//   - a clinician who has broken the glass for her (glass.go), for what is restricted;
//   - a token with the scope conf/R or conf/V, which is how the HEART profile of OpenID writes it: systems that act
//     in their own name have no other way.
//
// A label comes off by no write: what an update leaves out of it is carried over (interact, as FHIR has it for
// meta.security), so that whoever may change a record cannot make it an ordinary one. A record that somebody is
// not cleared for is not there for him: neither shown nor counted nor looked through, whatever he searches by.

// clearedFor judges whether the caller is cleared for a labelled record, by what he is about to do with it.
var (
	labelReadGuards   = []control.Guard[visit]{{Control: control.RSLabelRead, Check: checkClearance, Answer: noSuchRecord}}
	labelSearchGuards = []control.Guard[visit]{{Control: control.RSLabelSearch, Check: checkClearance, Answer: noSuchRecord}}
	labelWriteGuards  = []control.Guard[visit]{{Control: control.RSLabelWrite, Check: checkClearance, Answer: noSuchRecord}}
)

var labelGuards = [manyWays][]control.Guard[visit]{
	reading: labelReadGuards, olding: labelReadGuards, gathering: labelReadGuards, exporting: labelReadGuards, graphing: labelReadGuards,
	finding: labelSearchGuards, paging: labelSearchGuards, counting: labelSearchGuards, including: labelSearchGuards, revIncluding: labelSearchGuards,
	notifying: labelSearchGuards, chaining: labelSearchGuards, referring: labelSearchGuards, conditioning: labelSearchGuards,
	writing: labelWriteGuards,
}

// labelConcern is a question of clearance: it has one answer a request.
type labelConcern struct {
	concern
	label byte
}

// clears asks about a record that is labelled. Most are not, and cost nothing here.
func (d *door) clears(w way, r *store.Record) error {
	if r.Confidentiality == store.Ordinary {
		return nil
	}
	patient := ""
	if len(r.Patients) > 0 {
		patient = r.Patients[0] // whose record it is; where there are several, each has been asked about as a patient
	}
	c := labelConcern{concern{way: w, patient: patient}, r.Confidentiality}
	err, asked := d.labels[c]
	if !asked {
		d.v.patient, d.v.label = patient, r.Confidentiality
		err = party.Enforce(d.ctx, d.v.api.Party, d.v, labelGuards[w])
		if d.labels == nil {
			d.labels = map[labelConcern]error{}
		}
		d.labels[c] = err
	}
	return err
}

// checkClearance: FHIR R4 security-labels; HEART FHIR scopes s3.
func checkClearance(v *visit) (string, error) {
	for s := range strings.FieldsSeq(string(v.claims.Scope)) {
		if s == "conf/V" || s == "conf/R" && v.label == store.Restricted {
			return s, nil
		}
	}
	switch caller := v.caller(); {
	case caller.Patient != "" && caller.Patient == v.patient:
		return "the patient herself", nil
	case v.label == store.Restricted && v.door.broken[v.patient]:
		return "the glass is broken", nil
	case caller.Practitioner == "":
	case v.label == store.Restricted && v.treats(v.patient), v.generalPractitioner(caller.Practitioner):
		return "treats her", nil
	}
	return string(v.label), control.ExpectedFix("clearance", "one for v3-Confidentiality "+string(v.label), quoted(v.claims.Subject)+" with "+quoted(string(v.claims.Scope)),
		"ask for a token with the scope conf/"+string(v.label))
}

// generalPractitioner tells whether the patient's record names a practitioner as hers.
func (v *visit) generalPractitioner(id string) bool {
	found := v.api.Records.View().Get("Patient", v.patient)
	if found == nil {
		return false
	}
	r, _ := found.Open(insider{}, store.AsRead)
	return slices.Contains(r.References("general-practitioner"), "Practitioner/"+id)
}
