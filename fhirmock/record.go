package fhirmock

import (
	"context"
	"errors"
	"net/http"

	"thiefbox/fhirmock/people"
	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// answer is what a read or search is about to give out.
type answer struct {
	what     string // for the log: "Observation/obs-p07-1"
	patients []string
	body     []byte
	headers  map[string]string
}

// find looks for what the request wants and asks the record guards about it.
func (a *API) find(ctx context.Context, v *visit) (*answer, error) {
	if v.route.interaction == search {
		return a.search(ctx, v)
	}
	return a.read(ctx, v)
}

// read is FHIR's read interaction.
func (a *API) read(ctx context.Context, v *visit) (*answer, error) {
	for name := range v.route.params {
		if name != "_format" {
			return nil, unknownParameter(name, "a read")
		}
	}
	what := v.route.resourceType + "/" + v.route.id
	record := a.People.Record(v.route.resourceType, v.route.id)
	if record == nil {
		return nil, &problem{status: noSuchRecord.Status, code: noSuchRecord.Code, safe: noSuchRecord.Safe, detail: what + " does not exist"}
	}
	v.patient = record.Patient
	if err := party.Enforce(ctx, a.Party, v, readGuards); err != nil {
		return nil, err
	}
	out := &answer{what: what, body: a.render(make([]byte, 0, record.Size()), record), headers: map[string]string{
		"ETag": `W/"1"`, "Last-Modified": record.Updated.Format(http.TimeFormat),
	}}
	if record.Patient != "" {
		out.patients = []string{record.Patient}
	}
	return out, nil
}

// render writes a record with the canary of its patient.
func (a *API) render(dst []byte, r *people.Record) []byte {
	canary := ""
	if r.Patient != "" {
		canary = a.Canary(r.Patient)
	}
	return r.Append(dst, canary)
}

// checkEntitlement: SP 5.3.4-4, OWASP API1:2023. What lies in no patient's compartment (professionals,
// places) is open to every caller with a token.
func checkEntitlement(v *visit) (string, error) {
	if v.patient == "" {
		return "nobody's record", nil
	}
	if !v.api.People.May(v.api.Callers[v.claims.Subject], v.patient) {
		return v.patient, control.Expected("record", "a patient of "+quoted(v.claims.Subject), v.patient)
	}
	return v.patient, nil
}

// mayFind asks the guard whether a patient's records may be among the results of a search.
func (a *API) mayFind(ctx context.Context, v *visit, patient string) (bool, error) {
	v.patient = patient
	err := party.Enforce(ctx, a.Party, v, findGuards)
	var refusal *control.Refusal
	if errors.As(err, &refusal) {
		return false, nil
	}
	return err == nil, err
}
