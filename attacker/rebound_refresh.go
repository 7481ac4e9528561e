package attacker

import (
	"context"
	"net/http"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("D-28", Technique{
	Title: "A refresh token is bound to the thief's key",
	Story: "The thief has a backup of the EHR's session table, with a refresh token in it, and a token request that never arrived, with an unused client " +
		"assertion. He puts the two together and shows a key of his own. The new access token is bound to that.",
	Reads:    []string{"RFC 9449 s5, s11.11", "FAPI 2.0 SP 5.3.2.1-9"},
	Evidence: "A grant whose tokens change their key; an assertion that reaches the server long after it was made.",
	Needs:    []event.Vantage{event.TokenHeld}, Has: []event.Asset{event.ClientDatabase}, Against: []Trait{ProofBound, KeyAuth},
	Beyond: "The refresh token of a confidential client is bound to the client, not to a key (RFC 9449 s5), and an assertion is not tied to a proof " +
		"(s11.11). Pinning proof keys to clients stops it.",
	Run: func(ctx context.Context, g Ground) error {
		_, held, err := tokenRequest(g, event.TokenHeld, "authorization_code")
		if err != nil {
			return err
		}
		a, err := newApp(ctx, g, fapi.Credentials{ClientID: g.Target().ClientID})
		if err != nil {
			return err
		}
		return a.refreshStolen(ctx, func(_ *http.Request, form url.Values) {
			addAssertion(form, held.Get("client_assertion"))
		})
	},
})
