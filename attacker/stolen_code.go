package attacker

import (
	"context"
	"net/http"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// The thief has a token request that never arrived: code, verifier, client authentication and proof,
// all unused. Each row sends it with one thing spoiled about the proof.
func stolenCode(id, variant, title, story string, reads []string, beyond string,
	proof func(g Ground, p fapi.Proof, held fapi.Public) (string, error)) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Beyond: beyond,
		Needs: []event.Vantage{event.TokenHeld}, Against: []Trait{ProofBound},
		Run: func(ctx context.Context, g Ground) error {
			m, form, err := tokenRequest(g, event.TokenHeld, "authorization_code")
			if err != nil {
				return err
			}
			held, err := fapi.ParseProof(m.Header.Get("DPoP"))
			if err != nil {
				return err
			}
			a, err := newApp(ctx, g, noCredentials)
			if err != nil {
				return err
			}
			ans, err := a.withNonce(m.URL, func() (*http.Request, error) {
				p, err := proof(g, a.proof(http.MethodPost, m.URL, ""), *held.Key)
				r := post(ctx, m.URL, form)
				r.Header.Set("DPoP", p)
				return r, err
			})
			if err != nil {
				return err
			}
			t, err := readToken(ans)
			if err != nil {
				return err
			}
			_, err = a.read(ctx, record(g, stranger(g)), t)
			return err
		},
	})
}

var _ = stolenCode("D-26", "own-key", "A stolen code redeemed with the thief's DPoP key",
	"A token request never arrives, and the thief has it. He redeems the code with everything in it but the proof: that one he makes with "+
		"his own key, and so the tokens are bound to him.",
	[]string{"RFC 9449 s10, s11.9", "FAPI 2.0 SP 5.3.3.2 note 2"},
	"Binding the code to the client's key (dpop_jkt) is for the client to use or not, and an assertion is not tied to a proof. Who has the "+
		"whole unused request has the tokens.",
	func(g Ground, p fapi.Proof, _ fapi.Public) (string, error) { return p.Sign(g.Key("dpop")) })

var _ = stolenCode("D-26/alg-none", "alg-none", "A stolen code with a proof with alg none",
	"As with his own key, but the proof names the client's key, no algorithm, and carries no signature.",
	[]string{"RFC 9449 s4.3-5"}, "",
	func(_ Ground, p fapi.Proof, held fapi.Public) (string, error) {
		return fapi.ForgeUnsigned(header(held), p)
	})

var _ = stolenCode("D-26/borrowed", "borrowed-key", "A stolen code with a proof that shows the client's key and is signed by another",
	"As with his own key, but the proof shows the client's public key, to which the code may be bound.",
	[]string{"RFC 9449 s4.3-6"}, "",
	func(g Ground, p fapi.Proof, held fapi.Public) (string, error) {
		return fapi.Sign(header(held), p, g.Key("dpop"))
	})

var _ = stolenCode("D-26/private-key", "private-key-shown", "A stolen code with a proof that shows a private key",
	"As with his own key, but the proof shows the whole key, private part and all.",
	[]string{"RFC 9449 s4.3-7"}, "",
	func(g Ground, p fapi.Proof, _ fapi.Public) (string, error) {
		key := g.Key("dpop")
		return fapi.Sign(fapi.Header{Typ: fapi.TypProof, JWK: key.PrivateJWK()}, p, key)
	})

var _ = stolenCode("D-26/typ", "not-a-proof", "A stolen code with another kind of JWT in place of a proof",
	"As with his own key, but the JWT does not say that it is a proof.",
	[]string{"RFC 9449 s4.3-4"}, "",
	func(g Ground, p fapi.Proof, _ fapi.Public) (string, error) {
		key := g.Key("dpop")
		return fapi.Sign(fapi.Header{Typ: "JWT", JWK: bare(key.Public())}, p, key)
	})

