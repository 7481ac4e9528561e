package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("M-06", Technique{
	Title: "A token is issued without a certificate",
	Story: "The thief has a token request that never arrived, and sends it where the authorization server asks nobody for a certificate. A " +
		"server that then issues an ordinary bearer token, instead of refusing, has quietly given up what certificates are for.",
	Reads: []string{"FAPI 2.0 SP 5.3.2.1-4", "RFC 8705 s3.4, s5", "OIDF conformance suite, ensure-holder-of-key-required"},
	Needs: []event.Vantage{event.TokenHeld}, Against: []Trait{CertificateBound},
	Run: func(ctx context.Context, g Ground) error {
		_, form, err := tokenRequest(g, event.TokenHeld, "authorization_code")
		if err != nil {
			return err
		}
		a, err := newApp(ctx, g, noCredentials)
		if err != nil {
			return err
		}
		ans, err := send(g, post(ctx, a.meta.TokenEndpoint, form)) // not the alias, and no certificate
		if err != nil {
			return err
		}
		t, err := readToken(ans)
		if err != nil {
			return err
		}
		_, err = send(g, withToken(get(ctx, record(g, stranger(g))), "Bearer", t.AccessToken, ""))
		return err
	},
})
