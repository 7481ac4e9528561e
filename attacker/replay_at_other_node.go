package attacker

import (
	"context"
	"fmt"

	"thiefbox/sim/event"
)

var _ = register("D-06", Technique{
	Title: "Replay at another node of the API",
	Story: "The API runs on several machines, and each remembers only the proofs it has seen itself. The thief replaces the load " +
		"balancer's cookie, so that his copy goes to the machine next door.",
	Reads:   []string{"RFC 9449 s11.1"},
	Needs:   []event.Vantage{event.APIProxy},
	Against: []Trait{ProofBound},
	Beyond:  "FAPI 2.0 demands no replay memory, so none that the nodes share. A shared memory, or nonces tied to a node, stops it.",
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "/Patient/")
		if err != nil {
			return err
		}
		if g.Target().OtherNode == "" {
			return fmt.Errorf("this API has one node only")
		}
		r := again(ctx, l.Message)
		r.Header.Set("Cookie", g.Target().OtherNode)
		_, err = send(g, r)
		return err
	},
})
