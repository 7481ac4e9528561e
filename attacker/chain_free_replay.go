package attacker

import (
	"context"
	"net/http"
	"time"

	"thiefbox/sim/event"
)

var _ = register("CH-03", Technique{
	Title: "Another go: every way to send a request twice",
	Story: "The thief has whole requests from a proxy. He sends one again as it was (D-04). If that is refused, he keeps the proof and asks for somebody else " +
		"(D-05); then he turns to another node of the API (D-06); and then he waits until the proof is forgotten but still in date (D-07). " +
		"Each repair takes one of these from him.",
	Reads:    []string{"FAPI 2.0 SP 6.2", "RFC 9449 s11.1, s11.7"},
	Evidence: "One jti several times: with another query, at another node, and once more a minute later.",
	Needs:    []event.Vantage{event.APIProxy}, Against: []Trait{ProofBound}, Scene: Scene{ClientClockAhead: 8 * time.Second},
	Beyond: "FAPI 2.0 does not oblige an API to remember proofs (SP 6.2). It takes a memory that covers the spelling, the query and the time, and that all nodes " +
		"share; or a nonce.",
	Run: func(ctx context.Context, g Ground) error {
		whole, err := stolenRequest(g, event.APIProxy, "/Patient/")
		if err != nil {
			return err
		}
		search, err := stolenRequest(g, event.APIProxy, "?patient=")
		if err != nil {
			return err
		}
		otherQuery, otherNode := again(ctx, search.Message), again(ctx, whole.Message)
		q := otherQuery.URL.Query()
		q.Set("patient", stranger(g))
		otherQuery.URL.RawQuery = q.Encode()
		otherNode.Header.Set("Cookie", g.Target().OtherNode)
		for _, r := range []*http.Request{again(ctx, whole.Message), otherQuery, otherNode} {
			if ans, err := send(g, r); err != nil || ans.ok() {
				return err
			}
		}
		g.Wait(62 * time.Second)
		_, err = send(g, again(ctx, whole.Message))
		return err
	},
})
