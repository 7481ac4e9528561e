package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("P-16", Technique{
	Title: "A pushed request whose answer goes to the thief's site",
	Story: "For one minute the thief sits at the client's keyboard and has its key sign an assertion that expires in a year. From home he pushes a request in the EHR's " +
		"name, with a redirect URI that nobody registered: his own. Some servers allow that, since the client has authenticated. A clinician " +
		"follows the link, and he redeems her code.",
	Reads:    []string{"RFC 9126 s2.4", "RFC 9700 s2.1, s4.1", "OIDF conformance suite, plain-fapi-tolerate-unregistered-redirect-uri"},
	Evidence: "A pushed request with a redirect URI that the client never had, and an assertion that came long after it was made.",
	Has:      []event.Asset{event.Signed}, Against: []Trait{KeyAuth, Pushed},
	Run: func(ctx context.Context, g Ground) error {
		a, err := signedInAdvance(g)
		if err != nil {
			return err
		}
		return pushedElsewhere(ctx, g, a.AssertionLong, a.AssertionLong)
	},
})
