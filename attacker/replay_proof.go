package attacker

import (
	"context"
	"strings"

	"thiefbox/sim/event"
)

var _ = register("D-04", Technique{
	Title: "Exact replay of a request inside the proof's window",
	Story: "The thief reads a whole request at the proxy and sends it again within seconds, byte for byte: same token, same proof, " +
		"same record. Nothing about it is wrong except that it is the second time.",
	Reads:   []string{"FAPI 2.0 SP 6.2", "RFC 9449 s11.1", "wso2/product-is #23358"},
	Needs:   []event.Vantage{event.APIProxy},
	Against: []Trait{ProofBound},
	Beyond: "FAPI 2.0 does not oblige an API to remember proofs (SP 6.2 names the replay as possible): a conformant API serves the copy. " +
		"Replay memory, a nonce, or a request signature stops it.",
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "/Patient/")
		if err != nil {
			return err
		}
		_, err = send(g, again(ctx, l.Message))
		return err
	},
})

var _ = register("D-08", Technique{
	Variant: "spelled-otherwise",
	Title:   "Replay of a proof at the same address, spelled otherwise",
	Story: "The thief sends a whole request again that he read at the proxy, with one change: the API's host in capital letters. It is the same address to " +
		"every check of the proof. A memory that keeps proofs by the address as it came has never seen this one.",
	Reads:    []string{"RFC 9449 s11.1", "better-auth #10039"},
	Evidence: "One jti under several spellings of one address.",
	Needs:    []event.Vantage{event.APIProxy}, Against: []Trait{ProofBound},
	Beyond: "FAPI 2.0 does not oblige an API to remember proofs at all (SP 6.2).",
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "/Patient/")
		if err != nil {
			return err
		}
		r := again(ctx, l.Message)
		r.Host = strings.ToUpper(r.URL.Host) // the one thing changed
		_, err = send(g, r)
		return err
	},
})
