package attacker

import (
	"context"
	"time"

	"thiefbox/sim/event"
)

var _ = register("E-11", Technique{
	Title: "A client key from a backup of three months ago",
	Story: "The thief buys an old backup of the EHR's server. Its sessions have long ended, its codes and tokens have expired, but the key it " +
		"authenticates with is still the one in use, because nobody ever changed it.",
	Reads:    []string{"FAPI 2.0 SP 6.8"},
	Evidence: "A token for the client from a new address, bound to a key nobody has seen, and a kid that is as old as the client.",
	Has:      []event.Asset{event.ClientKey}, Against: []Trait{KeyAuth},
	Beyond: "FAPI 2.0 recommends rotating keys (SP 6.8) and requires nothing: a key is good until its owner registers another. Keys that hardware " +
		"keeps are in no backup; pinned proof keys limit what an assertion buys.",
	Run: func(ctx context.Context, g Ground) error {
		c, err := victimsCredentials(g)
		if err != nil {
			return err
		}
		g.Wait(90 * 24 * time.Hour)
		return clientCredentials(ctx, g, c)
	},
})
