package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("D-03", Technique{
	Title:   "No proof at all",
	Story:   "The thief presents the stolen token under the DPoP scheme and leaves the proof out.",
	Reads:   []string{"RFC 9449 s7.1, s4.3-1"},
	Needs:   []event.Vantage{event.APILog},
	Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		_, err = send(g, withToken(get(ctx, l.URL), "DPoP", l.token, ""))
		return err
	},
})
