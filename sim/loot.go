package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// loot is what leaks from browsers and from the authorization server, as it is at this moment.
func (w *World) loot(asset event.Asset) ([]byte, error) {
	switch asset {
	case event.BrowserStorage:
		return w.browserStorage()
	case event.BrowserHistory:
		var visited []string
		for _, v := range w.doctor.browser.History() {
			visited = append(visited, v.URL)
		}
		return json.Marshal(visited)
	case event.SessionCookie:
		return w.sessionCookie()
	case event.Password:
		return json.Marshal(map[string]string{"username": w.doctor.username, "password": w.doctor.password})
	case event.ServerDatabase:
		return w.serverDatabase()
	case event.TenantToken:
		return w.signedElsewhere(func(t *fapi.AccessToken) { t.Issuer = issuer + "/neighbour" })
	case event.EndlessToken:
		return w.signedElsewhere(func(t *fapi.AccessToken) { t.Expires = 0 })
	case event.EarlyToken:
		return w.signedElsewhere(func(t *fapi.AccessToken) { t.NotPrior = w.Clock.Now().Add(12 * time.Hour).Unix() })
	}
	return nil, fmt.Errorf("this world has no asset %q", asset)
}

// browserStorage is what a single-page app would keep: the token of the doctor's session, and its type.
func (w *World) browserStorage() ([]byte, error) {
	rows, err := w.sessionRows()
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]string{"access_token": rows[0].AccessToken, "token_type": rows[0].TokenType})
}

func (w *World) sessionCookie() ([]byte, error) {
	cookies, err := w.doctor.browser.Cookies(ehrURL + "/")
	if err != nil {
		return nil, err
	}
	var pairs []string
	for _, c := range cookies {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return []byte(strings.Join(pairs, "; ")), nil
}

// serverDatabase is what the server would have if it kept tokens as it issued them. Of a client that
// authenticates with a key it has the public half only, and the secret nobody deleted.
func (w *World) serverDatabase() ([]byte, error) {
	rows, err := w.sessionRows()
	if err != nil {
		return nil, err
	}
	var tokens []string
	for _, r := range rows {
		if r.RefreshToken != "" {
			tokens = append(tokens, r.RefreshToken)
		}
	}
	return json.Marshal(map[string]any{"refresh_tokens": tokens, "client": w.secretOnly()})
}

type sessionRow struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	RefreshToken string `json:"refresh_token"`
}

// sessionRows is the EHR's session table, oldest first. Nobody has been signed in yet: that is an error.
func (w *World) sessionRows() ([]sessionRow, error) {
	var rows []sessionRow
	if err := json.Unmarshal(w.ehr.Database(), &rows); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("the EHR has no session, so nothing to steal")
	}
	return rows, nil
}

// signedElsewhere is a token response of a day, about the doctor, that the server's key made and the server
// did not. Where tokens are bound, it is bound to the thief's key for proofs.
func (w *World) signedElsewhere(change func(*fapi.AccessToken)) ([]byte, error) {
	now := w.Clock.Now()
	t := fapi.AccessToken{
		Issuer: issuer, Subject: w.doctor.subject, Audience: fapi.Audience{Values: []string{fhirBase}}, ClientID: ehrClientID,
		Scope: scopeClinician, IssuedAt: now.Unix(), Expires: now.Add(24 * time.Hour).Unix(), JTI: w.dice.Fork("signed elsewhere").ID(),
	}
	response := fapi.TokenResponse{TokenType: "Bearer"}
	if w.Policy.Profile().Dialect.Constraint == control.DPoP {
		t.Confirmation = &fapi.Confirmation{JKT: w.ground(context.Background()).Key("dpop").Thumbprint()}
		response.TokenType = "DPoP"
	}
	change(&t)
	var err error
	if response.AccessToken, err = t.Sign(w.tokenKey()); err != nil {
		return nil, err
	}
	return json.Marshal(response)
}

// fixedVerifier is the PKCE verifier of a client that has one for everybody; empty for one that does it right.
func (w *World) fixedVerifier(scene Scene) string {
	if !scene.ClientVerifierFixed || !w.Policy.Profile().Dialect.PKCE {
		return ""
	}
	return w.secret("PKCE verifier")
}
