package attacker

import (
	"context"
	"time"

	"thiefbox/sim/event"
)

var _ = register("T-11", Technique{
	Title: "An expired access token still works",
	Story: "The thief finds a day-old capture, and has the client's DPoP key from a stolen disk. Everything he sends is right and " +
		"fresh, except that the token's time has passed.",
	Reads: []string{"FAPI 2.0 SP 5.3.4-3", "RFC 9068 s4"},
	Needs: []event.Vantage{event.APIProxy},
	Has:   []event.Asset{event.DPoPKey},
	Run: func(ctx context.Context, g Ground) error {
		a, l, err := stolenTokenAndKey(ctx, g)
		if err != nil {
			return err
		}
		g.Wait(24 * time.Hour) // the one thing wrong
		_, err = a.read(ctx, l.URL, l.response())
		return err
	},
})

// stolenTokenAndKey is a request of hers to an API, as the proxy has it, and an app with the key that its token is
// bound to.
func stolenTokenAndKey(ctx context.Context, g Ground) (*app, loot, error) {
	l, err := stolenRequest(g, event.APIProxy, "/Patient/")
	if err != nil {
		return nil, l, err
	}
	a, err := withVictimsKey(ctx, g)
	return a, l, err
}

// withVictimsKey is an app with the key that the honest client's tokens are bound to, and no credentials.
func withVictimsKey(ctx context.Context, g Ground) (*app, error) {
	c := noCredentials
	if err := addVictimsKey(g, &c); err != nil {
		return nil, err
	}
	return newApp(ctx, g, c)
}
