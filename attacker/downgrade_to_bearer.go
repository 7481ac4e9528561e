package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("D-01", Technique{
	Title: "A DPoP-bound token under the Bearer scheme",
	Story: "The token is bound to the client's key, but the thief does not say so: he presents it as an ordinary bearer token. An API " +
		"that picks its checks by the scheme, and never looks at what the token says about itself, asks for no proof.",
	Reads:   []string{"RFC 9449 s7.2", "OIDF conformance suite, dpop-negative-tests"},
	Needs:   []event.Vantage{event.APILog},
	Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		_, err = send(g, withToken(get(ctx, l.URL), "Bearer", l.token, ""))
		return err
	},
})
