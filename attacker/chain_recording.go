package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("CH-02", Technique{
	Title: "Log file: everything from one recording",
	Story: "Somebody packed a file for the EHR's supplier, to find a fault: its session table, with a refresh token for each clinician at work (L-01), and a recording of its " +
		"requests, with an assertion that is still in date (K-01). The thief sends one of each with a key of his own. The new token is bound " +
		"to that (D-28), and he reads one record after the other (F-14).",
	Reads:    []string{"RFC 9449 s5, s11.11", "FAPI 2.0 SP 5.3.2.1-9", "Okta support case management system (October 2023)"},
	Evidence: "One assertion twice, from two addresses; a grant whose tokens change their key; records opened in the order of their numbers.",
	Needs:    []event.Vantage{event.TokenLog}, Has: []event.Asset{event.ClientDatabase}, Against: []Trait{KeyAuth, ProofBound},
	Beyond: "The refresh token of a confidential client is bound to the client, not to a key (RFC 9449 s5), and SP does not ask a server to remember " +
		"assertions. Using each assertion once, or pinning proof keys to clients, stops it.",
	Run: func(ctx context.Context, g Ground) error {
		_, recorded, err := tokenRequest(g, event.TokenLog, "authorization_code")
		if err != nil {
			return err
		}
		refreshToken, err := stolenRefreshToken(g)
		if err != nil {
			return err
		}
		a, err := newApp(ctx, g, fapi.Credentials{ClientID: g.Target().ClientID})
		if err != nil {
			return err
		}
		t, err := a.token(ctx, url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {refreshToken}, "resource": {g.Target().FHIRBase},
		}, as(recorded.Get("client_assertion")))
		if err != nil {
			return err
		}
		return a.scrape(ctx, t)
	},
})
