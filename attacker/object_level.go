package attacker

import (
	"context"

	"thiefbox/sim/event"
)

const beyondObjects = "FAPI 2.0 says who holds a token, not whose record it may open: \"sufficient authorization\" (SP 5.3.4-4) is for the API to " +
	"define. An API that asks whose record it is stops this."

var _ = register("F-01", Technique{
	Variant: "read",
	Title:   "A valid token opens any record (broken object-level authorization)",
	Story: "The thief is a doctor with a panel of his own, an app and a valid token: nothing is stolen. He asks for the record of a patient " +
		"who is not his, by its number.",
	Reads:  []string{"OWASP API1:2023", "microsoft/fhir-server PR #2934"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, record(g, stranger(g)), t)
		return err
	},
})

var _ = register("F-02", Technique{
	Variant: "search",
	Title:   "A search without a patient returns everybody",
	Story:   "The thief is a doctor with a valid token: nothing is stolen. He searches for diagnoses and leaves out whose.",
	Reads:   []string{"OWASP API1:2023", "OWASP API3:2023"},
	Has:     []event.Asset{event.OwnClient},
	Beyond:  beyondObjects,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, g.Target().FHIRBase+"/Condition", t)
		return err
	},
})

var _ = register("D-23", Technique{
	Variant: "stolen-key",
	Title:   "The DPoP key is stolen with the token",
	Story: "A backup of the EHR's server holds the key it signs proofs with, and a proxy's capture the tokens that belong to it. The thief " +
		"makes proofs as the EHR does.",
	Reads: []string{"FAPI 2.0 SP 6.8"},
	Needs: []event.Vantage{event.APIProxy}, Has: []event.Asset{event.DPoPKey}, Against: []Trait{Bound},
	Beyond: "Whoever holds the key is the holder: that is what proof of possession means. Hardware that keeps the key, short tokens and " +
		"revocation limit it.",
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "/Patient/")
		if err != nil {
			return err
		}
		a, err := withVictimsKey(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, record(g, otherThan(g, l.URL)), l.response())
		return err
	},
})
