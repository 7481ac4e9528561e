package fhirmock

import (
	"strings"

	"thiefbox/fhirmock/terms"
)

// What an entry of the log can be found by, parameter by parameter, without its being written as a resource: to write
// and read 12,000 of them takes seconds, and this some nanoseconds each. TestTheLogIsFoundByWhatItSays holds the two against each other.

// auditTerms says what one entry has under one parameter.
type auditTerms struct {
	a     *API
	e     *auditEntry
	param string
	see   func(*terms.Term)
}

func (t *auditTerms) tell(x terms.Term) {
	x.Param = t.param
	t.see(&x)
}

func (t *auditTerms) token(system, code string) {
	t.tell(terms.Term{Kind: terms.Token, System: system, Key: code})
}

func (t *auditTerms) ref(to string) { t.tell(terms.Term{Kind: terms.Reference, Key: to}) }

func (t *auditTerms) text(s string) {
	t.tell(terms.Term{Kind: terms.String, Key: terms.Fold(s), Exact: s})
}

// say goes by HL7's definitions of AuditEvent's parameters, and of those that all types have. Some have no value here.
func (t *auditTerms) say() {
	e := t.e
	switch t.param {
	case "_id":
		t.token("", t.a.auditID(e.N))
	case "_lastUpdated", "date":
		at := float64(e.At.UnixMilli())
		t.tell(terms.Term{Kind: terms.Interval, Lo: at, Hi: at})
	case "_security":
		t.token(sysReason, "HTEST")
	case "_security:text":
		t.text("test health data")
	case "type":
		t.token(sysAudit, "rest")
	case "type:text":
		t.text("RESTful Operation")
	case "action":
		action, _ := auditAction(e.Kind)
		t.token("http://hl7.org/fhir/audit-event-action", action)
	case "outcome":
		t.token("http://hl7.org/fhir/audit-event-outcome", auditOutcome(e.Status))
	case "subtype":
		_, subtype := auditAction(e.Kind)
		t.token(sysRest, subtype)
		if e.overrides() {
			t.token(sysDCM, overrideCode)
		}
	case "subtype:text":
		if e.overrides() {
			t.text(overrideText)
		}
	default:
		t.agents()
		t.entities()
	}
}

// agents are those who took part.
func (t *auditTerms) agents() {
	e, a := t.e, t.a
	switch t.param {
	case "address":
		if e.Address != "" {
			t.text(e.Address)
		}
		t.text(a.origin)
	case "policy":
		if e.Client != "" {
			t.tell(terms.Term{Kind: terms.URI, Key: auditPolicy + e.Token})
		}
	case "agent", "patient":
		if !e.person() {
			return
		}
		if ref := a.auditPerson(e); ref != "" && (t.param == "agent" || strings.HasPrefix(ref, "Patient/")) {
			t.ref(ref)
		}
	case "agent:identifier", "patient:identifier":
		t.token("", a.Base)
		if e.Client != "" {
			t.token(a.Issuer, e.Client)
		}
		if e.person() {
			t.token(a.Issuer, e.Subject)
		}
	}
}

// entities are what it was about.
func (t *auditTerms) entities() {
	e := t.e
	persons, object := len(e.Patients) > 0 || e.More > 0, e.asks() || len(e.Written) > 0 || e.Resource != ""
	switch t.param {
	case "entity", "patient":
		for _, p := range e.Patients {
			t.ref("Patient/" + p)
		}
		if e.asks() {
			return
		}
		for _, ref := range e.Written {
			t.about(ref)
		}
		if len(e.Written) == 0 && e.there() {
			t.about(e.Resource)
		}
	case "entity-name":
		if e.More > 0 {
			t.text(e.unnamed())
		}
	case "entity-role":
		if persons {
			t.token(sysRole, "1")
		}
		if object {
			t.token(sysRole, e.role())
		}
	case "entity-role:text":
		t.worded(persons, "Patient", object, e.roleText())
	case "entity-type":
		if persons {
			t.token(sysEntity, "1")
		}
		if object {
			t.token(sysEntity, "2")
		}
	case "entity-type:text":
		t.worded(persons, "Person", object, "System Object")
	}
}

func (t *auditTerms) about(ref string) {
	if t.param == "entity" || strings.HasPrefix(ref, "Patient/") {
		t.ref(ref)
	}
}

func (t *auditTerms) worded(persons bool, person string, object bool, thing string) {
	if persons {
		t.text(person)
	}
	if object {
		t.text(thing)
	}
}
