package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
)

var _ = register("D-27", Technique{
	Title: "A request that names one key and shows another",
	Story: "The thief has the EHR's key for client authentication from a backup, not the one for proofs. He pushes a request in the EHR's " +
		"name that promises the EHR's key and shows his own, lures a clinician to it, and redeems her code.",
	Reads: []string{"RFC 9449 s10.1", "OIDF conformance suite, ensure-mismatched-dpop-jkt-fails"},
	Needs: []event.Vantage{event.TokenLog, event.FrontHeld}, Has: []event.Asset{event.ClientKey}, Against: []Trait{ProofBound, Pushed},
	Run: func(ctx context.Context, g Ground) error {
		c, err := victimsCredentials(g)
		if err != nil {
			return err
		}
		a, err := newApp(ctx, g, c)
		if err != nil {
			return err
		}
		victims, err := keySeen(g)
		if err != nil {
			return err
		}
		return a.lureAndRedeem(ctx, g.Random(), func(form url.Values) {
			form.Set("dpop_jkt", victims) // the one thing wrong: the proof beside it is by the thief's key
		})
	},
})

// keySeen is the thumbprint of the key the honest client signs proofs with.
func keySeen(g Ground) (string, error) {
	m, _, err := tokenRequest(g, event.TokenLog, "authorization_code")
	if err != nil {
		return "", err
	}
	l := loot{proof: m.Header.Get("DPoP")}
	key, err := l.publicKey()
	if err != nil {
		return "", err
	}
	return key.Thumbprint, nil
}
