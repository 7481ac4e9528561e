package serve

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/event"
)

func TestNamesOfIssuers(t *testing.T) {
	s := start(t, Config{Profile: "bcp"})
	for name, want := range map[string]string{
		"team-a": "bcp", "a": "bcp", "test_42": "bcp", "hardened": "hardened", "hardened-entitlement": "hardened+entitlement",
		"team-a~hardened": "hardened", "x~hardened-entitlement": "hardened+entitlement", "helseid~legacy": "legacy",
	} {
		i, err := s.Issuer(name)
		if err != nil || i.Profile != want || i.URL != s.Origin()+"/"+name || i.FHIR != i.URL+"/fhir" {
			t.Errorf("%s: expected the profile %s, got %+v, %v", name, want, i, err)
		}
	}
	for name, want := range map[string]string{
		"": "expected the name", "Team": "expected the name", "-a": "expected the name", "a.b": "expected the name", "..": "expected the name",
		"a/b": "expected the name", "a~": "expected the name", "~legacy": "expected the name", "a~hardened+entitlement": "expected the name",
		strings.Repeat("a", 41): "expected the name", "a~nothing": "no such profile \"nothing\"; there are legacy, bcp",
	} {
		if i, err := s.Issuer(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: expected an error with %q, got %v, %v", name, want, i, err)
		}
	}
}

// OpenID Connect Discovery appends to the issuer, RFC 8414 s3.1 inserts before its path. Either way the
// issuer is the URL that was used.
func TestMetadata(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "team-a"), "web-app")
	for _, origin := range []string{s.Origin(), s.PlainOrigin(), strings.Replace(s.Origin(), "localhost", "127.0.0.1", 1), strings.Replace(s.PlainOrigin(), "localhost", "LOCALHOST", 1)} {
		for _, path := range []string{"/team-a/.well-known/openid-configuration", "/team-a/.well-known/oauth-authorization-server",
			"/.well-known/oauth-authorization-server/team-a", "/.well-known/openid-configuration/team-a"} {
			got := a.get(origin + path)
			if want := strings.ToLower(origin) + "/team-a"; got.StatusCode != 200 || got.member("issuer") != want || got.member("token_endpoint") != want+"/token" {
				t.Errorf("%s: expected the issuer %s, got %s", path, want, got.body)
			}
		}
		expect(t, a.get(origin+"/team-a/fhir/metadata"), 200, "CapabilityStatement")
	}
	for path, part := range map[string]string{
		"/.well-known/openid-configuration": "name of an issuer", "/.well-known/oauth-authorization-server/a/b": "name of an issuer",
		"/robots.txt": "name of an issuer", "//": "begins with the name", "/team-a~nobody/token": "no such profile", "/team-a/_thiefbox/nothing": "/_thiefbox/events",
	} {
		expect(t, a.get(s.Origin()+path), 404, part)
	}
	icon := a.get(s.Origin() + pathFavicon)
	expect(t, icon, 200, "<svg")
	if got := icon.Header.Get("Content-Type"); got != "image/svg+xml" {
		t.Errorf("expected a picture for browsers, got %q", got)
	}
	if got := s.Names(); strings.Join(got, " ") != "fapi2-dpop team-a" {
		t.Errorf("expected no issuer to be made by a wrong path, got %v", got)
	}
}

