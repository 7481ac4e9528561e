package attacker

import (
	"context"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("J-06/stolen-key", Technique{
	Title: "Tokens signed with the authorization server's stolen key",
	Story: "The thief has the key the authorization server signs with. He writes an access token that says what a clinician's says, binds it to a " +
		"key of his own if tokens are bound, and signs it. Every check of the token passes: only the server knows that it never issued it.",
	Reads: []string{"Storm-0558 (Microsoft, July 2023)", "FAPI 2.0 SP 5.3.4-3", "RFC 7662 s2.2"},
	Needs: []event.Vantage{event.APILog}, Has: []event.Asset{event.ServerKey},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		a, err := newApp(ctx, g, noCredentials)
		if err != nil {
			return err
		}
		key, err := g.ReadKey(g.Stolen(event.ServerKey))
		if err != nil {
			return err
		}
		claims, _, err := l.claims(a.key)
		if err != nil {
			return err
		}
		claims.JTI = g.Random() // the server has never heard of it
		forged, err := fapi.Sign(fapi.Header{Typ: fapi.TypAccessToken, Kid: key.ID}, claims, key)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, l.URL, fapi.TokenResponse{AccessToken: forged, TokenType: l.scheme})
		return err
	},
})
