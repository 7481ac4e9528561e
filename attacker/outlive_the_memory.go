package attacker

import (
	"context"
	"time"

	"thiefbox/sim/event"
)

var _ = register("D-07", Technique{
	Title: "A proof that outlives the memory of it",
	Story: "The client's clock is a few seconds fast, so its proofs are dated ahead and stay acceptable a few seconds longer than the API " +
		"remembers them. The thief waits for the moment between.",
	Reads:   []string{"RFC 9449 s11.1", "sourcebot PR #1395"},
	Needs:   []event.Vantage{event.APIProxy},
	Against: []Trait{ProofBound},
	Scene:   Scene{ClientClockAhead: 8 * time.Second},
	Beyond:  "FAPI 2.0 demands no replay memory, so none that lasts long enough. Remembering a proof for as long as it is acceptable stops it.",
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "/Patient/")
		if err != nil {
			return err
		}
		g.Wait(62 * time.Second) // past a minute since arrival, within a minute of the proof's date
		_, err = send(g, again(ctx, l.Message))
		return err
	},
})
