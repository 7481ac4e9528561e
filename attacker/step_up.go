package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
)

var _ = register("T-16", Technique{
	Title: "A stolen session opens confidential documents",
	Story: "The thief has a token from a proxy's capture and the EHR's DPoP key, so whatever the clinician's ordinary sign-in opens is his. He goes " +
		"for the documents, which she would have to sign in for with her key card, and that he does not have.",
	Reads: []string{"RFC 9470 s3", "RFC 9700 s2.2"},
	Needs: []event.Vantage{event.APIProxy}, Has: []event.Asset{event.DPoPKey},
	Beyond: "FAPI 2.0 does not ask how strong a sign-in was: who holds token and key is the client. Asking for a stronger or later sign-in where it " +
		"matters most (RFC 9470) leaves the thief with what an ordinary one opens.",
	Run: func(ctx context.Context, g Ground) error {
		a, l, err := stolenTokenAndKey(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, g.Target().FHIRBase+"/DocumentReference?patient="+url.QueryEscape(stranger(g)), l.response())
		return err
	},
})
