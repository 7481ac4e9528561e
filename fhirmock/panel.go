package fhirmock

import (
	"time"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// Whose records a search begins at. The door is asked about somebody whom nobody treats, rather than about records that
// are there: what it would answer must not depend on whose happen to be looked at first.

// anothers is nobody's id, since none has a space.
const anothers = "somebody else"

// Only lists whose records of a type may leave by a way at all, if the caller is kept to some. Patients who were entered
// later are not among them: they are not of the base.
func (d *door) Only(w store.Way, resourceType string) ([]string, bool) {
	if d.v.narrow { // a launch has a patient, which no scope for the launch's is without
		r := store.Prerendered(resourceType, anothers, anothers, time.Time{}, []byte(`{"resourceType":"`+resourceType+`"}`), people.CanaryMark)
		if refusal := control.RefusalOf(d.scopeOf(r, w)); refusal != nil && refusal.Control == control.RSPatientContext {
			return []string{d.v.launchPatient()}, true
		}
	}
	if d.v.route.old {
		return nil, false
	}
	way := ways[w].way
	c := concern{way, anothers, resourceType == "AuditEvent", resourceType == "Binary"}
	err, asked := d.records[c]
	if !asked {
		d.v.ofLog, d.v.patient = c.log, anothers
		err = party.Enforce(d.ctx, d.v.api.Party, d.v, c.guards())
		d.records[c] = err
	}
	if control.RefusalOf(err) == nil {
		return nil, false
	}
	if d.own == nil {
		d.own = d.v.api.People.Entitled(d.v.caller())
		if named := d.v.named(); d.v.purpose.code == breaksGlass && named != "" {
			d.own = append(d.own, named) // whom the glass may be broken for
		}
	}
	return d.own, true
}

// Entered tells whether the caller treats somebody who was entered later.
func (d *door) Entered(patient string) bool { return d.v.treats(patient) }
