package serve

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// printed is the configuration that is printed for a server that is not running yet.
func printed(t *testing.T, c Config, v SuiteVariant) suiteConfig {
	t.Helper()
	c.Now = time.Now
	var b bytes.Buffer
	if err := PrintSuiteConfig(c, v, &b); err != nil {
		t.Fatal(err)
	}
	var got suiteConfig
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// The configuration is printed by one process and used against another, so the two agree on keys, URLs
// and redirect URIs, and print the same again.
func TestSuiteConfigFitsTheServer(t *testing.T) {
	dir := t.TempDir()
	running := start(t, Config{Dir: dir, Suite: "https://suite.test/base/", SuiteAlias: "mine", SuiteKey: true})
	c := Config{Dir: dir, HTTPSPort: running.https, MTLSPort: running.mtls, Suite: "https://suite.test/base/", SuiteAlias: "mine"}
	got := printed(t, c, nil)
	i := issuer(t, running, "fapi2-dpop")
	if got.Server.DiscoveryURL != i.URL+"/.well-known/openid-configuration" || got.Resource.URL != i.FHIR+"/Patient/p01" || got.Alias != "mine" {
		t.Errorf("got %+v %+v %s", got.Server, got.Resource, got.Alias)
	}
	for n, printed := range []suiteClient{got.Client, got.Client2} {
		key, err := fapi.ParseKey(printed.JWKS.Keys[0])
		if err != nil {
			t.Fatal(err)
		}
		registered := i.Client(printed.ID)
		want := registered.Key
		if n == 0 {
			running.background.Wait()
			want = i.tenant.suite.Load()
		}
		if registered == nil || printed.ID != suiteNames()[n] || key.Thumbprint() != want.Thumbprint() || key.Alg == "" || key.ID == "" {
			t.Errorf("expected the key of %s, got %s", suiteNames()[n], printed.JWKS.Keys[0])
		}
		if !fapi.Scope(printed.Scope).Within(fapi.Scope(registered.Scope)) || !strings.HasPrefix(printed.Scope, "openid ") {
			t.Errorf("scope: got %q", printed.Scope)
		}
		for _, uri := range []string{"https://suite.test/base/test/a/mine/callback", "https://suite.test/base/test/a/mine/callback?dummy1=lorem&dummy2=ipsum", "https://localhost:8443/test/a/mine/callback"} {
			if !slices.Contains(registered.RedirectURIs, uri) {
				t.Errorf("expected %s to be registered, got %q", uri, registered.RedirectURIs)
			}
		}
	}
	if key1, key2 := i.Client("oidf-1").Key, i.Client("oidf-2").Key; key1.Thumbprint() == key2.Thumbprint() {
		t.Error("expected two keys")
	}
	for first, variant := range map[string]SuiteVariant{
		"oidf-1": {"sender_constrain": "mtls"}, "oidf-mtls-1": {"client_auth_type": "mtls", "sender_constrain": "mtls"}, "oidf-mtls-dpop-1": {"client_auth_type": "mtls"},
	} {
		want := [2]string{first, strings.TrimSuffix(first, "1") + "2"}
		got := printed(t, c, variant)
		if !strings.HasPrefix(got.Resource.URL, i.MTLS) {
			t.Errorf("expected the resource where certificates are asked for, got %s", got.Resource.URL)
		}
		for n, pair := range []struct {
			client suiteClient
			tls    *suiteTLS
		}{{got.Client, got.MTLS}, {got.Client2, got.MTLS2}} {
			registered := i.Client(want[n])
			if pair.client.ID != want[n] || pair.tls.Certificate != string(registered.Certificate.PEM()) || pair.tls.Key != string(registered.Certificate.Key.PrivatePEM()) || pair.tls.CA == "" {
				t.Errorf("expected the certificate of %s, got %+v", want[n], pair)
			}
		}
	}
	machine := printed(t, c, SuiteVariant{"fapi_profile": "fapi_client_credentials_grant"})
	if machine.Client.Scope != "system/*.rs" || machine.Browser != nil || machine.Override != nil {
		t.Errorf("expected no browser for a machine, got %+v", machine)
	}
	if oauth := printed(t, c, SuiteVariant{"openid": "plain_oauth"}); strings.Contains(oauth.Client.Scope, "openid") || string(oauth.Client.JWKS.Keys[0]) == "" {
		t.Errorf("expected no openid, got %+v", oauth.Client)
	}
	c.Names, c.Profile = []string{"thiefbox.test"}, "hardened"
	if named := printed(t, c, nil); !strings.HasPrefix(named.Server.DiscoveryURL, "https://thiefbox.test:") || !strings.Contains(named.Server.DiscoveryURL, "/hardened/") {
		t.Errorf("got %s", named.Server.DiscoveryURL)
	}
}

// The suite's commands name elements of our pages. They are there.
func TestSuiteFindsThePages(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "oidf-1")
	a.http.Jar, _ = cookiejar.New(nil)
	pushed := a.push(a.client.RedirectURIs[0])
	expect(t, pushed, 201, "request_uri")
	at := a.issuer.URL + "/authorize?client_id=oidf-1&request_uri="
	page := a.get(at + pushed.member("request_uri"))
	for _, id := range []string{`<option value="` + suitePerson + `"`, `id="pick"`} {
		expect(t, page, 200, id)
	}
	a.submit(page, "/authorize/sign-in", url.Values{"person": {suitePerson}})
	page = a.get(at + pushed.member("request_uri"))
	for _, id := range []string{`id="` + suiteAllow + `"`, `id="` + suiteDeny + `"`} {
		expect(t, page, 200, id)
	}
	expect(t, a.get(at+"urn:ietf:params:oauth:request_uri:unknown"), 400, `id="refusal"`)
}

