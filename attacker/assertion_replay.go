package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("K-01", Technique{
	Variant: "used",
	Title:   "A used client assertion is sent again",
	Story: "The thief reads a token request in the log of the server's proxy. The client assertion in it is still in date. He asks for a " +
		"token in the client's own name with it, bound to his own key.",
	Reads: []string{"OIDC Core s9", "RFC 7523 s3-7", "GHSA-3p3g-vpw6-4w66 (Ory Hydra)"},
	Needs: []event.Vantage{event.TokenLog}, Against: []Trait{KeyAuth},
	Beyond: "That an assertion is used once is OpenID Connect's rule and HelseID's, not repeated in FAPI 2.0 SP; a server that reads SP alone " +
		"does not remember them.",
	Run: func(ctx context.Context, g Ground) error {
		_, form, err := tokenRequest(g, event.TokenLog, "authorization_code")
		if err != nil {
			return err
		}
		return actAsClient(ctx, g, form.Get("client_assertion"))
	},
})

var _ = register("K-01/challenged", Technique{
	Variant: "sent-back-for-a-nonce",
	Title:   "A client assertion that was sent back for a nonce",
	Story: "The server answered the client's first try with a nonce to use, and the client tried again with a new assertion. The assertion " +
		"of the first try was never used up, and it is in the log.",
	Reads: []string{"RFC 9449 s8, s11.11", "HelseID's clients repeat an assertion after use_dpop_nonce, so servers do not burn it"},
	Needs: []event.Vantage{event.TokenLog}, Against: []Trait{KeyAuth, ProofBound},
	Beyond: "FAPI 2.0 ties neither an assertion to its request nor a proof to an assertion (RFC 9449 s11.11): an assertion that was logged and " +
		"not used up is as good as an unused one. Pinning proof keys to clients stops it.",
	Run: func(ctx context.Context, g Ground) error {
		_, form, err := pickTokenRequest(g.Overheard(event.TokenLog), event.TokenLog, "authorization_code")
		if err != nil {
			return err
		}
		return actAsClient(ctx, g, form.Get("client_assertion"))
	},
})

var _ = register("K-02", Technique{
	Variant: "unused",
	Title:   "An unused client assertion with the thief's own DPoP key",
	Story: "A token request never arrives, and the thief has it. The assertion in it was never used. It says who the client is, but not " +
		"which key the client's tokens should be bound to; he brings his own.",
	Reads: []string{"RFC 9449 s11.11"},
	Needs: []event.Vantage{event.TokenHeld}, Against: []Trait{KeyAuth},
	Beyond: "Client authentication and proof are independent in RFC 9449 (s11.11), and FAPI 2.0 does not tie them. Pinning proof keys to " +
		"clients stops it, and so does mutual TLS.",
	Run: func(ctx context.Context, g Ground) error {
		_, form, err := tokenRequest(g, event.TokenHeld, "authorization_code")
		if err != nil {
			return err
		}
		return actAsClient(ctx, g, form.Get("client_assertion"))
	},
})

var _ = register("K-03/stale", Technique{
	Variant: "stale",
	Title:   "An expired client assertion",
	Story:   "The thief finds a token request that never arrived, an hour later. The assertion in it was never used, but it has expired.",
	Reads:   []string{"RFC 7523 s3-4", "OIDF conformance suite, ensure-client-assertion-with-exp-is-5-minutes-in-past-fails"},
	Needs:   []event.Vantage{event.TokenHeld}, Against: []Trait{KeyAuth},
	Run: func(ctx context.Context, g Ground) error {
		_, form, err := tokenRequest(g, event.TokenHeld, "authorization_code")
		if err != nil {
			return err
		}
		g.Wait(hour)
		return actAsClient(ctx, g, form.Get("client_assertion"))
	},
})

var _ = register("D-18/assertion", Technique{
	Variant: "proof-as-assertion",
	Title:   "A DPoP proof in place of a client assertion",
	Story: "The thief has a proof of the client's from a proxy log and presents it as client authentication. Some clients sign both with " +
		"one key; what tells the two apart is what they say about themselves.",
	Reads: []string{"RFC 8725 s2.8, s3.11", "RFC 10070"},
	Needs: []event.Vantage{event.TokenLog}, Against: []Trait{KeyAuth, ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		m, _, err := tokenRequest(g, event.TokenLog, "authorization_code")
		if err != nil {
			return err
		}
		return actAsClient(ctx, g, m.Header.Get("DPoP"))
	},
})
