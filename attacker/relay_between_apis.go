package attacker

import (
	"context"
	"strings"

	"thiefbox/sim/event"
)

var _ = register("T-05", Technique{
	Title: "An API reuses the tokens it receives at another API",
	Story: "The thief runs the laboratory's API, honestly registered. Clinicians' systems call it with their tokens. He takes each " +
		"token and asks the FHIR API for the patient's record with it.",
	Reads: []string{"RFC 9700 s4.9.2", "RFC 8725 s2.7", "RFC 9068 s5"},
	Needs: []event.Vantage{event.LabServer},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.LabServer, "")
		if err != nil {
			return err
		}
		r := again(ctx, l.Message)
		r.URL = get(ctx, record(g, stranger(g))).URL
		r.Host = r.URL.Host
		if strings.EqualFold(l.scheme, "DPoP") && l.proof == "" {
			return nil
		}
		_, err = send(g, r)
		return err
	},
})
