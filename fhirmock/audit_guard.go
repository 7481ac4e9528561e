package fhirmock

import (
	"net/http"
	"strings"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// Who has looked at whose record is a record about both. Auditors read it: systems whose scope names the type, and
// no wildcard will do, since a client that was trusted with all of a record was not trusted with everybody's
// tracks. So does each patient, about herself. An event that somebody has reported to the API with a scope for
// creating it is part of the log from then on.

// auditGuards judge who reads the log. They are asked by the door, for each entry by whatever way.
var auditGuards = []control.Guard[visit]{
	{Control: control.RSAuditReader, Check: checkAuditReader, Answer: noSuchRecord},
}

// appendGuards judge what may be done to it.
var appendGuards = []control.Guard[visit]{
	{Control: control.RSAuditAppend, Check: checkAuditAppend, Answer: control.Answer{
		Status: http.StatusForbidden, Code: "forbidden", Safe: "the log of accesses is added to, and never changed"}},
}

// audits is the scope of an auditor.
var audits = []string{"system/AuditEvent.rs", "system/AuditEvent.s", "system/AuditEvent.r", "system/AuditEvent.read"}

// auditor tells whether the token is one of an auditor's.
func (v *visit) auditor() bool {
	for s := range strings.FieldsSeq(string(v.claims.Scope)) {
		for _, a := range audits {
			if s == a {
				return true
			}
		}
	}
	return false
}

// checkAuditReader: IHE BALP s152.5 (the log is health information); FHIR R4 AuditEvent, "Background and Context".
func checkAuditReader(v *visit) (string, error) {
	if v.auditor() {
		return "an auditor", nil
	}
	me := v.caller().Patient
	if me != "" && len(v.logged) > 0 {
		own := true
		for _, p := range v.logged {
			own = own && p == me
		}
		if own {
			return me, nil
		}
	}
	return "", control.ExpectedFix("reader of the log", "an auditor, or the patient it is about", quoted(v.claims.Subject), "ask for a token with the scope "+audits[0])
}

// checkAuditAppend: 45 CFR 164.312(c) and ISO 27789 in the words of IHE ATNA: a log that can be edited proves nothing.
func checkAuditAppend(v *visit) (string, error) {
	return "", control.Expected("interaction with the log of accesses", "create, read or search", string(v.changes))
}

// appends asks about a change to the log.
func (d *door) appends(k interact.Kind, resourceType string) error {
	if resourceType != "AuditEvent" || k != interact.Update && k != interact.Patch && k != interact.Delete {
		return nil
	}
	d.v.changes = k
	return party.Enforce(d.ctx, d.v.api.Party, d.v, appendGuards)
}

// reads asks about an entry of the log.
func (d *door) reads(w store.Way, r *store.Record) error {
	if r.Type != "AuditEvent" || ways[w].way == writing {
		return nil
	}
	d.v.logged = r.Patients
	return party.Enforce(d.ctx, d.v.api.Party, d.v, auditGuards)
}
