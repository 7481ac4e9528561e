package fhirmock

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"thiefbox/fhirmock/directive"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// A patient may close her record, or a part of it, to somebody who treats her: by a Consent that denies (FHIR R4 Consent; in
// Norway the law lets her, Pasientjournalloven s17). It is asked about at the one door, by whatever way a record would leave
// or be changed, after entitlement and labels, and closes what these leave open. What a Consent says is read by
// the package directive. Here is decided, where R4 leaves it to policy:
//
//   - The patient herself is never shut out, and neither is an auditor from the log.
//   - Consents are not closed by one: they are for those who are to follow them, and a record that is closed looks like none,
//     so that whoever is shut out could not ask her. Nor are lists of patients (Group), which name her and say no more.
//     Whoever treats her may name her in what he writes (a referral, for one).
//   - Behind broken glass what a Consent closes is open, for reading, as what is restricted is: law has weighty reasons go
//     before her objection (Pasient- og brukerrettighetsloven s5-3). A denial whose purpose is BTG is about that very case,
//     and stands.
//   - A purpose that is stated closes more and opens nothing.
//   - A Consent rules as it stood when the request came: not yet for what comes with it in one bundle.
//
// So who could write one would be his own judge. A Consent that closes something is written, changed and deleted by the
// patient herself, or in its own name by the organization that she has named in it as its custodian, unless it is about
// that one: the authority over it is apart from those whom it concerns. Any other Consent is a record like others.

var (
	consentGuards = []control.Guard[visit]{{Control: control.RSConsent, Check: checkConsent, Answer: noSuchRecord}}
	authorGuards  = []control.Guard[visit]{{Control: control.RSConsentAuthor, Check: checkConsentAuthor, Answer: control.Answer{
		Status: http.StatusForbidden, Code: "forbidden",
		Safe: "a Consent that closes a record is written by the patient herself, or by the organization that she has named as its custodian"}}}
)

// closing is a Consent that closes something, if it is still the present version.
type closing struct {
	sealed *store.Sealed
	*directive.Directive
}

// directives are those of a part of the store, by patient.
type directives map[string][]closing

// readDirectives reads those that close something: nearly all do not, and say so by a word that they lack.
func readDirectives(consents []*store.Sealed) any {
	out := directives{}
	for _, sealed := range consents {
		r, _ := sealed.Open(insider{}, store.AsRead)
		if text := r.Append(nil, ""); r.Deleted || !bytes.Contains(text, []byte(`deny`)) && !bytes.Contains(text, []byte("OPTOUT")) {
			continue
		}
		if d := directive.Read(r.Node("")); d != nil {
			for _, patient := range r.Patients {
				out[patient] = append(out[patient], closing{sealed, d})
			}
		}
	}
	return out
}

// consents is what a request knows of them.
type consents struct {
	view  store.View
	parts []any
	asked map[consentConcern]error
	mine  []string // what refers to the caller
}

// consentConcern is a question that has one answer a request. The record is nil where its type says enough.
type consentConcern struct {
	concern
	resourceType string
	record       *store.Record
}

// consenting is what the guard is asked.
type consenting struct {
	directives []*directive.Directive
	question   directive.Question
}

// consented is what there is when the request first asks.
func (d *door) consented() *consents {
	if d.consents == nil {
		view := d.v.api.Records.View()
		d.consents = &consents{view: view, parts: view.Gists("Consent", readDirectives)}
	}
	return d.consents
}

// directivesOf lists what closes some of a patient's record to somebody. In most stores there is nothing to look through.
func (d *door) directivesOf(patient string) (out []*directive.Directive) {
	c := d.consented()
	for _, part := range c.parts {
		for _, s := range part.(directives)[patient] {
			if now := c.view.Get("Consent", s.sealed.ID()); now != nil && now.Same(s.sealed) {
				out = append(out, s.Directive)
			}
		}
	}
	return out
}

// particular tells whether there is some Consent about more of a record than its type.
func (d *door) particular() bool {
	for _, part := range d.consented().parts {
		for _, all := range part.(directives) {
			if slices.ContainsFunc(all, func(s closing) bool { return s.Particular() }) {
				return true
			}
		}
	}
	return false
}

