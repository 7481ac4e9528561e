package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("L-06", Technique{
	Variant: "as-a-client",
	Title:   "A client asks what somebody's token says",
	Story: "The thief found a token and asks the authorization server, with the credentials of his own app, whose it is, what it is good for " +
		"and whether it still works.",
	Reads: []string{"RFC 7662 s2.1, s4", "FAPI 2.0 Message Signing 6.2"},
	Needs: []event.Vantage{event.APILog}, Has: []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		return a.sayToken(ctx, a.meta.IntrospectionEndpoint)
	},
})

var _ = register("L-07", Technique{
	Variant: "as-another-api",
	Title:   "An API asks about a token meant for another",
	Story:   "The thief runs the laboratory's API and asks the authorization server about a token for the FHIR API that he found in a log.",
	Reads:   []string{"RFC 9701 s5", "CVE-2026-37979 (Keycloak)"},
	Needs:   []event.Vantage{event.APILog}, Has: []event.Asset{event.LabCredentials}, Against: []Trait{PerAPI},
	Run: func(ctx context.Context, g Ground) error {
		var c fapi.Credentials
		if err := stolenJSON(g, event.LabCredentials, &c); err != nil {
			return err
		}
		a, err := newApp(ctx, g, c)
		if err != nil {
			return err
		}
		return a.sayToken(ctx, a.meta.IntrospectionEndpoint)
	},
})

var _ = register("L-08", Technique{
	Variant: "revoke-anothers",
	Title:   "A client revokes another's token",
	Story:   "The thief found a clinician's token and revokes it with the credentials of his own app: she is thrown out in the middle of her work.",
	Reads:   []string{"RFC 7009 s2.1"},
	Needs:   []event.Vantage{event.APILog}, Has: []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		return a.sayToken(ctx, a.meta.RevocationEndpoint)
	},
})

// sayToken posts a token from the log to an endpoint that does something about tokens.
func (a *app) sayToken(ctx context.Context, endpoint string) error {
	l, err := stolenRequest(a.g, event.APILog, "")
	if err != nil {
		return err
	}
	_, err = a.call(ctx, endpoint, url.Values{"token": {l.token}}, nil)
	return err
}
