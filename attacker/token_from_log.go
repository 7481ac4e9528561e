package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("T-01", Technique{
	Title: "Access token lifted from a log file",
	Story: "The API's access log keeps the Authorization header of every request. The thief reads the log and calls the API with " +
		"the token: first as he found it, then, if the token is bound to a key, with a proof made with a key of his own.",
	Reads: []string{"FAPI 2.0 Attacker Model A5", "RFC 9700 s4.9.2", "FAPI 2.0 SP 6.2"},
	Needs: []event.Vantage{event.APILog},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		a, err := send(g, withToken(get(ctx, l.URL), "Bearer", l.token, ""))
		if err != nil || a.ok() || !l.bound() {
			return err
		}
		return withOwnKey(ctx, g, l)
	},
})

// withOwnKey sends a bound token with a proof that is right in all but the key.
func withOwnKey(ctx context.Context, g Ground, l loot) error {
	thiefs, err := newApp(ctx, g, noCredentials)
	if err != nil {
		return err
	}
	_, err = thiefs.read(ctx, l.URL, bound(l.token))
	return err
}