// A client that authenticates by certificate signs its requests with its key, which has to be registered.
func TestSuiteClientsHaveKeys(t *testing.T) {
	s := start(t, Config{})
	for _, c := range issuer(t, s, "x").registrations() {
		if strings.HasPrefix(c.ID, "oidf-") && len(c.Keys) != 1 {
			t.Errorf("%s: expected a key, got %d", c.ID, len(c.Keys))
		}
	}
}

func TestSuiteMistakes(t *testing.T) {
	for want, c := range map[string]Config{
		"begin with https://": {Suite: "http://suite.test"}, "have no query": {Suite: "https://suite.test/?a"},
		"the alias": {SuiteAlias: "a/b"}, "a data directory": {HTTPSPort: 1}, "and ports": {Dir: t.TempDir(), HTTPSPort: 0},
	} {
		c.Now = time.Now
		if err := PrintSuiteConfig(c, nil, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("expected %q, got %v", want, err)
		}
	}
	if err := PrintSuiteConfig(Config{}, SuiteVariant{"openid": "x"}, io.Discard); err == nil {
		t.Error("expected an unknown variant to be refused")
	}
}

// A server and a command over the same new directory start at the same moment: whoever comes first makes
// the keys, and the other takes them. The server once had one key and the printed configuration another.
func TestTwoProcessesMakeOneSetOfKeys(t *testing.T) {
	c := Config{Dir: t.TempDir(), HTTPSPort: 1, Now: time.Now}
	var printed [4]bytes.Buffer
	var all sync.WaitGroup
	for n := range printed {
		all.Go(func() {
			if err := PrintSuiteConfig(c, SuiteVariant{"sender_constrain": "mtls"}, &printed[n]); err != nil {
				t.Error(err)
			}
			if _, err := openAuthority(c.Dir, c.hostNames(), time.Now()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for n := range printed {
		if printed[n].String() != printed[0].String() {
			t.Errorf("expected one set of keys, got %s and %s", &printed[0], &printed[n])
		}
	}
	left, err := filepath.Glob(filepath.Join(c.Dir, "*", ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("expected no half-written files, got %v, %v", left, err)
	}
}

// With its RSA key the first client is taken under PS256, and refused under RS256 for the algorithm alone; the key is
// there at the next start.
func TestSuiteKey(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Config{Dir: dir, HTTPSPort: -1, SuiteKey: true})
	s.background.Wait()
	i := issuer(t, s, defaultProfile)
	key := i.tenant.suite.Load()
	for _, alg := range []string{"PS256", "RS256"} {
		a := newApp(t, s, i, "oidf-1")
		client, signing := *a.client, *key
		signing.Alg = alg
		client.Key = &signing
		a.client = &client
		got := a.ownToken()
		if told := i.Diagnoses(); (alg == "PS256") != (got.StatusCode == 200) || alg == "RS256" && told[len(told)-1].Control != control.ASAssertionAlg.ID {
			t.Errorf("%s: got %d %s", alg, got.StatusCode, got.body)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, Config{Dir: dir, HTTPSPort: -1})
	if again := issuer(t, s, defaultProfile).tenant.suite.Load(); again == nil || again.Thumbprint() != key.Thumbprint() {
		t.Error("expected the same key")
	}
}
