package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
)

const beyondReplay = "A DPoP proof covers neither query nor body (RFC 9449 s11.7), and FAPI 2.0 does not oblige an API to remember proofs. " +
	"Replay memory stops it, and so would HTTP message signatures."

var _ = register("D-05", Technique{
	Title: "Replay of a proof with another query",
	Story: "A proof covers the address up to the question mark. The thief keeps token and proof of a search for one patient's conditions " +
		"and asks for another patient's.",
	Reads:   []string{"FAPI 2.0 SP 6.2-3", "RFC 9449 s11.7"},
	Needs:   []event.Vantage{event.APIProxy},
	Against: []Trait{ProofBound},
	Beyond:  beyondReplay,
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "?patient=")
		if err != nil {
			return err
		}
		r := again(ctx, l.Message)
		q := r.URL.Query()
		q.Set("patient", stranger(g)) // the one thing changed
		r.URL.RawQuery = q.Encode()
		_, err = send(g, r)
		return err
	},
})

var _ = register("D-05/body", Technique{
	Variant: "body",
	Title:   "Replay of a proof with another body",
	Story: "A supplier looks a patient up by a form, so that nobody reads in an address whom it asked for. A proof does not cover the form either. The thief " +
		"keeps token and proof, and puts another patient into the form.",
	Reads:    []string{"FAPI 2.0 SP 6.2-3", "RFC 9449 s11.7"},
	Evidence: "One jti twice; the address does not tell that the second form asked for somebody else.",
	Needs:    []event.Vantage{event.APIProxy},
	Against:  []Trait{ProofBound},
	Scene:    Scene{LookedUp: true},
	Beyond:   beyondReplay,
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "/_search")
		if err != nil {
			return err
		}
		form, err := url.ParseQuery(string(l.Body))
		if err != nil {
			return err
		}
		asked := form.Get("_id")
		form.Set("_id", otherThan(g, "/"+asked)) // the one thing changed
		l.Body = []byte(form.Encode())
		_, err = send(g, again(ctx, l.Message))
		return err
	},
})
