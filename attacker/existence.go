package attacker

import (
	"context"
	"net/http"

	"thiefbox/sim/event"
)

var _ = register("F-06", Technique{
	Title: "Whether there is a record, asked without asking for it",
	Story: "The thief wants to know whether somebody is a patient, and nothing else. He asks for her record on the condition that it is another " +
		"version than the one that every record begins with. An API that looks at the condition before it looks at who asks answers that it has not " +
		"changed; no record is shown, and none has to be.",
	Reads:  []string{"RFC 9110 s13.1.2, s13.2.1", "FHIR R4 http, conditional read", "OWASP API1:2023"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		address := record(g, stranger(g))
		_, err = a.withNonce(address, func() (*http.Request, error) {
			r, err := a.asking(ctx, address, t)
			if err == nil {
				r.Header.Set("If-None-Match", `W/"1"`)
			}
			return r, err
		})
		return err
	},
})
