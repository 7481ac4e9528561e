package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("CH-08", Technique{
	Title: "Withdrawn: how long a token outlives its end",
	Story: "The thief has a token and the key it is bound to. The clinician signs out, and her tokens are withdrawn. He tries his at once, after one minute, after five and " +
		"after ten, until he is refused (L-04): the time until then is what containment takes.",
	Reads:    []string{"FAPI 2.0 SP 5.3.4-3", "RFC 7009 s3", "RFC 7662 s4"},
	Evidence: "Requests served with a token after the server withdrew it; the last of them says how long that went on.",
	Needs:    []event.Vantage{event.APIProxy}, Has: []event.Asset{event.DPoPKey},
	Run: func(ctx context.Context, g Ground) error {
		a, l, err := afterSignOut(ctx, g)
		if err != nil {
			return err
		}
		return untilRefused(g, func() (answer, error) { return a.read(ctx, l.URL, l.response()) })
	},
})
