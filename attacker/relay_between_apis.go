package attacker

import (
	"context"
	"fmt"
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

var _ = register("D-32", Technique{
	Variant: "same-path",
	Title:   "A request to one API is passed on to another behind the same gateway",
	Story: "Two APIs share a gateway. The thief runs one of them. A clinician's system calls it, with token and proof, and he passes the request on to the " +
		"other, at the same path: only the host is not what the proof says.",
	Reads:    []string{"RFC 9449 s4.3-9", "RFC 9700 s4.13"},
	Evidence: "A proof whose htu names another host than the one that serves the request, from the address of another API.",
	Needs:    []event.Vantage{event.LabServer}, Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.LabServer, "")
		if err != nil {
			return err
		}
		path, ok := strings.CutPrefix(l.URL, g.Target().LabBase)
		if !ok {
			return fmt.Errorf("expected a request to %s, got %s", g.Target().LabBase, l.URL)
		}
		r := again(ctx, l.Message)
		r.URL = get(ctx, g.Target().FHIRBase+path).URL // the one thing changed
		r.Host = r.URL.Host
		_, err = send(g, r)
		return err
	},
})
