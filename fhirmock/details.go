package fhirmock

import (
	"encoding/json"
	"slices"
	"strings"

	"thiefbox/fhirmock/store"
)

// Authorization details in an access token (RFC 9396 s9): beside its scopes, a token may open the record of a patient
// who is named in a detail of the type patient_record, for reading and searching: all of it, or some elements of a type (elements.go). Types this API does not know open
// nothing.

const typePatientRecord = "patient_record"

// patientDetail is such a detail.
type patientDetail struct {
	Type       string   `json:"type"`
	Identifier string   `json:"identifier"`
	Actions    []string `json:"actions"`
	DataTypes  []string `json:"datatypes"` // empty for all
	Elements   []string `json:"elements"`  // "Patient.name"; of types that none is named of, all
}

// covers tells whether a detail is for a type, and of which elements of it if it says (nil for all).
func (d *patientDetail) covers(resourceType string) bool {
	return len(d.DataTypes) == 0 || slices.Contains(d.DataTypes, resourceType)
}

func (d *patientDetail) of(resourceType string) (named []string) {
	for _, e := range d.Elements {
		if strings.HasPrefix(e, resourceType+".") {
			named = append(named, e)
		}
	}
	return named
}

// readDetails takes from the token what it says about patients. What cannot be read opens nothing.
func (v *visit) readDetails() {
	if len(v.claims.Details) == 0 {
		return
	}
	var all []patientDetail
	if json.Unmarshal(v.claims.Details, &all) != nil {
		return
	}
	v.details = slices.DeleteFunc(all, func(d patientDetail) bool {
		return d.Type != typePatientRecord || d.Identifier == "" || !slices.Contains(d.Actions, "read")
	})
	v.partial = slices.ContainsFunc(v.details, func(d patientDetail) bool { return len(d.Elements) > 0 })
}

// detailed tells whether a detail covers what is needed, and whose record that is: anybody's at the beginning of an
// interaction, when no record has been found yet.
func (v *visit) detailed(n need) (string, bool) {
	if n.verb != 'r' && n.verb != 's' {
		return "", false
	}
	for _, d := range v.details {
		if (n.patient == "" || n.patient == d.Identifier) && d.covers(n.resourceType) {
			return typePatientRecord + " " + d.Identifier, true
		}
	}
	return "", false
}

// nobodys is whose record it is that is in no patient's compartment: no detail names her.
const nobodys = "nobody's"

// scopeOf asks the scope guards about a record, on one of its ways out. Where what the token opens depends on whose the
// record is or on what it says, each is asked about by itself.
func (d *door) scopeOf(r *store.Record, w store.Way) error {
	n := need{resourceType: r.Type, verb: ways[w].verb, part: ways[w].way.part(r.Type)}
	if len(d.v.details) == 0 && !d.v.narrow {
		if n.verb == 0 {
			return nil
		}
		return d.scope(n)
	}
	if n.verb == 0 && (w != store.AsTarget || len(d.v.details) > 0) {
		n.verb = d.entered // which the interaction brought along
	}
	if d.v.narrow {
		n.record = r
	}
	n.patient = nobodys
	if len(r.Patients) == 0 {
		return d.scope(n)
	}
	for _, n.patient = range r.Patients {
		if err := d.scope(n); err != nil {
			return err
		}
	}
	return nil
}
