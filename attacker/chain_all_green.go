package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("CH-10", Technique{
	Title: "All is green: every check passes, and records leak",
	Story: "Server, API and clients pass the whole conformance suite. The thief is a doctor with an app and a valid token, and breaks none of its rules. He opens one record " +
		"after the other by number (F-01), and then searches without saying whose diagnoses he means (F-02).",
	Reads:    []string{"OWASP API1:2023", "FAPI 2.0 SP 5.3.4-4"},
	Evidence: "Not one refusal: only whose records they are, and how many, is out of the ordinary.",
	Has:      []event.Asset{event.OwnClient},
	Beyond:   beyondObjects,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		if err := a.scrape(ctx, t); err != nil {
			return err
		}
		_, err = a.read(ctx, g.Target().FHIRBase+"/Condition", t)
		return err
	},
})
