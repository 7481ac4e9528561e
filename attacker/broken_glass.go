package attacker

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// An API lets a clinician open a record that is none of hers if she says that she must. The word is in the thief's
// mouth as easily as in hers.

var _ = register("F-22", Technique{
	Variant: "insider",
	Title:   "A doctor breaks the glass out of curiosity",
	Story: "The thief is a doctor. He reads in the paper that somebody is in hospital, says that it is an emergency, signs in once more with his card as " +
		"he is asked to, and opens the record. Every word of it is in order but the reason.",
	Reads: []string{"HL7 v3-ActReason BTG", "IHE PCF"},
	Has:   []event.Asset{event.OwnClient},
	Beyond: beyondObjects + " That is, until somebody breaks the glass: what would stop a doctor who lies would stop the one who does not. The API bounds it, says so " +
		"in its answer and writes it down with his name and his reason: the log is what finds him.",
	Evidence: "An AuditEvent with purposeOfEvent BTG, his name, the patient and what he gave as the reason; no visit, no referral, no other record about her by him.",
	Run: func(ctx context.Context, g Ground) error {
		_, err := emergencyAccess(ctx, g)
		return err
	},
})

// emergencyAccess opens a stranger's record and says that it is an emergency; asked to, he signs in once more.
func emergencyAccess(ctx context.Context, g Ground) (ans answer, err error) {
	a, t, err := ownToken(ctx, g)
	if err != nil {
		return ans, err
	}
	address := record(g, stranger(g))
	ans, err = a.breakGlass(ctx, address, t)
	if err != nil || !ans.wantsSignIn() {
		return ans, err
	}
	if t, err = a.signInAgain(ctx); err != nil {
		return ans, err
	}
	return a.breakGlass(ctx, address, t)
}

// OwnEmergency is the same with a reason for it, and no theft: the clinician whose app it is treats somebody who was
// brought in unconscious. It needs event.OwnClient. To the log it is what F-22 is.
func OwnEmergency(ctx context.Context, g Ground) error {
	ans, err := emergencyAccess(ctx, g)
	if err == nil && !ans.ok() {
		err = fmt.Errorf("expected the record, got status %d", ans.status)
	}
	return err
}

var _ = register("F-22/stolen-session", Technique{
	Variant: "stolen-session",
	Title:   "A stolen session breaks the glass",
	Story: "The thief has a token from a proxy's capture and the EHR's key for proofs: whatever the clinician's session opens is his, which is her own " +
		"patients. He wants another, and says that it is an emergency. Her card he does not have.",
	Reads: []string{"RFC 9470 s3", "HL7 v3-ActReason BTG"},
	Needs: []event.Vantage{event.APIProxy}, Has: []event.Asset{event.DPoPKey},
	Beyond:   beyondObjects + " One that lets people break the glass and wants them to sign in for it leaves the thief outside.",
	Evidence: "A refused AuditEvent with purposeOfEvent BTG, from another address than the rest of the session.",
	Run:      breakGlassInHerSession,
})

var _ = register("F-22/after-her", Technique{
	Variant: "after-her",
	Title:   "A session that has broken the glass breaks it again",
	Story: "The clinician has opened the record of an unconscious man, and signed in with her card for it. The thief has the token of that moment from a " +
		"proxy's capture, and the EHR's key for proofs. For five minutes that token is strong and fresh: he says that there is another emergency.",
	Reads: []string{"HL7 v3-ActReason BTG", "RFC 9470 s3"},
	Needs: []event.Vantage{event.APIProxy}, Has: []event.Asset{event.DPoPKey}, Scene: Scene{Emergency: true},
	Beyond:   beyondObjects + " One that takes a sign-in for one emergency leaves him with the record she had open.",
	Evidence: "Two AuditEvents with purposeOfEvent BTG and one token, about two patients, from two addresses; the second refused.",
	Run:      breakGlassInHerSession,
})

// breakGlassInHerSession opens a stranger's record with a token of hers, for an emergency of his own.
func breakGlassInHerSession(ctx context.Context, g Ground) error {
	a, l, err := stolenTokenAndKey(ctx, g)
	if err != nil {
		return err
	}
	_, err = a.breakGlass(ctx, record(g, lastStranger(g)), l.response())
	return err
}

var _ = register("F-22/system", Technique{
	Variant: "system",
	Title:   "A system breaks the glass",
	Story: "The thief has the key of a clinic's system, which may read the clinic's charts in its own name. He wants a chart of another clinic, and has the " +
		"system say that it is an emergency.",
	Reads: []string{"HL7 v3-ActReason BTG", "IHE PCF"},
	Has:   []event.Asset{event.ClientKey, event.DPoPKey}, Against: []Trait{KeyAuth},
	Beyond:   beyondObjects + " One that lets people break the glass asks for a person.",
	Evidence: "A refused AuditEvent with purposeOfEvent BTG, of a system in its own name.",
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := systemToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.breakGlass(ctx, record(g, lastStranger(g)), t)
		return err
	},
})

var _ = register("F-22/export", Technique{
	Variant: "export",
	Title:   "The glass is broken for everybody at once",
	Story: "The thief is a doctor, and signs in with his card. He says that it is an emergency, and asks for an export of all patients: where the word " +
		"switches a filter off, it is off for everything.",
	Reads:    []string{"HL7 v3-ActReason BTG", "FHIR Bulk Data Access 2.0"},
	Has:      []event.Asset{event.OwnClient},
	Beyond:   beyondObjects + " Behind broken glass, one patient's record is open and no more.",
	Evidence: "An export with purposeOfEvent BTG, which nobody needs in an emergency.",
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		t, err := a.signInAgain(ctx)
		if err != nil {
			return err
		}
		a.emergency = emergency
		ans, err := a.startExport(ctx, g.Target().FHIRBase+"/$export?_type=Patient", t)
		if err != nil {
			return err
		}
		if ans.status != http.StatusAccepted {
			return ErrStopped
		}
		return a.fetchExport(ctx, ans.header.Get("Content-Location"), t)
	},
})

// emergency is what he says.
const emergency = `BTG; reason="unconscious, no next of kin"`

// breakGlass asks for a record and says that it is an emergency.
func (a *app) breakGlass(ctx context.Context, address string, t fapi.TokenResponse) (answer, error) {
	a.emergency = emergency
	return a.read(ctx, address, t)
}

// wantsSignIn tells whether an API wants the person to sign in again (RFC 9470 s3).
func (a answer) wantsSignIn() bool {
	return a.status == http.StatusUnauthorized && strings.Contains(strings.Join(a.header.Values("WWW-Authenticate"), ","), "insufficient_user_authentication")
}

// signInAgain is signIn with the card, and now.
func (a *app) signInAgain(ctx context.Context) (fapi.TokenResponse, error) {
	return a.signInAs(ctx, "openid user/*.rs", a.g.Target().FHIRBase, func(form url.Values) {
		form.Set("acr_values", "loa-high")
		form.Set("max_age", "0")
	})
}

// lastStranger is a patient whom neither he nor the doctor whose session he has treats.
func lastStranger(g Ground) string { return g.Target().Patients[len(g.Target().Patients)-1] }
