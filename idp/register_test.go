package idp

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

const initialToken = "let me in"

// registrar is a lab whose server registers clients.
func registrar(t testing.TB, p control.Profile) *lab {
	t.Helper()
	l := newLab(t, p)
	c := l.config(testIssuer)
	c.Registration = &Registration{Token: initialToken, Scope: "openid user/*.rs system/*.rs", Organisation: "999900009"}
	c.Clients[0].RegistrationToken = "manages ehr"
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	l.Server = s
	return l
}

func (l *lab) json(method, rawURL, token, body string) answer {
	l.t.Helper()
	r := httptest.NewRequest(method, rawURL, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return l.do(r)
}

func ownMetadata(more string) string {
	return fmt.Sprintf(`{"client_name":"New","redirect_uris":["https://new.example/cb"],"token_endpoint_auth_method":"private_key_jwt","grant_types":["authorization_code","client_credentials"],
		"jwks":%s,"scope":"openid system/*.rs admin","unheard_of":true%s}`, fapi.JWKS(key("new").Public()), more)
}

// A client registers, uses its registration, reads and replaces it, and withdraws.
func TestRegistration(t *testing.T) {
	l := registrar(t, strict(t))
	a := l.json(http.MethodPost, testIssuer+"/register", initialToken, ownMetadata(""))
	if a.StatusCode != http.StatusCreated {
		t.Fatalf("expected to be registered, got %d %s", a.StatusCode, a.body)
	}
	id, token, uri := a.str(t, "client_id"), a.str(t, "registration_access_token"), a.str(t, "registration_client_uri")
	if a.str(t, "scope") != "openid system/*.rs" || a.json(t)["client_secret"] != nil || a.json(t)["client_id_issued_at"] == nil {
		t.Errorf("expected what was granted, and no secret, got %s", a.body)
	}
	app := l.newApp("new", l.policy.Profile().Dialect)
	app.id = id
	if got := app.clientCredentials(); !got.succeeded() {
		t.Fatalf("expected a token, refused by %q (%s): %s", got.by, got.fault, got.body)
	}
	if got := l.json(http.MethodGet, uri, token, ""); got.StatusCode != 200 || got.str(t, "client_id") != id {
		t.Errorf("expected the registration, got %d %s", got.StatusCode, got.body)
	}
	changed := strings.Replace(ownMetadata(`,"client_id":"`+id+`"`), "New", "Newer", 1)
	changed = strings.Replace(changed, string(fapi.JWKS(key("new").Public())), string(fapi.JWKS(key("newer").Public())), 1)
	if got := l.json(http.MethodPut, uri, token, changed); got.StatusCode != 200 || got.str(t, "client_name") != "Newer" {
		t.Errorf("expected it to be replaced, got %d %s", got.StatusCode, got.body)
	}
	app.clientCredentials().expect(t, control.ASAssertionSignature, 401, "invalid_client")
	app.key = key("newer")
	if got := app.clientCredentials(); !got.succeeded() {
		t.Errorf("expected the new key to count, refused by %q", got.by)
	}
	if got := l.json(http.MethodDelete, uri, token, ""); got.StatusCode != http.StatusNoContent {
		t.Errorf("expected it to be gone, got %d", got.StatusCode)
	}
	app.clientCredentials().expect(t, control.ASClientAuth, 401, "invalid_client")
	l.json(http.MethodGet, uri, token, "").expect(t, control.ASRegistrationAccess, 401, "invalid_token")
}

// A client that asks for bound tokens gets no others, whatever the profile says (RFC 9449 s5.2).
func TestRegistrationAsksForBoundTokens(t *testing.T) {
	l := registrar(t, profile(t, "fapi2-dpop").Bare())
	a := l.json(http.MethodPost, testIssuer+"/register", "", ownMetadata(`,"dpop_bound_access_tokens":true`))
	app := l.newApp("new", l.policy.Profile().Dialect)
	app.id = a.str(t, "client_id")
	app.clientCredentials(func(c *call) { c.noProof = true }).expect(t, control.ASSenderConstrained, 400, "")
	if got := app.clientCredentials(); !got.succeeded() {
		t.Errorf("expected a bound token, refused by %q (%s)", got.by, got.fault)
	}
}

func TestRegistrationRefuses(t *testing.T) {
	l := registrar(t, strict(t))
	private := string(key("new").PrivateJWK())
	for name, test := range map[string]struct{ old, new, code, text string }{
		"javascript redirect": {"https://new.example/cb", "javascript:alert(1)", "invalid_redirect_uri", "absolute"},
		"http redirect":       {"https://new.example/cb", "http://new.example/cb", "invalid_redirect_uri", "https"},
		"fragment":            {"https://new.example/cb", "https://new.example/cb#x", "invalid_redirect_uri", "fragment"},
		"no redirect":         {`"https://new.example/cb"`, "", "invalid_client_metadata", "redirect_uris"},
		"no method":           {"private_key_jwt", "none", "invalid_client_metadata", "private_key_jwt"},
		"implicit":            {"client_credentials", "implicit", "invalid_client_metadata", "grant type"},
		"token response":      {`"unheard_of":true`, `"response_types":["token"]`, "invalid_client_metadata", "response_types"},
		"keys elsewhere":      {`"unheard_of":true`, `"jwks_uri":"http://169.254.169.254/"`, "invalid_client_metadata", "jwks_uri"},
		"private key":         {string(fapi.JWKS(key("new").Public())), `{"keys":[` + private + `]}`, "invalid_client_metadata", "public"},
		"no key":              {string(fapi.JWKS(key("new").Public())), `{"keys":[]}`, "invalid_client_metadata", "key"},
		"no scope left":       {"openid system/*.rs admin", "admin", "invalid_client_metadata", "scopes"},
		"wrong type":          {`"New"`, `7`, "invalid_client_metadata", "client_name"},
	} {
		body := strings.Replace(ownMetadata(""), test.old, test.new, 1)
		a := l.json(http.MethodPost, testIssuer+"/register", initialToken, body)
		if a.StatusCode != 400 || a.str(t, "error") != test.code || !strings.Contains(a.str(t, "error_description"), test.text) {
			t.Errorf("%s: expected %s with %q, got %d %s", name, test.code, test.text, a.StatusCode, a.body)
		}
	}
	l.json(http.MethodPost, testIssuer+"/register", initialToken, "{").expect(t, nil, 400, "invalid_client_metadata")
	l.do(postRequest(testIssuer+"/register", url.Values{"client_name": {"x"}})).expect(t, nil, 400, "invalid_client_metadata")
	newLab(t, strict(t)).json(http.MethodPost, testIssuer+"/register", "", "{}").expect(t, nil, 404, "not_found")
	l.registered.count = maxRegistered
	r := httptest.NewRequest(http.MethodPost, testIssuer+"/register", strings.NewReader(ownMetadata("")))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+initialToken)
	var f *fault
	if _, err := l.register(r); !errors.As(err, &f) || f.status != http.StatusServiceUnavailable {
		t.Errorf("expected a full house, got %v", err)
	}
}

