package attacker

import (
	"context"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// A token that the honest server's own key has signed, but not for this. It comes as an asset, bound to a
// key of the thief's if tokens are bound.
func signedElsewhere(id, variant, title, story string, reads []string, evidence string, asset event.Asset) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Evidence: evidence, Has: []event.Asset{asset},
		Run: func(ctx context.Context, g Ground) error {
			var t fapi.TokenResponse
			if err := stolenJSON(g, asset, &t); err != nil {
				return err
			}
			a, err := newApp(ctx, g, noCredentials)
			if err != nil {
				return err
			}
			g.Wait(hour)
			_, err = a.read(ctx, record(g, stranger(g)), t)
			return err
		},
	})
}

var _ = signedElsewhere("X-11", "tenant", "A token of a neighbouring tenant with the same keys",
	"The authorization server is a product with many tenants, and all of them sign with one key. The thief is the administrator of another tenant, where "+
		"he may name his users as he likes. He has a token made there that carries a clinician's name.",
	[]string{"RFC 8725 s3.8", "RFC 9068 s4-2", "RFC 9207 s4"},
	"Tokens of an issuer the API has nothing to do with, under a key it knows.",
	event.TenantToken)

var _ = signedElsewhere("J-14", "endless", "A token that was made for a test and never expires",
	"Years ago somebody made an access token by hand, to test something, with the server's key and no expiry. It has been in a wiki since. It is bound to a "+
		"key that was in the wiki too.",
	[]string{"RFC 9068 s2.2, s4-5", "FAPI 2.0 SP 5.3.4-3"},
	"A token without exp, and a jti that the server did not issue.",
	event.EndlessToken)

var _ = signedElsewhere("T-11/early", "early", "A token for a day to come",
	"A locum begins tomorrow, and somebody has made the token for the first day beforehand, with the server's key: it says from when on it is good. The thief "+
		"finds it, with the key it is bound to, and does not wait.",
	[]string{"RFC 7519 s4.1.5", "FAPI 2.0 SP 5.3.4-3"},
	"A token whose nbf has not come yet, and a jti that the server did not issue.",
	event.EarlyToken)