var _ = stolenCode("D-26/method", "other-method", "A stolen code with a proof for another method",
	"As with his own key, but the proof is for GET.",
	[]string{"RFC 9449 s4.3-8"}, "",
	func(g Ground, p fapi.Proof, _ fapi.Public) (string, error) {
		p.HTM = http.MethodGet
		return p.Sign(g.Key("dpop"))
	})

var _ = stolenCode("D-26/url", "other-url", "A stolen code with a proof for another server",
	"As with his own key, but the proof is for the token endpoint of another server.",
	[]string{"RFC 9449 s4.3-9"}, "",
	func(g Ground, p fapi.Proof, _ fapi.Public) (string, error) {
		p.HTU = "https://" + g.Target().RogueHost + "/token"
		return p.Sign(g.Key("dpop"))
	})

var _ = stolenCode("D-26/stale", "stale-proof", "A stolen code with a stale proof",
	"As with his own key, but the proof is dated an hour back.",
	[]string{"RFC 9449 s4.3-11"}, "",
	func(g Ground, p fapi.Proof, _ fapi.Public) (string, error) {
		p.IAT -= int64(hour.Seconds())
		return p.Sign(g.Key("dpop"))
	})

var _ = stolenCode("D-26/future", "proof-of-tomorrow", "A stolen code with a proof that is dated tomorrow",
	"As with his own key, but the proof is dated a day ahead. Whoever takes that takes it tomorrow, too.",
	[]string{"RFC 9449 s4.3-11", "FAPI 2.0 SP 5.3.2.1-13"}, "",
	func(g Ground, p fapi.Proof, _ fapi.Public) (string, error) {
		p.IAT += int64(24 * hour.Seconds())
		return p.Sign(g.Key("dpop"))
	})

var _ = register("D-19", Technique{
	Variant: "two-proofs",
	Title:   "Two proofs with one request",
	Story: "The thief has a token request that never arrived and sends it with two proofs: one by his own key, and the one that was in it. " +
		"If one reader looks at the first and another at the last, each sees what it wants to see.",
	Reads: []string{"RFC 9449 s4.3-1"},
	Needs: []event.Vantage{event.TokenHeld}, Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		m, form, err := tokenRequest(g, event.TokenHeld, "authorization_code")
		if err != nil {
			return err
		}
		a, err := newApp(ctx, g, noCredentials)
		if err != nil {
			return err
		}
		return a.redeemWith(ctx, m, form)
	},
})

func (a *app) redeemWith(ctx context.Context, held event.Message, form url.Values) error {
	ans, err := a.withNonce(held.URL, func() (*http.Request, error) {
		own, err := a.proof(http.MethodPost, held.URL, "").Sign(a.key)
		r := post(ctx, held.URL, form)
		r.Header["Dpop"] = []string{own, held.Header.Get("DPoP")}
		return r, err
	})
	if err != nil {
		return err
	}
	t, err := readToken(ans)
	if err != nil {
		return err
	}
	_, err = a.read(ctx, record(a.g, stranger(a.g)), t)
	return err
}

var _ = register("D-25", Technique{
	Variant: "no-proof",
	Title:   "A token is issued without a key",
	Story: "The thief has a token request that never arrived and sends it without any proof. A server that then issues an ordinary bearer " +
		"token, instead of refusing, has quietly given up what DPoP is for.",
	Reads: []string{"FAPI 2.0 SP 5.3.2.1-4", "RFC 9449 s5.2", "OIDF conformance suite, ensure-holder-of-key-required"},
	Needs: []event.Vantage{event.TokenHeld}, Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		m, form, err := tokenRequest(g, event.TokenHeld, "authorization_code")
		if err != nil {
			return err
		}
		ans, err := send(g, post(ctx, m.URL, form)) // no DPoP header
		if err != nil {
			return err
		}
		t, err := readToken(ans)
		if err != nil {
			return err
		}
		_, err = send(g, withToken(get(ctx, record(g, stranger(g))), "Bearer", t.AccessToken, ""))
		return err
	},
})
