package idp

import (
	"net/http"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// A client that registers for signed requests, and for one way of being answered, is held to that under a profile
// that asks nobody for either, and its neighbour is not.
func TestRegisteredWishes(t *testing.T) {
	sign := func(f *flow) { f.dialect.Request = control.SignedRequest }
	mode := func(m string) func(*flow) { return func(f *flow) { f.request.Set("response_mode", m) } }
	both := func(m string) func(*flow) { return func(f *flow) { sign(f); mode(m)(f) } }
	for _, c := range []struct {
		metadata string
		ask      func(*flow)
		refused  *control.Control
	}{
		{`"require_signed_request_object":true`, func(*flow) {}, control.ASRequestSigned},
		{`"require_signed_request_object":true`, sign, nil}, // and a plain answer
		{`"require_signed_request_object":true`, both("jwt"), nil},
		{`"response_modes":["jwt"]`, func(*flow) {}, control.ASResponseSigned},
		{`"response_modes":["jwt"]`, mode("query"), control.ASResponseSigned},
		{`"response_modes":["jwt"]`, mode("query.jwt"), nil},
		{`"response_modes":["query","form_post"]`, mode("jwt"), control.ASResponseSigned},
		{`"response_modes":["query","form_post"]`, func(*flow) {}, nil},
		{`"authorization_signed_response_alg":"ES256"`, mode("jwt"), nil},
	} {
		l := registrar(t, profile(t, "fapi2-dpop"))
		a := l.json(http.MethodPost, testIssuer+"/register", initialToken, strings.Replace(ownMetadata(","+c.metadata), "openid system/*.rs", "openid user/*.rs system/*.rs", 1))
		if a.StatusCode != http.StatusCreated {
			t.Fatalf("%s: got %d %s", c.metadata, a.StatusCode, a.body)
		}
		app := l.newApp("new", l.policy.Profile().Dialect)
		app.id = a.str(t, "client_id")
		f := app.newFlow()
		f.request.Set("client_id", app.id)
		f.request.Set("redirect_uri", "https://new.example/cb")
		f.request.Set("scope", "openid user/*.rs")
		c.ask(f)
		got := f.push()
		if c.refused == nil && !got.succeeded() {
			t.Errorf("%s: refused by %q (%s): %s", c.metadata, got.by, got.fault, got.body)
		} else if c.refused != nil && got.by != c.refused.ID {
			t.Errorf("%s: expected to be refused by %s, got %d by %q", c.metadata, c.refused, got.StatusCode, got.by)
		}
		if other := l.other.newFlow().push(); !other.succeeded() {
			t.Errorf("%s: the neighbour is refused by %q (%s)", c.metadata, other.by, other.fault)
		}
	}
}

// What cannot be kept to is refused when it is registered.
func TestWishesThatCannotBe(t *testing.T) {
	l := registrar(t, profile(t, "fapi2-dpop"))
	for _, wrong := range []string{`"response_modes":["form_post"]`, `"authorization_signed_response_alg":"RS256"`, `"authorization_signed_response_alg":"none"`, `"authorization_signed_response_alg":"PS256"`} {
		a := l.json(http.MethodPost, testIssuer+"/register", initialToken, ownMetadata(","+wrong))
		if a.StatusCode != http.StatusBadRequest || a.str(t, "error") != "invalid_client_metadata" {
			t.Errorf("%s: got %d %s", wrong, a.StatusCode, a.body)
		}
	}
}

// An answer is signed as the client has registered for.
func TestResponseAlgorithm(t *testing.T) {
	l := newLabWith(t, profile(t, "fapi2-dpop"), testIssuer, func(c *Config) {
		c.OtherKeys = func(string) *fapi.Key { return rsaKey(t) }
		c.Clients[0].ResponseAlg, c.Clients[0].ResponseModes = "PS256", []string{"jwt"}
	})
	f := l.ehr.newFlow()
	f.request.Set("response_mode", "jwt")
	start, a := f.begin()
	if a.StatusCode != http.StatusCreated {
		t.Fatalf("got %d %s", a.StatusCode, a.body)
	}
	_, back := f.approve(start)
	_, compact, _ := strings.Cut(back.Header.Get("Location"), "response=")
	if jwt := mustParse(t, compact); jwt.Header.Alg != "PS256" || jwt.VerifyTrustingAlg(rsaKey(t).Public().Key) != nil {
		t.Errorf("expected a response signed with PS256, got %+v", jwt.Header)
	}
	if algs := l.get(l.issuer + wellKnownOpenID).json(t)["authorization_signing_alg_values_supported"].([]any); len(algs) != 2 {
		t.Errorf("expected both algorithms in the metadata, got %v", algs)
	}
}
