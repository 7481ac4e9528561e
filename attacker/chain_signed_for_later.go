package attacker

import (
	"context"
	"time"

	"thiefbox/sim/event"
)

var _ = register("CH-07", Technique{
	Title: "Ready signed: what an employee takes along",
	Story: "On his last day somebody at the supplier's has the EHR's keys sign a few things. From home he uses a proof for a token he knows, when its time has " +
		"come (D-20). When that token has expired, he still has an assertion that is good for a year: a month later he is the EHR (K-03).",
	Reads: []string{"RFC 9449 s11.2", "HelseID security profile (60 s)"},
	Evidence: "A proof used exactly when it was made, from a new address; a month later an assertion that was made then, and a key nobody has seen for the " +
		"client.",
	Has: []event.Asset{event.Signed}, Against: []Trait{ProofBound, KeyAuth},
	Beyond: "Nonces are optional in FAPI 2.0, and it bounds how far ahead an assertion may be dated, not how long it lives. Nonces and a maximum lifetime stop it.",
	Run: func(ctx context.Context, g Ground) error {
		a, err := signedInAdvance(g)
		if err != nil {
			return err
		}
		g.Wait(30 * time.Second) // until the proof's time has come
		if _, err := send(g, withToken(get(ctx, a.URL), "DPoP", a.Token, a.ProofLater)); err != nil {
			return err
		}
		g.Wait(30 * 24 * time.Hour)
		return actAsClient(ctx, g, a.AssertionLong)
	},
})