func wrongRegistrations() []wrong {
	with := func(do func(l *lab) answer) func(l *lab) answer {
		return func(l *lab) answer {
			c := l.config(testIssuer)
			c.Registration = &Registration{Token: initialToken, Scope: "openid system/*.rs user/*.rs offline_access profile"}
			c.Clients[0].RegistrationToken = "manages ehr"
			s, err := New(c)
			if err != nil {
				l.t.Fatal(err)
			}
			l.Server = s
			return do(l)
		}
	}
	manage := func(method, token string) func(l *lab) answer {
		return with(func(l *lab) answer {
			m, err := json.Marshal(metadataOf(l.client("ehr")))
			if err != nil {
				l.t.Fatal(err)
			}
			return l.json(method, testIssuer+"/register/ehr", token, string(m))
		})
	}
	return []wrong{
		{name: "no initial access token", code: "invalid_token", by: by(control.ASRegistrationToken),
			do: with(func(l *lab) answer { return l.json(http.MethodPost, testIssuer+"/register", "", ownMetadata("")) })},
		{name: "another's initial access token", code: "invalid_token", by: by(control.ASRegistrationToken),
			do: with(func(l *lab) answer { return l.json(http.MethodPost, testIssuer+"/register", "guess", ownMetadata("")) })},
		{name: "no registration access token", code: "invalid_token", by: by(control.ASRegistrationAccess), do: manage(http.MethodGet, "")},
		{name: "the initial token for management", code: "invalid_token", by: by(control.ASRegistrationAccess), do: manage(http.MethodPut, initialToken)},
		{name: "withdrawing another's client", code: "invalid_token", by: by(control.ASRegistrationAccess), do: manage(http.MethodDelete, "guess")},
	}
}

func FuzzRegistration(f *testing.F) {
	f.Add(ownMetadata(""))
	f.Add(`{"redirect_uris":[null],"jwks":{"keys":[{}]}}`)
	l := registrar(f, profile(f, "fapi2-dpop").Bare())
	f.Fuzz(func(t *testing.T, body string) {
		l.t, l.registered.count = t, 0
		l.operations.Store(nil)
		l.json(http.MethodPost, testIssuer+"/register", "", body) // which insists that nothing breaks
	})
}
