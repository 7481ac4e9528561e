package attacker

import (
	"context"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// The thief has the key that the authorization server signs with. The loss was noticed, and the key replaced.
func replacedKey(id, variant, title, story string, wait time.Duration) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: []string{"FAPI 2.0 SP 6.8", "RFC 7517 s5", "RFC 9068 s4"},
		Needs: []event.Vantage{event.APILog}, Has: []event.Asset{event.ServerKey}, Scene: Scene{KeysReplaced: true},
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
			g.Wait(wait)
			_, err = a.readForged(ctx, l, lost)
			return err
		},
	})
}

// readForged asks again for what was overheard, with a token as the overheard one, written at this moment and
// signed with a key of the authorization server's.
func (a *app) readForged(ctx context.Context, l loot, key *fapi.Key) (answer, error) {
	claims, _, err := l.claims(a.key)
	if err != nil {
		return answer{}, err
	}
	claims.IssuedAt, claims.Expires, claims.JTI = a.g.Now().Unix(), a.g.Now().Add(5*time.Minute).Unix(), a.g.Random()
	forged, err := claims.Sign(key)
	if err != nil {
		return answer{}, err
	}
	return a.read(ctx, l.URL, fapi.TokenResponse{AccessToken: forged, TokenType: l.scheme})
}

var _ = replacedKey("J-12", "at-once", "A lost signing key is replaced, and still trusted",
	"The thief has the key of the authorization server. It was noticed and the key was replaced, but the API keeps the server's keys for ten "+
		"minutes. For as long as that he writes whatever token he likes. Only an API that asks the server about each token is not taken in.",
	0)

var _ = replacedKey("J-12/late", "later", "A lost signing key is replaced, and tried a quarter of an hour later",
	"As at once, but the thief comes after the API has fetched the server's keys again. The lost one is not among them any more.",
	15*time.Minute)
