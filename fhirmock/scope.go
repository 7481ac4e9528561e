package fhirmock

import (
	"strings"

	"thiefbox/sim/control"
)

// checkScope: SP 5.3.4-4, RFC 6750 s3.1. Some SMART App Launch scope must cover the interaction, or what
// a record is about to be drawn in for, or an authorization detail (RFC 9396 s9).
func checkScope(v *visit) (string, error) {
	for s := range strings.FieldsSeq(string(v.claims.Scope)) {
		if covers(s, v.need.resourceType, v.need.verb) {
			return s, nil
		}
	}
	if name, ok := v.detailed(v.need); ok {
		return name, nil
	}
	return "", control.ExpectedFix("scope", v.neededScope(), quoted(string(v.claims.Scope)), "ask for a token with this scope")
}

// neededScope is a scope that a client would ask for: reading goes with searching.
func (v *visit) neededScope() string {
	verbs := string(v.need.verb)
	if v.need.verb == 'r' || v.need.verb == 's' {
		verbs = "rs"
	}
	return "user/" + v.need.resourceType + "." + verbs
}

// covers reads one SMART scope, in the form of version 2 (user/Observation.rs) or 1 (user/Observation.read).
// Scopes narrowed by a query (?category=…) grant nothing here: to take one for the whole would be wrong.
// Whose records a user, patient or system may see is for checkEntitlement to say, so all three count.
func covers(scope, resourceType string, verb byte) bool {
	level, rest, ok := strings.Cut(scope, "/")
	if !ok || level != "user" && level != "patient" && level != "system" {
		return false
	}
	on, verbs, ok := strings.Cut(rest, ".")
	if !ok || on != "*" && on != resourceType {
		return false
	}
	switch verbs {
	case "read":
		verbs = "rs"
	case "*":
		verbs = "cruds"
	case "write":
		verbs = "cud"
	}
	return inOrder(verbs) && strings.IndexByte(verbs, verb) >= 0
}

// inOrder tells whether verbs are some of c, r, u, d, s in that order, as SMART 2 demands.
func inOrder(verbs string) bool {
	at := -1
	for _, c := range []byte(verbs) {
		i := strings.IndexByte("cruds", c)
		if i <= at {
			return false
		}
		at = i
	}
	return verbs != ""
}
