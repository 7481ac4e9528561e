package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("CH-06", Technique{
	Title: "New address: two assertions and a click",
	Story: "Two assertions of the EHR's reach the thief by audience injection (X-05). With one he pushes a request in the EHR's name whose answer goes to his own " +
		"site (P-16). A clinician follows the link, reads the EHR's name on the real page, and agrees. With the other assertion he redeems her " +
		"code: a token for her patients.",
	Reads: []string{"CVE-2025-27370", "RFC 9126 s2.4", "RFC 9700 s2.1", "FAPI 2.0 SP 5.3.2.1-8"},
	Evidence: "A pushed request with a redirect URI the client never had; assertions for an endpoint of this server that the client's log knows nothing of; a " +
		"token bound to a new key.",
	Needs: []event.Vantage{event.RogueAS}, Against: []Trait{KeyAuth, Pushed},
	Run: func(ctx context.Context, g Ground) error {
		h, err := newHarvester(ctx, g)
		if err != nil {
			return err
		}
		first, err := h.assertion()
		if err != nil {
			return err
		}
		second, err := h.assertion()
		if err != nil {
			return err
		}
		return pushedElsewhere(ctx, g, first, second)
	},
})
