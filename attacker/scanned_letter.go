package attacker

import (
	"context"
	"net/http"

	"thiefbox/sim/event"
)

// A letter that was scanned is a Binary. It has no subject: whose it is stands in its securityContext, which whoever
// filters by patient has no reason to look at. In each of these the thief is a doctor with an app and a token of his own.

const beyondLetters = "FAPI 2.0 says who holds a token, not whose letter it may open: \"sufficient authorization\" (SP 5.3.4-4) is for the API to define. " +
	"An API that asks whoever securityContext names stops this."

var _ = register("F-23", Technique{
	Variant: "content",
	Title:   "A scanned letter opens by its address",
	Story: "A letter from the hospital came on paper, and was scanned. The entry that says what it is can be opened by those who treat the patient; the letter itself lies at an " +
		"address of its own, which the thief has seen in a forwarded message. He opens the address.",
	Reads:  []string{"OWASP API1:2023", "FHIR R4 binary, securityContext"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondLetters,
	Run:    asks(func(g Ground) string { return "/" + g.Target().Letter }),
})

var _ = register("F-23/resource", Technique{
	Variant: "resource",
	Title:   "A scanned letter, and whose it is",
	Story: "The thief asks for the same address as FHIR: the letter comes wrapped in a resource, with the patient whom it is about, so that he need not read the letter to know. " +
		"That name is what the API should have looked at.",
	Reads:  []string{"OWASP API1:2023", "FHIR R4 binary, Serving Binary Resources using the RESTful API"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondLetters,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		letter := g.Target().FHIRBase + "/" + g.Target().Letter
		_, err = a.withNonce(letter, func() (*http.Request, error) {
			r, err := a.asking(ctx, letter, t)
			if err == nil {
				r.Header.Set("Accept", "application/fhir+json")
			}
			return r, err
		})
		return err
	},
})

var _ = register("F-23/search", Technique{
	Variant: "search",
	Title:   "Every scanned letter at once",
	Story: "The thief searches for letters and says nothing else. A search is kept to a doctor's own patients by what records say of their patient, and these say nothing " +
		"of the kind.",
	Reads:    []string{"OWASP API1:2023", "FHIR R4 compartmentdefinition-patient: Binary is in none"},
	Evidence: "A search for Binary, which has no parameter worth searching by.",
	Has:      []event.Asset{event.OwnClient},
	Beyond:   beyondLetters,
	Run:      asks(func(Ground) string { return "/Binary" }),
})
