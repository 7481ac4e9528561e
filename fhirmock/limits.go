package fhirmock

import (
	"slices"
	"strings"
	"time"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// The limits of a scope beyond type and interaction. Each is a control of its own, since a real API forgets one of
// them; but a record is open only if one and the same scope keeps them all. So each check looks at the scopes that
// have kept the limits before it. If none has, that limit is not being enforced, and it is passed over.

// limit tells whether a scope keeps one, for what v.need says.
type limit func(v *visit, scope string) bool

var limits = []limit{keepsPatient, keepsQuery, keepsSince}

const (
	limitPatient = iota
	limitQuery
	limitSince
)

// checkPatientContext: SMART App Launch 2.2, "Patient-specific scopes"; BCP s2.3. What a patient's compartment holds
// is HL7's CompartmentDefinition's to say; professionals and places lie in nobody's and are open to all.
func checkPatientContext(v *visit) (string, error) {
	if s, ok := v.keeps(limitPatient); ok {
		return s, nil
	}
	if v.launchPatient() == "" {
		return "", control.ExpectedFix("patient of the access token", "one that its patient/ scopes are for", "", "launch the app from a patient's record, or ask for launch/patient")
	}
	return v.need.patient, control.Expected("record", "one of patient "+v.launchPatient()+", whom the scope is for", "one of "+v.need.patient)
}

// checkScopeQuery: SMART App Launch 2.2, "Finer-grained resource constraints using search parameters". A query that
// this API does not understand, or cannot judge by the record alone, is kept by no record.
func checkScopeQuery(v *visit) (string, error) {
	if s, ok := v.keeps(limitQuery); ok {
		return s, nil
	}
	return "", control.Expected("record", "one that matches the query of the scope", v.need.resourceType+" that does not")
}

// checkScopeSince compares when the person agreed with when the API began to serve the type.
func checkScopeSince(v *visit) (string, error) {
	if s, ok := v.keeps(limitSince); ok {
		return s, nil
	}
	return "", control.ExpectedFix("scope", "one that names "+v.need.resourceType, "a wildcard from before the API had that", "have the person agree to it by name")
}

// limited tells whether there is anything to ask limitGuards about.
func (v *visit) limited() bool { return v.narrow || len(v.api.Since) > 0 }

// keeps finds a scope that keeps a limit and those before it.
func (v *visit) keeps(last int) (string, bool) {
	if name, ok := v.detailed(v.need); ok {
		return name, true
	}
	left := slices.DeleteFunc(strings.Fields(string(v.claims.Scope)), func(s string) bool { return !covers(s, v.need.resourceType, v.need.verb) })
	if len(left) == 0 {
		return "", true // that the scope covers this is for checkScope to say
	}
	for i, keeps := range limits[:last+1] {
		var kept []string
		for _, s := range left {
			if keeps(v, s) {
				kept = append(kept, s)
			}
		}
		if len(kept) > 0 {
			left = kept
		} else if i == last {
			return "", false
		}
	}
	return left[0], true
}

func isNarrow(scope fapi.Scope) bool {
	return strings.Contains(string(scope), "patient/") || strings.Contains(string(scope), "?")
}

// launchPatient is whom patient/ scopes are for: the patient in context, or whoever is one herself.
func (v *visit) launchPatient() string {
	if v.claims.Patient != "" {
		return v.claims.Patient
	}
	return v.caller().Patient
}

func keepsPatient(v *visit, scope string) bool {
	if !strings.HasPrefix(scope, "patient/") {
		return true
	}
	switch whose := v.launchPatient(); {
	case whose == "":
		return false
	case v.need.record == nil:
		return true
	case v.need.patient == nobodys:
		return outsideCompartments(v.need.resourceType)
	default:
		return v.need.patient == whose
	}
}

// outsideCompartments tells whether no record of a type is ever a patient's.
func outsideCompartments(resourceType string) bool {
	return resourceType != "Patient" && resourceType != "Binary" && len(r4.Compartment(resourceType)) == 0
}

func keepsQuery(v *visit, scope string) bool {
	_, raw, narrowed := strings.Cut(scope, "?")
	if !narrowed || v.need.record == nil || v.need.verb == 0 {
		return true
	}
	q := v.queryOf(v.need.resourceType, raw)
	return q.understood && v.need.record.Matches(q.filters)
}

// scopeQuery is the query of a scope, read for one type.
type scopeQuery struct {
	filters    []store.Filter
	understood bool
}

func (v *visit) queryOf(resourceType, raw string) *scopeQuery {
	key := resourceType + "?" + raw
	q := v.queries[key]
	if q == nil {
		filters, err := query.Constraint(query.Context{Base: v.api.Base}, resourceType, raw)
		q = &scopeQuery{filters, err == nil}
		if v.queries == nil {
			v.queries = map[string]*scopeQuery{}
		}
		v.queries[key] = q
	}
	return q
}

// keepsSince: what a system may do in its own name is agreed by nobody at a sign-in.
func keepsSince(v *visit, scope string) bool {
	on, _ := scopeParts(scope)
	since, added := v.api.Since[v.need.resourceType]
	return !added || on != "*" || v.now.Before(since) || v.need.verb == 0 || strings.HasPrefix(scope, "system/") || since.Before(time.Unix(v.claims.AuthTime, 0))
}
