package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("D-23", Technique{
	Title: "The DPoP key is stolen with the token",
	Story: "A backup of the EHR's server holds the key it signs proofs with, and a proxy's capture the tokens that belong to it. The thief " +
		"makes proofs as the EHR does.",
	Reads: []string{"FAPI 2.0 SP 6.8"},
	Needs: []event.Vantage{event.APIProxy}, Has: []event.Asset{event.DPoPKey}, Against: []Trait{ProofBound},
	Beyond: "Whoever holds the key is the holder: that is what proof of possession means. Hardware that keeps the key, short tokens and " +
		"revocation limit it.",
	Run: func(ctx context.Context, g Ground) error {
		a, l, err := stolenTokenAndKey(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, record(g, otherThan(g, l.URL)), l.response())
		return err
	},
})
