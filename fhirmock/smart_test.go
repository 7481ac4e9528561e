package fhirmock

import (
	"net/http"
	"net/http/httptest"
	"slices"
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
		c := smartOf(&fapi.Metadata{TokenEndpointAuthMethods: []string{method}, GrantTypesSupported: []string{"refresh_token"}})
		if !slices.Contains(c.Capabilities, want) || !slices.Contains(c.Capabilities, "permission-offline") || len(c.Capabilities) != 5 {
			t.Errorf("%s: expected %s, got %v", method, want, c.Capabilities)
		}
	}
}
