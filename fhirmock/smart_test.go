package fhirmock

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/fapi"
)

// An app that knows the API's address finds the rest, without a token and from a page.
func TestSMARTConfiguration(t *testing.T) {
	w := newWorld(t, strictest(t))
	ask := func(method, target string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, testBase+target, nil)
		r.Header.Set("Origin", "https://app.example")
		rec := httptest.NewRecorder()
		w.a.ServeHTTP(rec, r)
		return rec
	}
	rec := ask("GET", wellKnownSMART)
	wantStatus(t, rec, 200)
	m := decode(t, rec)
	if m["issuer"] != testIssuer || m["jwks_uri"] != testIssuer+"/jwks" || m["capabilities"] == nil {
		t.Errorf("unexpected configuration: %s", rec.Body)
	}
	if rec.Header().Get("Content-Type") != "application/json" || rec.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("unexpected headers: %v", rec.Header())
	}
	wantStatus(t, ask("POST", wellKnownSMART), 405)
	wantStatus(t, ask("GET", "/Patient"+wellKnownSMART), 404)

	w = newWorld(t, strictest(t))
	w.as.down = true
	wantStatus(t, ask("GET", wellKnownSMART), http.StatusServiceUnavailable)
}

// What is claimed follows from what the authorization server says of itself.
func TestSMARTCapabilities(t *testing.T) {
	for method, want := range map[string]string{
		"private_key_jwt": "client-confidential-asymmetric", "client_secret_basic": "client-confidential-symmetric",
	} {
		c := smartOf(&fapi.Metadata{TokenEndpointAuthMethods: []string{method}, TokenEndpointAuthAlgs: []string{"RS384", "ES384"}, GrantTypesSupported: []string{"refresh_token"}})
		if !slices.Contains(c.Capabilities, want) || !slices.Contains(c.Capabilities, "permission-offline") || len(c.Capabilities) != 6 {
			t.Errorf("%s: expected %s, got %v", method, want, c.Capabilities)
		}
	}
	if c := smartOf(&fapi.Metadata{TokenEndpointAuthMethods: []string{"private_key_jwt"}, TokenEndpointAuthAlgs: fapi.Algorithms}); slices.Contains(c.Capabilities, "client-confidential-asymmetric") {
		t.Error("expected no claim to SMART's asymmetric clients without its algorithms")
	}
	for scope, want := range map[string]string{
		"launch": "launch-ehr context-ehr-patient context-ehr-encounter context-banner context-style", "launch/patient": "launch-standalone context-standalone-patient",
		"launch/encounter": "context-standalone-encounter", "patient/*.rs": "permission-patient", "openid fhirUser": "sso-openid-connect",
		"online_access": "permission-online", "openid": "", "user/*.rs": "",
	} {
		c := smartOf(&fapi.Metadata{ScopesSupported: strings.Fields(scope)})
		if got := strings.Join(c.Capabilities[4:], " "); got != want {
			t.Errorf("%s: expected %q, got %q", scope, want, got)
		}
		// It is named to apps that sign people in by OpenID Connect, and to no others.
		if signsIn := want == "sso-openid-connect"; signsIn == (smartOf(&fapi.Metadata{Issuer: testIssuer, ScopesSupported: strings.Fields(scope)}).Issuer == "") {
			t.Errorf("%s: expected an issuer: %t", scope, signsIn)
		}
	}
}
