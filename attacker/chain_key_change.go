package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("CH-09", Technique{
	Title: "Key change: how long a lost key is trusted",
	Story: "The thief has the key that the authorization server signs with (E-07). The loss is noticed and the key replaced. He writes a token at once, and one after one " +
		"minute, after five and after ten, until the API refuses (J-12): until then the emergency is not over, whatever the announcement says.",
	Reads:    []string{"Storm-0558 (Microsoft, July 2023)", "FAPI 2.0 SP 6.8", "RFC 9068 s4"},
	Evidence: "Tokens under a key that the server no longer publishes, served by the API; tokens whose jti the server never issued.",
	Needs:    []event.Vantage{event.APILog}, Has: []event.Asset{event.ServerKey}, Scene: Scene{KeysReplaced: true},
	Run: func(ctx context.Context, g Ground) error {
		lost, err := g.ReadKey(g.Stolen(event.ServerKey))
		if err != nil {
			return err
		}
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		a, err := newApp(ctx, g, noCredentials)
		if err != nil {
			return err
		}
		return untilRefused(g, func() (answer, error) { return a.readForged(ctx, l, lost) })
	},
})
