package attacker

import (
	"context"
	"net/url"
	"time"

	"thiefbox/sim/event"
)

// advance is what somebody with the client's keys for a minute had them sign.
type advance struct {
	Token           string `json:"token"`
	URL             string `json:"url"`
	ProofLater      string `json:"proof-later"`
	ProofNoATH      string `json:"proof-no-ath"`
	ProofOtherNonce string `json:"proof-other-nonce"`
	ProofOldNonce   string `json:"proof-old-nonce"`
	ProofTomorrow   string `json:"proof-tomorrow"`
	AssertionLong   string `json:"assertion-long"`
	AssertionFuture string `json:"assertion-future"`
	RequestLong     string `json:"request-long"`
	RequestEndless  string `json:"request-endless"`
	RequestUndated  string `json:"request-undated"`
	RequestVerifier string `json:"request-verifier"`
}

func signedInAdvance(g Ground) (a advance, err error) { return a, stolenJSON(g, event.Signed, &a) }

var _ = register("D-20", Technique{
	Variant: "proof-for-later",
	Title:   "Proofs made in advance",
	Story: "For one minute the thief sits at the client's keyboard. He cannot carry the key away, but he has it sign proofs that are " +
		"dated later, and uses each when its time comes, from his own machine.",
	Reads: []string{"RFC 9449 s11.2"},
	Has:   []event.Asset{event.Signed}, Against: []Trait{ProofBound},
	Beyond: "Server nonces are optional in FAPI 2.0, and without them nothing tells a proof made now from one made before. The token's " +
		"lifetime bounds the damage, since a proof names its token.",
	Run: func(ctx context.Context, g Ground) error {
		a, err := signedInAdvance(g)
		if err != nil {
			return err
		}
		g.Wait(30 * time.Second) // until the proof's time has come
		_, err = send(g, withToken(get(ctx, a.URL), "DPoP", a.Token, a.ProofLater))
		return err
	},
})

var _ = register("D-22", Technique{
	Variant: "other-servers-nonce",
	Title:   "Proofs made in advance, with another server's nonce",
	Story: "As with proofs made in advance, but the thief knows that servers here give out nonces, and has one put into each proof: that of the " +
		"authorization server, which he could ask for himself. An API that takes any nonce it has the form of is none the wiser.",
	Reads:    []string{"RFC 9449 s8, s9, s11.3"},
	Evidence: "Proofs with a nonce that the API never issued, at even intervals, from a new address.",
	Has:      []event.Asset{event.Signed}, Against: []Trait{ProofBound},
	Beyond: "Server nonces are optional in FAPI 2.0: an API that asks for none does not look at the one that came.",
	Run: func(ctx context.Context, g Ground) error {
		a, err := signedInAdvance(g)
		if err != nil {
			return err
		}
		g.Wait(30 * time.Second)
		_, err = send(g, withToken(get(ctx, a.URL), "DPoP", a.Token, a.ProofOtherNonce))
		return err
	},
})

var _ = register("D-13", Technique{
	Variant: "proof-for-any-token",
	Title:   "A proof that names no token",
	Story: "The thief had the client's key sign a proof before he knew the token it would go with. An API that does not insist on the " +
		"token's hash lets him add a token later.",
	Reads: []string{"RFC 9449 s4.3-12a, s11.2", "OIDF conformance suite, dpop-negative-tests"},
	Has:   []event.Asset{event.Signed}, Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		a, err := signedInAdvance(g)
		if err != nil {
			return err
		}
		_, err = send(g, withToken(get(ctx, a.URL), "DPoP", a.Token, a.ProofNoATH))
		return err
	},
})

var _ = register("D-21", Technique{
	Variant: "stale-proof",
	Title:   "A stale proof",
	Story:   "The thief uses a proof that was never sent, five minutes after it was made.",
	Reads:   []string{"RFC 9449 s4.3-11", "OIDF conformance suite, dpop-negative-tests"},
	Has:     []event.Asset{event.Signed}, Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		a, err := signedInAdvance(g)
		if err != nil {
			return err
		}
		g.Wait(5 * time.Minute)
		_, err = send(g, withToken(get(ctx, a.URL), "DPoP", a.Token, a.ProofLater))
		return err
	},
})

var _ = register("K-03", Technique{
	Variant: "long-lived-assertion",
	Title:   "A client assertion that is good for a year",
	Story: "For one minute the thief sits at the client's keyboard and has its key sign an assertion that expires in a year. A month " +
		"later, from home, he is that client.",
	Reads: []string{"HelseID security profile (60 s)", "FAPI 2.0 SP 5.3.2.1-13"},
	Has:   []event.Asset{event.Signed}, Against: []Trait{KeyAuth},
	Beyond: "FAPI 2.0 bounds how far an assertion may be dated ahead, not how long it may live. A maximum lifetime (HelseID: 60 s) stops it.",
	Run: func(ctx context.Context, g Ground) error {
		g.Wait(30 * 24 * time.Hour)
		return spendAssertion(ctx, g, func(a advance) string { return a.AssertionLong })
	},
})

var _ = register("K-03/future", Technique{
	Variant: "future-assertion",
	Title:   "A client assertion from the future",
	Story:   "The thief had the client's key sign an assertion dated an hour ahead, and uses it at once.",
	Reads:   []string{"FAPI 2.0 SP 5.3.2.1-13", "OIDF conformance suite, par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails"},
	Has:     []event.Asset{event.Signed}, Against: []Trait{KeyAuth},
	Run: func(ctx context.Context, g Ground) error {
		return spendAssertion(ctx, g, func(a advance) string { return a.AssertionFuture })
	},
})

// spendAssertion gets a token as the honest client with an assertion of its, and reads a record.
func spendAssertion(ctx context.Context, g Ground, which func(advance) string) error {
	a, err := signedInAdvance(g)
	if err != nil {
		return err
	}
	return actAsClient(ctx, g, which(a))
}

// actAsClient gets a token in the honest client's own name with an assertion and the thief's DPoP key.
func actAsClient(ctx context.Context, g Ground, assertion string) error {
	c := noCredentials
	c.ClientID = g.Target().ClientID
	a, err := newApp(ctx, g, c)
	if err != nil {
		return err
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"system/*.rs"}, "resource": {g.Target().FHIRBase}}
	addAssertion(form, assertion)
	t, err := a.token(ctx, form, nil)
	if err != nil {
		return err
	}
	_, err = a.read(ctx, record(g, stranger(g)), t)
	return err
}
