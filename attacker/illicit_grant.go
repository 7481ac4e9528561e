package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("E-04", Technique{
	Title: "A clinician is talked into letting an app in",
	Story: "The thief's app is registered and approved like any other. He sends a clinician a link to the genuine sign-in page: it says that Locum " +
		"Helper wants to see her patients. She signs in, agrees, and the app reads what she may read.",
	Reads:    []string{"FAPI 2.0 SP 5.3.2.2-13", "illicit consent grants, as seen against Microsoft 365"},
	Evidence: "Many grants for a client that was hardly used before, and then its reading patients whom those people never opened in it.",
	Has:      []event.Asset{event.OwnClient},
	Beyond: "The client is a proper one and the person agreed: no message is wrong. FAPI 2.0 asks that the page says who asks for what; vetting of " +
		"clients, and an API that knows whose patient it is, limit the damage.",
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		return a.invite(ctx)
	},
})
