package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"thiefbox/sim/fapi"
)

// metadata is a registration as RFC 7591 s2 writes it. Members that the thief does not care for stay as
// they are when he changes one that he has read.
type metadata map[string]any

// registration is the answer of a registration endpoint (RFC 7591 s3.2.1).
type registration struct {
	ClientID string `json:"client_id"`
	Secret   string `json:"client_secret"`
	Token    string `json:"registration_access_token"`
	URI      string `json:"registration_client_uri"`
	Scope    string `json:"scope"`
	all      metadata
}

// appMetadata describes an app of the thief's that people are asked to sign in to. Its keys are his own.
func appMetadata(g Ground, name, method string) metadata {
	m := metadata{
		"client_name": name, "redirect_uris": []string{"https://" + g.Target().OwnHost + "/callback"}, "token_endpoint_auth_method": method,
		"grant_types": []string{"authorization_code", "refresh_token"}, "response_types": []string{"code"}, "scope": "openid user/*.rs",
	}
	if method == "private_key_jwt" {
		m["jwks"] = ownKeys(g)
	}
	return m
}

// ownKeys is the thief's key for client authentication, as a JWK Set.
func ownKeys(g Ground) json.RawMessage { return fapi.JWKS(g.Key("registered").Public()) }

// registerClient sends metadata to the registration endpoint, with an initial access token if there is
// one. It returns ErrStopped if that is refused.
func registerClient(ctx context.Context, g Ground, endpoint string, m metadata) (registration, error) {
	if endpoint == "" {
		return registration{}, ErrStopped
	}
	return exchangeRegistration(ctx, g, http.MethodPost, endpoint, "", m)
}

// manage reads a registration, or replaces it if m is not nil (RFC 7592 s2).
func manage(ctx context.Context, g Ground, uri, token string, m metadata) (registration, error) {
	if m == nil {
		return exchangeRegistration(ctx, g, http.MethodGet, uri, token, nil)
	}
	for _, ours := range []string{"registration_access_token", "registration_client_uri", "client_id_issued_at", "client_secret_expires_at"} {
		delete(m, ours) // RFC 7592 s2.2
	}
	return exchangeRegistration(ctx, g, http.MethodPut, uri, token, m)
}

func exchangeRegistration(ctx context.Context, g Ground, method, uri, token string, m metadata) (r registration, err error) {
	body, err := json.Marshal(m)
	if err != nil {
		return r, err
	}
	request, err := http.NewRequestWithContext(ctx, method, uri, strings.NewReader(string(body)))
	if err != nil {
		return r, err
	}
	if m == nil {
		request.Body, request.ContentLength = http.NoBody, 0
	} else {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	ans, err := send(g, request)
	if err != nil {
		return r, err
	}
	if !ans.ok() {
		return r, ErrStopped
	}
	err = json.Unmarshal(ans.body, &r)
	if err == nil {
		err = json.Unmarshal(ans.body, &r.all)
	}
	if err != nil || r.ClientID == "" {
		return r, fmt.Errorf("expected a registration, got %q: %w", ans.body, err)
	}
	return r, nil
}

// credentials are what a registration is used with.
func (r registration) credentials(g Ground, method string) fapi.Credentials {
	c := fapi.Credentials{
		Issuer: g.Target().Issuer, ClientID: r.ClientID, AuthMethod: method, Secret: r.Secret, Scope: fapi.Scope(r.Scope),
		RedirectURI: "https://" + g.Target().OwnHost + "/callback", AssertionTyp: "client-authentication+jwt",
	}
	if method == "private_key_jwt" {
		c.JWK = g.Key("registered").PrivateJWK()
	}
	return c
}
