package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("D-02", Technique{
	Title: "A stolen token with a proof by the thief's own key",
	Story: "The thief makes a perfect proof for the stolen token, signed by a key of his own. It proves that he holds a key; an API " +
		"that does not compare it with the key the token is bound to is content.",
	Reads:   []string{"RFC 9449 s4.3-12b, s6.1, s11.8", "giantswarm/mcp-oauth #384"},
	Needs:   []event.Vantage{event.APILog},
	Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		return withOwnKey(ctx, g, l)
	},
})
