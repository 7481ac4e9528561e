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
		l, err := stolenRequest(g, event.APIProxy, "/Patient/")
		if err != nil {
			return err
		}
		a, err := withVictimsKey(ctx, g)
		if err != nil {
			return err
		}
		if err := g.Lure(g.Target().ClientLogout); err != nil {
			return err
		}
		_, err = a.read(ctx, l.URL, l.response())
		return err
	},
})