// allows asks about a record of patients who may have closed it to the caller.
func (d *door) allows(w way, r *store.Record) error {
	switch {
	case r.Type == "Consent", r.Type == "Group", r.Type == "AuditEvent", r.Type == "Patient" && w == referring:
		return nil
	}
	for _, patient := range r.Patients {
		all := d.directivesOf(patient)
		if len(all) == 0 {
			continue
		}
		c := consentConcern{concern: concern{way: w, patient: patient}, resourceType: r.Type}
		if slices.ContainsFunc(all, (*directive.Directive).Particular) {
			c.record = r
		}
		err, asked := d.consents.asked[c]
		if !asked {
			d.v.patient, d.v.consenting = patient, consenting{all, directive.Question{
				Means: d.means, Purpose: d.v.purpose.code, Emergency: d.broken[patient], Writes: w == writing, Type: r.Type, Record: &particular{Record: r}, Now: d.v.now,
			}}
			if !d.broken[patient] && d.breaksConsent(w, patient) {
				d.v.consenting.question.Emergency = true
			}
			err = party.Enforce(d.ctx, d.v.api.Party, d.v, consentGuards)
			if d.consents.asked == nil {
				d.consents.asked = map[consentConcern]error{}
			}
			d.consents.asked[c] = err
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// breaksConsent lets the caller at what a patient whom he treats has closed to him, if he breaks the glass for her. If he may
// not, that is no refusal: it is closed as it was.
func (d *door) breaksConsent(w way, patient string) bool {
	if d.v.purpose.code != breaksGlass || !slices.ContainsFunc(d.v.consenting.directives, d.v.consenting.closedBy) {
		return false
	}
	d.v.way = w
	if party.Enforce(d.ctx, d.v.api.Party, d.v, reachGuards) != nil {
		return false
	}
	if d.broken == nil {
		d.broken = map[string]bool{}
	}
	d.broken[patient] = true
	return true
}

func (c *consenting) closedBy(d *directive.Directive) bool { return d.Closes(&c.question) }

// checkConsent: FHIR R4 Consent.
func checkConsent(v *visit) (string, error) {
	if v.caller().Patient == v.patient {
		return "the patient herself", nil
	}
	if slices.ContainsFunc(v.consenting.directives, v.consenting.closedBy) {
		return v.patient, control.ExpectedFix("record", "one that the patient has not closed to "+quoted(v.claims.Subject), v.consenting.question.Type+" of "+v.patient,
			"see her Consents; in an emergency the glass can be broken")
	}
	return v.patient, nil
}

// authors asks about a Consent that closes something, as it was and as it is to be.
func (d *door) authors(w store.Way, r *store.Record) error {
	if w != store.AsChange || r.Type != "Consent" || r.Deleted {
		return nil
	}
	rules := directive.Read(r.Node(""))
	if rules == nil {
		return nil
	}
	if n := rules.Size(); n > mostConditions {
		return &query.Problem{Status: http.StatusUnprocessableEntity, Code: "too-costly", Expression: "Consent.provision",
			Text: "expected a Consent of at most " + strconv.Itoa(mostConditions) + " provisions and conditions, got " + strconv.Itoa(n)}
	}
	d.v.author = author{patients: r.Patients}
	if found := d.v.api.Records.View().Get("Consent", r.ID); found != nil && !found.Deleted() {
		before, _ := found.Open(insider{}, store.AsRead)
		d.v.author.custodians, d.v.author.concerned = before.References("organization"), rules.Concerns(d.means)
	}
	return party.Enforce(d.ctx, d.v.api.Party, d.v, authorGuards)
}

// mostConditions is how much may stand in a Consent that is gone through for each record of hers.
const mostConditions = 500

// author is what is asked about whoever writes a Consent.
type author struct {
	patients   []string
	custodians []string // of the version that stands
	concerned  bool     // it is about him
}

// checkConsentAuthor: FHIR R4 Consent.organization is its custodian; OWASP API1:2023.
func checkConsentAuthor(v *visit) (string, error) {
	caller, a := v.caller(), &v.author
	if caller.Patient != "" && slices.Equal(a.patients, []string{caller.Patient}) {
		return "the patient herself", nil
	}
	if caller.Organization != "" && v.claims.Subject == v.claims.ClientID && !a.concerned && slices.Contains(a.custodians, "Organization/"+caller.Organization) {
		return "its custodian", nil
	}
	return v.claims.Subject, control.ExpectedFix("author of a Consent that closes a record", "the patient herself, or its custodian", quoted(v.claims.Subject),
		"have her write it with an app of her own: "+strings.Join(a.patients, ", "))
}
