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
