package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("L-04", Technique{
	Title: "A revoked access token still works",
	Story: "The thief has a token from a proxy's capture, and the EHR's DPoP key. The clinician signs out, and the EHR revokes her tokens. He " +
		"uses the token after that, with a fresh proof.",
	Reads: []string{"FAPI 2.0 SP 5.3.4-3", "RFC 7009 s3"},
	Needs: []event.Vantage{event.APIProxy}, Has: []event.Asset{event.DPoPKey},
	Run: func(ctx context.Context, g Ground) error {
		a, l, err := afterSignOut(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, l.URL, l.response())
		return err
	},
})

var _ = register("E-12", Technique{
	Variant: "line-cut",
	Title:   "A revoked token works while the API cannot ask about it",
	Story: "As when a revoked token still works, but this API asks the authorization server about each token. So the thief cuts the line between the two. An " +
		"API that would rather serve everybody than nobody takes the token for good.",
	Reads:    []string{"FAPI 2.0 SP 5.3.4-3", "RFC 7662 s4"},
	Evidence: "Introspection that fails, and requests served in the same second; a revoked token among them.",
	Needs:    []event.Vantage{event.APIProxy, event.IntrospectionCut}, Has: []event.Asset{event.DPoPKey},
	Run: func(ctx context.Context, g Ground) error {
		a, l, err := afterSignOut(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, l.URL, l.response())
		return err
	},
})

// afterSignOut is when her token has been withdrawn: he has the request it went with, and an app that proves its key.
func afterSignOut(ctx context.Context, g Ground) (*app, loot, error) {
	a, l, err := stolenTokenAndKey(ctx, g)
	if err != nil {
		return nil, l, err
	}
	return a, l, g.Lure(g.Target().ClientLogout)
}
