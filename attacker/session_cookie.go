package attacker

import (
	"context"
	"fmt"

	"thiefbox/sim/event"
)

var _ = register("E-01", Technique{
	Title: "The clinician's session cookie is stolen",
	Story: "Malware copies the cookies of a clinician's browser and sells them. The thief opens the EHR with hers: he is signed in as her, and the EHR " +
		"does the rest, token, proof and all.",
	Reads:    []string{"FAPI 2.0 Attacker Model, outside", "device-bound session credentials (W3C draft)"},
	Evidence: "One session of the client from two addresses or two kinds of browser; nothing unusual at the server or the API.",
	Has:      []event.Asset{event.SessionCookie},
	Beyond: "FAPI 2.0 ends at the client: how that recognises its users again is its own affair. Sessions bound to a device, short ones, and asking " +
		"again before something is opened all help.",
	Run: func(ctx context.Context, g Ground) error {
		cookies := g.Stolen(event.SessionCookie)
		if len(cookies) == 0 {
			return fmt.Errorf("the stolen browser has no cookie for the client")
		}
		r := get(ctx, g.Target().ClientRecord+stranger(g))
		r.Header.Set("Cookie", string(cookies))
		_, err := send(g, r)
		return err
	},
})
