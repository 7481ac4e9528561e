package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("T-04", Technique{
	Title: "Access token taken at a TLS-terminating proxy",
	Story: "In front of the API a proxy ends TLS and keeps whole requests. The thief reads them afterwards and asks for the " +
		"record of another patient with the same headers: the token, and the proof if there was one.",
	Reads: []string{"FAPI 2.0 Attacker Model A5", "RFC 9700 s4.13", "RFC 9449 s4.3-9"},
	Needs: []event.Vantage{event.APIProxy},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "/Patient/")
		if err != nil {
			return err
		}
		r := again(ctx, l.Message)
		r.URL = get(ctx, record(g, otherThan(g, l.URL))).URL // the one thing changed
		_, err = send(g, r)
		return err
	},
})
