package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("K-07", Technique{
	Title: "A client secret from a repository",
	Story: "Years ago somebody committed the EHR's shared secret. The thief finds it in the history and asks for a token in the EHR's " +
		"own name, from his own machine. Whether the EHR itself still uses the secret is not his concern.",
	Reads: []string{"RFC 9700 s2.5", "FAPI 2.0 SP 5.3.2.1-6"},
	Has:   []event.Asset{event.ClientSecret},
	Run: func(ctx context.Context, g Ground) error {
		var c fapi.Credentials
		if err := stolenJSON(g, event.ClientSecret, &c); err != nil {
			return err
		}
		return clientCredentials(ctx, g, c)
	},
})

// clientCredentials gets a token in a client's own name and reads a record.
func clientCredentials(ctx context.Context, g Ground, c fapi.Credentials) error {
	a, err := newApp(ctx, g, c)
	if err != nil {
		return err
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"system/*.rs"}, "resource": {g.Target().FHIRBase}}
	t, err := a.token(ctx, form, nil)
	if err != nil {
		return err
	}
	_, err = a.read(ctx, record(g, stranger(g)), t)
	return err
}
