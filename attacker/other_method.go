package attacker

import (
	"context"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("K-13", Technique{
	Title: "A client is impersonated by a method it never registered",
	Story: "The EHR registered one way to authenticate. The thief has the secret that is still on file for it, and sends it another way: as fields of the " +
		"form. A server that takes whatever method it is offered is as strong as the weakest of them.",
	Reads:    []string{"RFC 7591 s2", "FAPI 2.0 SP 5.3.2.1-6"},
	Evidence: "A client that authenticates by another method than the one it registered.",
	Has:      []event.Asset{event.ClientSecret},
	Run: func(ctx context.Context, g Ground) error {
		var c fapi.Credentials
		if err := stolenJSON(g, event.ClientSecret, &c); err != nil {
			return err
		}
		c.AuthMethod = "client_secret_post" // the one thing changed
		return clientCredentials(ctx, g, c)
	},
})
