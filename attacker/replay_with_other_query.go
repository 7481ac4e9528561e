package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("D-05", Technique{
	Title: "Replay of a proof with another query",
	Story: "A proof covers the address up to the question mark. The thief keeps token and proof of a search for one patient's conditions " +
		"and asks for another patient's.",
	Reads:   []string{"FAPI 2.0 SP 6.2-3", "RFC 9449 s11.7"},
	Needs:   []event.Vantage{event.APIProxy},
	Against: []Trait{ProofBound},
	Beyond: "A DPoP proof covers neither query nor body (RFC 9449 s11.7), and FAPI 2.0 does not oblige an API to remember proofs. " +
		"Replay memory stops it, and so would HTTP message signatures.",
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "?patient=")
		if err != nil {
			return err
		}
		r := again(ctx, l.Message)
		q := r.URL.Query()
		q.Set("patient", stranger(g)) // the one thing changed
		r.URL.RawQuery = q.Encode()
		_, err = send(g, r)
		return err
	},
})
