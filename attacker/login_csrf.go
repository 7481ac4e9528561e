package attacker

import "context"

var _ = register("C-10", Technique{
	Title: "A clinician's browser is signed in as the thief",
	Story: "The thief signs in at the EHR with his own account but keeps the answer to himself. He sends it to a clinician as a link. If " +
		"the EHR takes the answer, she works in his account from then on, and what she writes lands in his hands.",
	Reads: []string{"RFC 9700 s4.7", "FAPI 2.0 SP 5.3.3.1-12"},
	Run: func(ctx context.Context, g Ground) error {
		own, err := beginSignIn(ctx, g)
		if err != nil {
			return err
		}
		return g.Lure(own.String())
	},
})