// What happens at one issuer is nobody else's business, not even at the same name with another scheme.
func TestIssuersAreIsolated(t *testing.T) {
	s := start(t, Config{})
	one, two := issuer(t, s, "one"), issuer(t, s, "two")
	a := newApp(t, s, one, "web-app")
	tokens := a.redeem(a.code("berg").Get("code"))
	expect(t, tokens, 200, "access_token")
	if a.client.Key.Thumbprint() == two.Client("web-app").Key.Thumbprint() || a.issuer.Client("legacy-app").Secret == two.Client("legacy-app").Secret {
		t.Error("expected each issuer to have keys and secrets of its own")
	}
	plain, err := s.issuerAt(s.PlainOrigin(), "one")
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []*Issuer{two, plain} {
		b := newApp(t, s, other, "web-app")
		b.dpop = a.dpop
		expect(t, b.read("/Patient/p01", tokens.member("access_token")), 401, "OperationOutcome")
		expect(t, b.back("/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.member("refresh_token")}}), 400, "invalid_grant")
	}
	before := len(two.Events())
	expect(t, a.read("/Patient/p01", tokens.member("access_token")), 200, "Patient")
	if after := len(two.Events()); after != before {
		t.Errorf("expected nothing in the other's log, got %d events", after-before)
	}
	b := newApp(t, s, two, "machine")
	marked := b.read("/Patient/p01", b.ownToken().member("access_token"))
	if strings.Contains(string(marked.body), one.tenant.marks["p01"]) || !strings.Contains(string(marked.body), two.tenant.marks["p01"]) {
		t.Error("expected each issuer to mark the records of its own")
	}
}

func TestTooManyIssuers(t *testing.T) {
	s := start(t, Config{MaxIssuers: 2})
	a := newApp(t, s, issuer(t, s, "one"), "machine")
	expect(t, a.get(s.Origin()+"/two/jwks"), 503, "there are 2: fapi2-dpop one")
	expect(t, a.ownToken(), 200, "access_token")
}

// Whoever stopped a server finds the same authority, keys and secrets when it starts again.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	first := start(t, Config{Dir: dir})
	i := issuer(t, first, "helseid") // has an RSA key
	key, secret, server := i.Client("web-app").Key.Thumbprint(), i.Client("legacy-app").Secret, i.tenant.key().Thumbprint()
	ca, err := os.ReadFile(first.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, Config{Dir: dir})
	if again, err := os.ReadFile(second.CAFile()); err != nil || string(again) != string(ca) {
		t.Errorf("expected the same authority, got %v", err)
	}
	i = issuer(t, second, "helseid")
	if i.Client("web-app").Key.Thumbprint() != key || i.Client("legacy-app").Secret != secret || i.tenant.key().Thumbprint() != server {
		t.Error("expected the same keys and secret")
	}
	client := first.Client() // trusts what it trusted
	defer client.CloseIdleConnections()
	resp, err := client.Get(second.Origin())
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	for name, mode := range map[string]os.FileMode{"ca.pem": 0o644, "ca-key.pem": 0o600, "helseid/web-app.jwk": 0o600, "helseid/web-app.pem": 0o600, "helseid/legacy-app.secret": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: expected mode %v, got %v, %v", name, mode, info, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "helseid", "web-app.jwk"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	third := start(t, Config{Dir: dir})
	if _, err := third.Issuer("helseid"); err == nil || !strings.Contains(err.Error(), "web-app.jwk") {
		t.Errorf("expected an error that names the file, got %v", err)
	}
}

func TestTemporaryDirectoryGoes(t *testing.T) {
	s, err := Start(t.Context(), Config{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(s.CAFile())
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("expected %s to be gone, got %v", dir, err)
	}
}

// A node with a memory of its own takes a proof that the other has seen.
func TestSeparateReplay(t *testing.T) {
	for separate, want := range map[bool]int{false: 401, true: 200} {
		s := start(t, Config{SeparateReplay: separate})
		a := newApp(t, s, issuer(t, s, "hardened"), "machine")
		token := a.ownToken().member("access_token")
		expect(t, a.read("/Patient/p01", token), 200, "Patient")
		r := a.request(http.MethodGet, a.issuer.FHIR+"/Patient/p01", nil)
		r.Header.Set("Authorization", "DPoP "+token)
		a.proof(r, "fhir", token)
		expect(t, a.do(r.Clone(t.Context())), 200, "Patient")
		r.AddCookie(&http.Cookie{Name: "node", Value: "b"})
		expect(t, a.do(r), want, "resourceType")
	}
}

func TestList(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "team-a"), "machine")
	expect(t, a.get(s.Origin()+"/"), 200, s.Origin()+"/team-a  (profile fapi2-dpop)")
	r := a.request(http.MethodGet, s.Origin()+"/", nil)
	r.Header.Set("Accept", "application/json")
	var all []listed
	if err := json.Unmarshal(a.do(r).body, &all); err != nil || len(all) != 2 || all[1] != (listed{s.Origin() + "/team-a", "fapi2-dpop"}) {
		t.Errorf("got %+v, %v", all, err)
	}
}

func TestLogIsTold(t *testing.T) {
	seen := make(chan event.Event, 1000)
	s := start(t, Config{Log: func(issuer string, e event.Event) {
		if issuer == "x" {
			seen <- e
		}
	}})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	token := a.ownToken()
	_ = s.Close()
	close(seen)
	n := 0
	for e := range seen {
		n++
		if b, err := json.Marshal(e); err != nil || e.N != n || strings.Contains(string(b), token.member("access_token")) {
			t.Errorf("expected event %d without the token, got %s, %v", n, b, err)
		}
	}
	if n < 5 {
		t.Errorf("expected request, rulings and response, got %d events", n)
	}
}
