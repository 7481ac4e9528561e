package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("K-09", Technique{
	Title: "The client's signing key is stolen",
	Story: "A backup of the EHR's server holds the key it authenticates with. The thief signs assertions from anywhere; to the " +
		"authorization server he is the EHR.",
	Reads: []string{"FAPI 2.0 SP 6.8"},
	Has:   []event.Asset{event.ClientKey}, Against: []Trait{KeyAuth},
	Beyond: "Whoever holds the key is the client: that is what the key means. Rotation, hardware that keeps the key, and binding proofs to " +
		"registered keys limit it.",
	Run: func(ctx context.Context, g Ground) error {
		c, err := victimsCredentials(g)
		if err != nil {
			return err
		}
		return clientCredentials(ctx, g, c)
	},
})
