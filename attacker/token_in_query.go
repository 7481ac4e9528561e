package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
)

var _ = register("T-10", Technique{
	Title: "The API takes an access token from the URL",
	Story: "Somebody pastes a link to the API into a support ticket, with the token in it. The thief takes a token from a log and " +
		"puts it where the link had it: in the query string. An API that reads it there makes every log and history a key ring.",
	Reads: []string{"FAPI 2.0 SP 5.3.4-2", "RFC 6750 s2.3"},
	Needs: []event.Vantage{event.APILog},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		_, err = send(g, get(ctx, l.URL+"?"+url.Values{"access_token": {l.token}}.Encode()))
		return err
	},
})
