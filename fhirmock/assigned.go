package fhirmock

import (
	"net/http"
	"slices"
	"strings"

	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// Two properties of a record decide who may open others: a patient's general practitioner, who is cleared for what is very
// restricted in her chart (label.go), and her managing organization; of a patient who was entered later they decide
// who treats her at all. Many may write in a patient's record. Who treats her is for whoever is responsible to say: the
// general practitioner who stands there, who hands her on, or the organization that manages the record, in its own
// name. Where the record names nobody, whoever treats her may fill it in.
//
// What else is stored and could decide does not: labels are carried over (interact), whose a record is must be the
// caller's before and after a write, the members of a group are each asked about when it is exported, and
// care teams, visits and launches open nothing.

// assignedGuards judge a new version of a patient's record, after all that asks whether he may write one.
var assignedGuards = []control.Guard[visit]{
	{Control: control.RSAssignedProperties, Check: checkAssigned, Answer: control.Answer{Status: http.StatusForbidden, Code: "forbidden",
		Safe: "who treats a patient is changed by her general practitioner, or by the organization that manages her record: leave generalPractitioner and managingOrganization as they are"}},
}

// deciding are the search parameters of the references in a Patient that decide.
var deciding = []string{"general-practitioner", "organization"}

// assigns asks about a new version of a patient's record that names others as responsible than the one before.
func (d *door) assigns(w store.Way, r *store.Record) error {
	if w != store.AsChange || r.Type != "Patient" || r.Deleted {
		return nil
	}
	before := d.v.api.stands(r.ID)
	if before == nil || before.Version == r.Version || slices.Equal(responsible(before), responsible(r)) {
		return nil
	}
	d.v.patient, d.v.assigned = r.ID, responsible(before)
	return party.Enforce(d.ctx, d.v.api.Party, d.v, assignedGuards)
}

// stands is a patient's record as it stands, or as it stood before it was deleted: otherwise to delete it and to enter it
// again would be a way around.
func (a *API) stands(patient string) *store.Record {
	for _, version := range a.Records.View().Versions("Patient", patient) {
		if !version.Deleted() {
			r, _ := version.Open(insider{}, store.AsRead)
			return r
		}
	}
	return nil
}

// responsible lists whom a patient's record names as responsible for her.
func responsible(r *store.Record) []string {
	var out []string
	for _, param := range deciding {
		out = append(out, r.References(param)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// checkAssigned: OWASP API3:2023.
func checkAssigned(v *visit) (string, error) {
	caller := v.caller()
	for _, whom := range []string{"Practitioner/" + caller.Practitioner, "Organization/" + caller.Organization} {
		if slices.Contains(v.assigned, whom) {
			return whom, nil
		}
	}
	if len(v.assigned) == 0 {
		return "nobody yet", nil
	}
	return v.patient, control.ExpectedFix("writer of generalPractitioner and managingOrganization of "+v.patient, strings.Join(v.assigned, " or "), quoted(v.claims.Subject),
		"write generalPractitioner and managingOrganization as they stand")
}
