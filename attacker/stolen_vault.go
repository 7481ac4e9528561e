package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("L-01/vault", Technique{
	Title: "Refresh tokens and the client's key, from one vault",
	Story: "A supplier kept the refresh tokens of all its clinics and the key it authenticates with in the same vault. The thief has both: he " +
		"signs assertions as the client, and gets a fresh access token, for a DPoP key of his own, with each refresh token.",
	Reads: []string{"FAPI 2.0 SP 6.8", "RFC 9449 s5", "Salesloft Drift, August 2025"},
	Has:   []event.Asset{event.ClientDatabase, event.ClientKey}, Against: []Trait{KeyAuth},
	Beyond: "A refresh token is bound to its client by the client's key, and not to a key for proofs (RFC 9449 s5): whoever holds both is the " +
		"client. Keeping them apart, binding proofs to registered keys, and revocation limit it.",
	Run: func(ctx context.Context, g Ground) error {
		c, err := victimsCredentials(g)
		if err != nil {
			return err
		}
		a, err := newApp(ctx, g, c)
		if err != nil {
			return err
		}
		return a.refreshStolen(ctx, nil)
	},
})
