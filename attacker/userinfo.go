package attacker

import (
	"context"
	"net/http"

	"thiefbox/sim/event"
)

var _ = register("L-06/userinfo", Technique{
	Variant: "bare",
	Title:   "A found token tells who the clinician is",
	Story: "The thief found a token in the API's log. The API would ask for a proof; he takes the token to the userinfo endpoint of the " +
		"authorization server instead, under the Bearer scheme, and asks who she is.",
	Reads: []string{"RFC 9449 s7.2", "OIDC Core s5.3.1"},
	Needs: []event.Vantage{event.APILog},
	Run: func(ctx context.Context, g Ground) error {
		l, a, err := foundToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = send(g, withToken(get(ctx, a.meta.UserinfoEndpoint), "Bearer", l.token, ""))
		return err
	},
})

var _ = register("L-06/userinfo-proof", Technique{
	Variant: "own-proof",
	Title:   "A found token tells who the clinician is, to whoever makes a proof",
	Story:   "As before, but under the DPoP scheme, with a proof that is right in all but one thing: it is by the thief's key.",
	Reads:   []string{"RFC 9449 s4.3-12b, s7.1", "OIDC Core s5.3.1"},
	Needs:   []event.Vantage{event.APILog}, Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		l, a, err := foundToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.withNonce(a.meta.UserinfoEndpoint, func() (*http.Request, error) {
			proof, err := a.proof(http.MethodGet, a.meta.UserinfoEndpoint, l.token).Sign(a.key) // his own
			return withToken(get(ctx, a.meta.UserinfoEndpoint), "DPoP", l.token, proof), err
		})
		return err
	},
})

// foundToken is a token from the API's log, and an app without credentials that knows where things are.
func foundToken(ctx context.Context, g Ground) (loot, *app, error) {
	l, err := stolenRequest(g, event.APILog, "/Patient/")
	if err != nil {
		return l, nil, err
	}
	a, err := newApp(ctx, g, noCredentials)
	return l, a, err
}
