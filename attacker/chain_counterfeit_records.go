package attacker

import (
	"context"
	"net/http"
)

var _ = register("CH-05", Technique{
	Title: "False records server: what the proxy says",
	Story: "A link into her own EHR has a clinician open a record at an API of the thief's (T-06). He passes on what the EHR sends him. The real API finds that the " +
		"proof is for another host. So he says, as proxies do, that he was called by that name (D-12).",
	Reads: []string{"RFC 9700 s4.9.1, s4.13", "RFC 9449 s4.3-9", "SMART App Launch 2.2, aud"},
	Evidence: "At the client, calls to an API it was never set up for; at the API, a proof for another host, and then the same again with X-Forwarded-Host and that " +
		"host's name.",
	Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		c, err := newCounterfeit(g)
		if err != nil {
			return err
		}
		asked, err := c.collect(g)
		if err != nil {
			return err
		}
		if err := c.forward(ctx, g, asked[0], func(*http.Request) {}); err != nil {
			return err
		}
		return c.forward(ctx, g, asked[0], func(r *http.Request) { r.Header.Set("X-Forwarded-Host", g.Target().OwnHost) })
	},
})
