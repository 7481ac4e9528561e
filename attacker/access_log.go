package attacker

import (
	"context"
	"encoding/json"
	"net/http"

	"thiefbox/sim/event"
)

var _ = register("F-31", Technique{
	Variant: "read",
	Title:   "The log of who looked at whom, read by one it is not for",
	Story: "An API writes down who has opened whose record, as the law wants, and shows it as resources like any other. The thief is a doctor with a " +
		"valid token for reading everything: he asks for the log, and reads off who is treated where, and whether anybody has noticed him.",
	Reads:  []string{"IHE BALP", "FHIR R4 AuditEvent", "OWASP API1:2023"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run:    asks(func(Ground) string { return "/AuditEvent?_count=50" }),
})

var _ = register("F-32", Technique{
	Variant: "erase",
	Title:   "An entry taken out of the log",
	Story: "The thief was where he should not have been, and the log says so. He asks for the number of an entry, and sends a deletion: an " +
		"API that keeps its log among its records, and lets go of them when asked, has no log.",
	Reads: []string{"IHE ATNA", "45 CFR 164.312(c)", "OWASP API5:2023"},
	Has:   []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		// No more of the entry than its number: to read it would be another attack.
		found, err := a.read(ctx, g.Target().FHIRBase+"/AuditEvent?_count=1&_total=none&_elements=recorded", t)
		id := firstOf(found.body)
		if err != nil || id == "" { // and numbers that are drawn cannot be guessed
			return err
		}
		_, err = a.write(ctx, http.MethodDelete, g.Target().FHIRBase+"/AuditEvent/"+id, nil, t)
		return err
	},
})

// firstOf is the id of the first record in a bundle; "" if there is none.
func firstOf(bundle []byte) string {
	var b struct {
		Entry []struct {
			Resource struct {
				ID string `json:"id"`
			} `json:"resource"`
		} `json:"entry"`
	}
	if json.Unmarshal(bundle, &b) != nil || len(b.Entry) == 0 {
		return ""
	}
	return b.Entry[0].Resource.ID
}
