package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("F-01/in-sequence", Technique{
	Variant: "in-sequence",
	Title:   "Record after record, by the next number",
	Story: "The thief is a doctor with a valid token, and records are numbered in a row. He opens one that is not his, with what it holds, and then the " +
		"one with the next number, until he is turned away.",
	Reads:  []string{"OWASP API1:2023", "OWASP API4:2023"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects + " One that bounds how much a caller may ask in a minute stops him midway.",
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		for _, id := range g.Target().Patients {
			for _, url := range []string{record(g, id), ofPatient(g, "Condition", id), ofPatient(g, "Observation", id), ofPatient(g, "MedicationRequest", id), ofPatient(g, "Encounter", id)} {
				ans, err := a.read(ctx, url, t)
				if err != nil {
					return err
				}
				if !ans.ok() {
					return nil // whoever goes on is noticed
				}
			}
		}
		return nil
	},
})

func ofPatient(g Ground, resourceType, patient string) string {
	return g.Target().FHIRBase + "/" + resourceType + "?patient=" + patient
}
