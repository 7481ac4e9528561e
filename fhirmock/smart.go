package fhirmock

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"thiefbox/sim/fapi"
)

// SMART App Launch 2.2, "Conformance": an app that knows the address of the API asks here where people sign in and
// where tokens come from. What it says of the authorization server is that server's own metadata.
//
// Capabilities are claimed as far as they follow from that: a server that offers nobody the scope launch opens no apps.

const wellKnownSMART = "/.well-known/smart-configuration"

type smartConfiguration struct {
	Issuer                string   `json:"issuer,omitempty"`
	JWKSURI               string   `json:"jwks_uri,omitempty"`
	AuthorizationEndpoint string   `json:"authorization_endpoint,omitempty"`
	TokenEndpoint         string   `json:"token_endpoint"`
	PAREndpoint           string   `json:"pushed_authorization_request_endpoint,omitempty"`
	IntrospectionEndpoint string   `json:"introspection_endpoint,omitempty"`
	RevocationEndpoint    string   `json:"revocation_endpoint,omitempty"`
	RegistrationEndpoint  string   `json:"registration_endpoint,omitempty"`
	GrantTypes            []string `json:"grant_types_supported"`
	ResponseTypes         []string `json:"response_types_supported,omitempty"`
	AuthMethods           []string `json:"token_endpoint_auth_methods_supported,omitempty"`
	AuthAlgs              []string `json:"token_endpoint_auth_signing_alg_values_supported,omitempty"`
	Scopes                []string `json:"scopes_supported,omitempty"`
	CodeChallengeMethods  []string `json:"code_challenge_methods_supported"`
	Capabilities          []string `json:"capabilities"`
}

// isSMART tells whether a request asks for it.
func (a *API) isSMART(r *http.Request) bool {
	path := r.URL.Path
	return len(path) == len(a.path)+len(wellKnownSMART) && path == a.path+wellKnownSMART
}

// serveSMART answers anybody, as the specification wants: it says nothing about records.
func (a *API) serveSMART(w http.ResponseWriter, v *visit) {
	ctx := v.http.Context()
	if m := v.http.Method; m != http.MethodGet && m != http.MethodHead {
		a.refuse(ctx, w, v, &problem{status: http.StatusMethodNotAllowed, code: "not-supported", safe: "this is for reading only", allow: "GET, HEAD",
			detail: "expected GET or HEAD, got " + quoted(m)})
		return
	}
	m, err := a.authority.describes(ctx)
	if err != nil {
		a.refuse(ctx, w, v, &problem{status: http.StatusServiceUnavailable, code: "transient", safe: "the authorization server does not answer", detail: err.Error()})
		return
	}
	body, err := json.Marshal(smartOf(m))
	if err != nil {
		panic("fhirmock: " + err.Error()) // strings always marshal
	}
	a.begin(w, v, http.StatusOK, len(body), plainJSON)
	_, _ = w.Write(body) // a caller who has hung up needs no answer
}

func smartOf(m *fapi.Metadata) smartConfiguration {
	c := smartConfiguration{
		Issuer: m.Issuer, JWKSURI: m.JWKSURI, AuthorizationEndpoint: m.AuthorizationEndpoint, TokenEndpoint: m.TokenEndpoint,
		PAREndpoint: m.PushedAuthorizationRequestEndpoint, IntrospectionEndpoint: m.IntrospectionEndpoint,
		RevocationEndpoint: m.RevocationEndpoint, RegistrationEndpoint: m.RegistrationEndpoint,
		GrantTypes: notNull(m.GrantTypesSupported), ResponseTypes: m.ResponseTypesSupported, AuthMethods: m.TokenEndpointAuthMethods,
		AuthAlgs: m.TokenEndpointAuthAlgs, Scopes: m.ScopesSupported, CodeChallengeMethods: slices.DeleteFunc(notNull(m.CodeChallengeMethods), func(s string) bool { return s == "plain" }), // plain "shall not" be named
		Capabilities: []string{"authorize-post", "permission-user", "permission-v1", "permission-v2"},
	}
	for _, by := range capabilitiesByScope {
		if slices.ContainsFunc(c.Scopes, by.offered) {
			c.Capabilities = append(c.Capabilities, by.claims...)
		}
	}
	if slices.Contains(c.Scopes, "openid") && slices.Contains(c.Scopes, "fhirUser") {
		c.Capabilities = append(c.Capabilities, "sso-openid-connect")
	} else {
		c.Issuer = "" // which "shall be omitted" then
	}
	// SMART App Launch 2.2, "Client Authentication: Asymmetric": a server takes both; FAPI 2.0 permits neither.
	if slices.Contains(c.AuthMethods, "private_key_jwt") && slices.Contains(c.AuthAlgs, "RS384") && slices.Contains(c.AuthAlgs, "ES384") {
		c.Capabilities = append(c.Capabilities, "client-confidential-asymmetric")
	}
	if slices.Contains(c.AuthMethods, "client_secret_basic") || slices.Contains(c.AuthMethods, "client_secret_post") {
		c.Capabilities = append(c.Capabilities, "client-confidential-symmetric")
	}
	if slices.Contains(c.GrantTypes, "refresh_token") {
		c.Capabilities = append(c.Capabilities, "permission-offline")
	}
	return c
}

// notNull is a list that JSON shows as one, which these two must be.
func notNull(list []string) []string { return append([]string{}, list...) }

// capabilitiesByScope says what a server can do that offers a scope.
var capabilitiesByScope = []struct {
	offered func(scope string) bool
	claims  []string
}{
	{offers("launch"), []string{"launch-ehr", "context-ehr-patient", "context-ehr-encounter", "context-banner", "context-style"}},
	{offers("launch/patient"), []string{"launch-standalone", "context-standalone-patient"}},
	{offers("launch/encounter"), []string{"context-standalone-encounter"}},
	{offers("online_access"), []string{"permission-online"}},
	{func(s string) bool { return strings.HasPrefix(s, "patient/") }, []string{"permission-patient"}},
}

func offers(scope string) func(string) bool { return func(s string) bool { return s == scope } }

// describes is the server's metadata, fetched if need be.
func (s *authority) describes(ctx context.Context) (*fapi.Metadata, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fetchMetadata(ctx, s.clock.Now())
}
