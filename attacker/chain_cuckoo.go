package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("CH-04", Technique{
	Title: "The cuckoo: a useless token finds its key",
	Story: "The thief reads an access token in a log and tries it, with a key of his own (T-01). It is bound to the EHR's key and refused. So he signs in at " +
		"the EHR by way of a regional server of his own, which hands the EHR that token: the EHR has the key (X-04).",
	Reads: []string{"FAPI 2.0 SP 6.2, 6.3", "formal analysis of FAPI 2.0, Hosseyni, Küsters, Würtele"},
	Evidence: "A bound token with another key's proof, and minutes later the same token with the right one, in a session of somebody who was issued no such " +
		"token.",
	Needs: []event.Vantage{event.APILog, event.RogueAS}, Against: []Trait{Bound},
	Beyond: "FAPI 2.0 describes it (SP 6.3) and leaves the remedies optional: a key for each server, or a client that looks at who issued " +
		"the token it is handed.",
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		if err := withOwnKey(ctx, g, l); err != nil {
			return err
		}
		return layToken(ctx, g, "")
	},
})
