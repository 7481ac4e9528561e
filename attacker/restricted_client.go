package attacker

import (
	"context"
	"time"

	"thiefbox/sim/event"
)

var _ = register("P-19", Technique{
	Title: "A client is restricted, and opens a request from before",
	Story: "The thief's app has drawn complaints. He pushes one more request with all it may ask for. Then the operator takes people's records out of the app's registration. A " +
		"clinician follows the link a few seconds later: the page asks her for what the app may no longer have, and whatever she agrees to, it gets.",
	Reads:    []string{"RFC 9126 s7.4"},
	Evidence: "A request opened after the registration it rests on was changed; a grant wider than the client's registration.",
	Has:      []event.Asset{event.OwnClient}, Against: []Trait{Pushed}, Scene: Scene{OwnClientNarrowed: true},
	Beyond: "RFC 9126 s7.4 recommends that a request is held against the client's registration once more when it is opened, and FAPI 2.0 does not repeat it. The " +
		"minute that a request_uri lives bounds the damage.",
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		s := newSite(g)
		z, err := a.authorize(ctx, "openid user/*.rs", g.Target().FHIRBase, nil)
		if err != nil {
			return err
		}
		g.Wait(10 * time.Second)
		return a.catchAndRedeem(ctx, s, z.url, z)
	},
})
