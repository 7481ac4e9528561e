package attacker

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"thiefbox/sim/event"
)

var _ = register("D-10", Technique{
	Variant: "method",
	Title:   "A proof for one method used with another",
	Story:   "The thief has the token and proof of a request that read something (GET) and uses them to search (POST).",
	Reads:   []string{"RFC 9449 s4.3-8", "OIDF conformance suite, dpop-negative-tests"},
	Needs:   []event.Vantage{event.APIProxy}, Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "/Patient/")
		if err != nil {
			return err
		}
		r := post(ctx, g.Target().FHIRBase+"/Patient/_search", url.Values{"_id": {stranger(g)}})
		_, err = send(g, withToken(r, l.scheme, l.token, l.proof))
		return err
	},
})

var _ = register("D-11", Technique{
	Variant: "url",
	Title:   "A proof for one record used for another",
	Story:   "The thief has the token and proof of a request for one patient's record and asks for another's with them.",
	Reads:   []string{"RFC 9449 s4.3-9", "OIDF conformance suite, dpop-negative-tests"},
	Needs:   []event.Vantage{event.APIProxy}, Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "/Patient/")
		if err != nil {
			return err
		}
		to := g.Target().FHIRBase + "/Condition?patient=" + url.QueryEscape(otherThan(g, l.URL))
		_, err = send(g, withToken(get(ctx, to), l.scheme, l.token, l.proof))
		return err
	},
})

var _ = register("D-14", Technique{
	Variant: "token",
	Title:   "A proof for one token carried by another",
	Story: "The same client key is behind many people's tokens. The thief holds back a request with its proof, unused, and sends the " +
		"proof with a token of another sign-in that he found in the log.",
	Reads: []string{"RFC 9449 s4.3-12a", "OIDF conformance suite, dpop-negative-tests"},
	Needs: []event.Vantage{event.APILog, event.APIProxyHeld}, Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		held, err := stolenRequest(g, event.APIProxyHeld, "")
		if err != nil {
			return err
		}
		other, err := tokenOtherThan(g, event.APILog, held.token)
		if err != nil {
			return err
		}
		_, err = send(g, withToken(get(ctx, held.URL), other.scheme, other.token, held.proof)) // the one thing wrong
		return err
	},
})

// tokenOtherThan returns an overheard request with an access token that is not the given one.
func tokenOtherThan(g Ground, v event.Vantage, token string) (loot, error) {
	for _, m := range g.Overheard(v) {
		scheme, other, ok := strings.Cut(m.Header.Get("Authorization"), " ")
		if ok && other != token {
			return loot{m, scheme, other, m.Header.Get("DPoP")}, nil
		}
	}
	return loot{}, fmt.Errorf("only one access token was overheard at %s, so there is nothing to swap", v)
}
