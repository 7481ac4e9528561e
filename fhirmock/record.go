package fhirmock

import (
	"thiefbox/sim/control"
)

// checkEntitlement: SP 5.3.4-4, OWASP API1:2023. What lies in no patient's compartment (professionals,
// places) is open to every caller with a token.
func checkEntitlement(v *visit) (string, error) {
	if v.patient == "" {
		return "nobody's record", nil
	}
	if !v.treats(v.patient) {
		return v.patient, control.Expected("record", "a patient of "+quoted(v.claims.Subject), v.patient)
	}
	return v.patient, nil
}
