package fhirmock

import (
	"strings"

	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
)

// Scopes are those of SMART App Launch 2.2, "Scopes for requesting FHIR resources". Each has up to four limits: the
// type, the interactions, whose record (patient/), and a query (?category=laboratory). What a token opens is the union
// of what its scopes open, and a scope opens only what keeps all of its limits: see limits.go.

// scopeGuards judge whether the token covers an interaction with a type of record: of the one that is asked for, and by way
// of the door of each other that comes along with it, or that a search looks through. The question is the same, and real
// APIs ask it where a request comes in and forget it there.
var scopeGuards = [manyParts][]control.Guard[visit]{
	asked:   {{Control: control.RSScope, Check: checkScope, Answer: narrowScope}},
	along:   {{Control: control.RSScopeInclude, Check: checkScope, Answer: narrowScope}},
	through: {{Control: control.RSScopeChain, Check: checkScope, Answer: narrowScope}},
}

// part is what a record has in a request.
type part uint8

const (
	asked   part = iota // it is what the request is about
	along               // it comes along with that
	through             // it is looked through, and not shown
	manyParts
)

// part is that of the records of a type on a way. The patient whose $everything it is has been asked for.
func (w way) part(resourceType string) part {
	switch {
	case w == including, w == revIncluding, w == gathering && resourceType != "Patient":
		return along
	case w == chaining:
		return through
	}
	return asked
}

// limitGuards judge whether it covers that very record. They stand behind scopeGuards where a scope has limits of that
// kind, or the API has types that are newer than some, and nowhere else.
var limitGuards = []control.Guard[visit]{
	{Control: control.RSPatientContext, Check: checkPatientContext, Answer: narrowScope},
	{Control: control.RSScopeQuery, Check: checkScopeQuery, Answer: narrowScope},
	{Control: control.RSScopeSince, Check: checkScopeSince, Answer: narrowScope},
}

// checkScope: SP 5.3.4-4, RFC 6750 s3.1. Some scope must cover the interaction, or what
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

// neededScope is a scope that a client would ask for: reading goes with searching, and who has scopes for itself, or for
// one patient, asks for one more of the kind. A scope for users does a machine no good.
func (v *visit) neededScope() string {
	verbs := string(v.need.verb)
	if v.need.verb == 'r' || v.need.verb == 's' {
		verbs = "rs"
	}
	level := "user/"
	if v.claims.Subject == v.claims.ClientID {
		level = "system/"
	}
	for s := range strings.FieldsSeq(string(v.claims.Scope)) {
		if context, _, ok := strings.Cut(s, "/"); ok && (context == "user" || context == "patient" || context == "system") {
			level = context + "/"
			break
		}
	}
	return level + v.need.resourceType + "." + verbs
}

// need is what a scope is asked for: a letter at a type, and once a record has been found, that record.
type need struct {
	resourceType string
	verb         byte          // 0 for any: to name a record takes no right to read it
	patient      string        // whose record it is, where that matters
	record       *store.Record // where its content matters
	part         part
}

// covers tells whether a scope is for a type and an interaction, whatever its other limits. It reads
// the form of version 2 (user/Observation.rs) and 1 (user/Observation.read).
func covers(scope, resourceType string, verb byte) bool {
	on, verbs := scopeParts(scope)
	if on == "" {
		return false
	}
	if verb == 0 {
		return true
	}
	return (on == "*" || on == resourceType) && strings.IndexByte(verbs, verb) >= 0
}

// scopeParts takes the type and the letters out of a scope; nothing if it is not for records.
func scopeParts(scope string) (on, verbs string) {
	scope, _, _ = strings.Cut(scope, "?")
	level, rest, ok := strings.Cut(scope, "/")
	if !ok || level != "user" && level != "patient" && level != "system" {
		return "", ""
	}
	on, verbs, ok = strings.Cut(rest, ".")
	switch verbs {
	case "read":
		verbs = "rs"
	case "*":
		verbs = "cruds"
	case "write":
		verbs = "cud"
	}
	if !ok || !inOrder(verbs) {
		return "", ""
	}
	return on, verbs
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
