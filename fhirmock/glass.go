package fhirmock

import (
	"mime"
	"net/http"
	"strings"
	"time"

	"thiefbox/fhirmock/interact"
	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// Breaking the glass: a clinician opens the record of somebody she does not treat, because she must, and says why. It
// is allowed to every clinician, since a rule that stopped a liar would stop the emergency room too; what it is not
// is unbounded. She has signed in herself, strongly and just now, which also ends it after some minutes; it opens
// one patient's record at a time, for reading, and what is restricted in it (not what is very restricted), and another patient's after another sign-in;
// the answer says that it was done, and the log (audit.go) says it with her reason, for whoever reviews it.
//
// On the wire it is a header, Purpose-Of-Use: BTG; reason="unconscious, no next of kin". No specification has the
// header. HelseID and IHE (IUA, PCF) put a purpose of use into the token, where it holds for a session and names
// no patient; what is said here is about one patient and one moment, and so goes with the request, as the national
// laboratory service has it (access-basis) and Google's Healthcare API (X-Consent-Scope: btg). The codes are
// v3-ActReason's. A purpose other than BTG opens nothing and is logged.

const headerPurpose = "Purpose-Of-Use"

// purpose is what a request says it is for.
type purpose struct{ code, reason string }

const breaksGlass = "BTG"

// purposes that may be given: the ones a treating system has (v3-PurposeOfUse).
var purposes = []string{"TREAT", "ETREAT", "BTG", "PATRQT", "HOPERAT", "HSYSADMIN", "PUBHLTH", "HRESCH", "COVERAGE", "HPAYMT"}

// mostReason is how long a reason may be.
const mostReason = 500

// readPurpose takes the header apart. A purpose that cannot be read is refused, and so is a glass that is broken
// without a word: both are malformed, whatever the profile.
func (v *visit) readPurpose() *problem {
	values := v.http.Header.Values(headerPurpose)
	if len(values) == 0 {
		return nil
	}
	wrong := func(detail string) *problem {
		return &problem{status: http.StatusBadRequest, code: "invalid", safe: headerPurpose + ` takes one code of v3-ActReason, and BTG a reason: BTG; reason="…"`, detail: detail}
	}
	if len(values) > 1 {
		return wrong("expected one " + headerPurpose + ", got several")
	}
	code, params, err := mime.ParseMediaType(values[0]) // a token and parameters, as there
	if err != nil {
		return wrong(headerPurpose + ": " + err.Error())
	}
	p := purpose{strings.ToUpper(code), strings.TrimSpace(params["reason"])}
	known := false
	for _, k := range purposes {
		known = known || k == p.code
	}
	switch {
	case !known:
		return wrong("expected one of " + strings.Join(purposes, ", ") + ", got " + quoted(code))
	case p.code == breaksGlass && p.reason == "":
		return wrong("expected a reason with BTG, got none")
	case len(p.reason) > mostReason:
		return wrong("expected a reason of at most 500 characters, got more")
	}
	v.purpose = p
	return nil
}

// glassTime is how long after her sign-in somebody may break the glass.
const glassTime = 5 * time.Minute

// glassSignIn is what it takes.
var glassSignIn = StepUp{ACR: []string{"loa-high"}, MaxAge: glassTime}

// glassGuards judge who breaks the glass. They are asked once a request, before any record, so that what they answer
// says nothing about one.
var glassGuards = []control.Guard[visit]{
	{Control: control.RSGlassClinician, Check: checkGlassClinician, Answer: control.Answer{
		Status: http.StatusForbidden, Code: "forbidden", Safe: "the glass is broken by a clinician who has signed in herself"}},
	{Control: control.RSGlassSignIn, Check: checkGlassSignIn, Answer: strongerSignIn},
}

// reachGuards judge what is opened by it, and patientGuards whose record that is. These remember, and are asked last,
// when nothing else keeps the record from being opened: a record that the glass does not open would otherwise be told from
// none by the sign-in being used up. Neither says aloud what is wrong, for the same reason.
var (
	reachGuards   = []control.Guard[visit]{{Control: control.RSGlassReach, Check: checkGlassReach, Answer: noSuchRecord}}
	patientGuards = []control.Guard[visit]{{Control: control.RSGlassOnce, Check: checkGlassOnce, Answer: noSuchRecord}}
)

// breaking asks the glass guards, of a request that breaks it.
func (a *API) breaking(v *visit) error {
	if v.purpose.code != breaksGlass {
		return nil
	}
	v.needs = &glassSignIn
	if err := party.Enforce(v.door.ctx, a.Party, v, glassGuards); err != nil {
		return err
	}
	v.needs = nil
	return nil
}

// checkGlassClinician: a system does not know that there is an emergency, and a token without a person has nobody to ask.
func checkGlassClinician(v *visit) (string, error) {
	caller := v.caller()
	if caller.Practitioner == "" || v.claims.Subject == v.claims.ClientID {
		return v.claims.Subject, control.Expected("who breaks the glass", "a clinician who has signed in", quoted(v.claims.Subject))
	}
	return caller.Practitioner, nil
}

// checkGlassSignIn: RFC 9470. The session of somebody who is not there is not enough.
func checkGlassSignIn(v *visit) (string, error) { return checkSignIn(v, &glassSignIn) }

// checkGlassReach: one patient, who is named in the request or whose record is, and for reading.
func checkGlassReach(v *visit) (string, error) {
	switch v.way {
	case reading, olding, finding, paging, counting, including, revIncluding, gathering, graphing:
	default:
		return "", control.Expected("what the glass is broken for", "reading one patient's record", "an export, a write or a search through others")
	}
	named := v.named()
	if named != v.patient {
		return "", control.Expected("patient the glass is broken for", "the one whom the request is about, "+quoted(named), v.patient)
	}
	return v.patient, nil
}

// checkGlassOnce: a sign-in is one emergency. It takes the first patient in one atomic step, and no other after her.
func checkGlassOnce(v *visit) (string, error) {
	taken := v.api.Shared.glasses.take(glassSignedIn{v.claims.Subject, v.claims.AuthTime}, v.patient, v.now)
	if taken != v.patient {
		return taken, control.ExpectedFix("patient the glass is broken for", "the one it was broken for after this sign-in, "+taken, v.patient, "sign in again for another patient (max_age=0)")
	}
	return v.patient, nil
}

// named is the one patient whom a request is about: by its address, by its search, or as whose a record that is read
// by its number turns out to be; "" for nobody or several.
func (v *visit) named() string {
	rt := v.route
	if rt.Type == "Patient" && rt.ID != "" {
		return rt.ID
	}
	switch rt.Kind {
	case interact.Graph:
		if rt.ID == "" { // a query of the whole system is about nobody
			return ""
		}
		fallthrough
	case interact.Read, interact.VRead, interact.HistoryInstance:
		if v.broke == "" {
			return v.patient
		}
		return v.broke
	case interact.Search:
		if rt.Within != "" {
			return rt.Within
		}
		names := []string{"patient", "subject", "patient:Patient", "subject:Patient"}
		if rt.Type == "Patient" {
			names = []string{"_id"}
		}
		for _, name := range names {
			if values := rt.Params[name]; len(values) == 1 && !strings.Contains(values[0], ",") {
				return strings.TrimPrefix(values[0], "Patient/")
			}
		}
	}
	return ""
}

// breaks lets the caller at a record of a patient whom he does not treat, if he breaks the glass for her.
func (d *door) breaks(w way, patient string) error {
	if d.v.purpose.code != breaksGlass || patient == "" || d.v.ofLog || d.v.treats(patient) {
		return nil
	}
	d.v.way, d.v.patient = w, patient
	if err := party.Enforce(d.ctx, d.v.api.Party, d.v, reachGuards); err != nil {
		return err
	}
	if d.broken == nil {
		d.broken = map[string]bool{}
	}
	d.broken[patient] = true
	return nil
}

// broke uses the sign-in up on the patients of a record that is opened by it.
func (d *door) broke(patients []string) error {
	if len(d.broken) == 0 {
		return nil
	}
	for _, patient := range patients {
		if !d.broken[patient] || d.v.broke == patient {
			continue
		}
		c := concern{way: manyWays, patient: patient}
		err, asked := d.records[c]
		if !asked {
			d.v.patient = patient
			err = party.Enforce(d.ctx, d.v.api.Party, d.v, patientGuards)
			d.records[c] = err
		}
		if err != nil {
			return err
		}
		d.v.broke = patient
	}
	return nil
}
