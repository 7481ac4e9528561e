package client

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/fapi"
)

func TestConfigurationErrors(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	good := func() EHRConfig {
		return EHRConfig{Party: w.party, URL: ehrURL, HTTP: http.DefaultClient, FHIRBase: fhirBase, DPoPKey: w.dpop,
			Issuers: []Registration{w.register(w.as, "ehr")}}
	}
	if _, err := NewEHR(good()); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*EHRConfig){
		"URL without a path":         func(c *EHRConfig) { c.URL = ehrURL + "/app" },
		"absolute URL":               func(c *EHRConfig) { c.URL = "ehr" },
		"a FHIRBase":                 func(c *EHRConfig) { c.FHIRBase = "" },
		"at least one issuer":        func(c *EHRConfig) { c.Issuers = nil },
		"a party and an HTTP client": func(c *EHRConfig) { c.HTTP = nil },
		"issuer: expected":           func(c *EHRConfig) { c.Issuers[0].Issuer = "as" },
		"a client_id":                func(c *EHRConfig) { c.Issuers[0].ClientID = "" },
		"token_endpoint_auth_method": func(c *EHRConfig) { c.Issuers[0].AuthMethod = "none" },
		"jwk for private_key_jwt":    func(c *EHRConfig) { c.Issuers[0].JWK = nil },
		"a client_secret":            func(c *EHRConfig) { c.Issuers[0].AuthMethod, c.Issuers[0].Secret = "client_secret_post", "" },
		"dpop_jwk":                   func(c *EHRConfig) { c.DPoPKey, c.Issuers[0].DPoPJWK = nil, []byte("{}") },
		"a key for DPoP proofs": func(c *EHRConfig) {
			c.DPoPKey, c.Issuers[0].AuthMethod, c.Issuers[0].JWK = nil, "client_secret_post", nil
		},
	} {
		c := good()
		spoil(&c)
		if _, err := NewEHR(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("expected an error with %q, got %v", want, err)
		}
	}
	for want, c := range map[string]SupplierConfig{
		"a FHIRBase":       {},
		"issuer: expected": {FHIRBase: fhirBase},
		"a party":          {FHIRBase: fhirBase, Registration: good().Issuers[0]},
	} {
		if _, err := NewSupplier(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("supplier: expected an error with %q, got %v", want, err)
		}
	}
}

// The key for proofs is the one configured, else the registration's own, else the one it signs its
// assertions with.
func TestProofKey(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	reg, err := w.register(w.as, "ehr").prepare()
	if err != nil {
		t.Fatal(err)
	}
	other, err := fapi.NewES256Key("other", w.dice)
	if err != nil {
		t.Fatal(err)
	}
	check := func(configured *fapi.Key, want string) {
		t.Helper()
		if got, err := reg.proofKey(configured); err != nil || got.Thumbprint() != want {
			t.Errorf("expected key %s, got %v %v", want, got, err)
		}
	}
	check(nil, reg.Key.Thumbprint())
	reg.DPoPJWK = other.PrivateJWK()
	check(nil, other.Thumbprint())
	check(w.dpop, w.dpop.Thumbprint())
}

func TestHome(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	b := w.browser()
	_, _, body := b.get(ehrURL + "/")
	for _, want := range []string{"Nordlys EHR", "/login?issuer=https%3A%2F%2Fas.test", "/login?issuer=https%3A%2F%2Frogue.test", "Sign in with Sign-in at https://as.test"} {
		if !strings.Contains(body, want) {
			t.Errorf("expected the page to contain %q, got %s", want, body)
		}
	}
	b.mustSignIn()
	if _, _, body = b.get(ehrURL + "/"); !strings.Contains(body, `<form id="logout" method="post" action="/logout">`) {
		t.Errorf("expected a button to sign out, got %s", body)
	}
}

func TestPatientList(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	b := w.browser()
	for _, path := range []string{"/patients", "/patients/p07"} {
		if status, to, _ := b.get(ehrURL + path); status != http.StatusSeeOther || to != "/" {
			t.Errorf("%s: expected a stranger to be sent home, got %d %q", path, status, to)
		}
	}
	b.mustSignIn()
	if _, to, _ := b.get(ehrURL + "/patients?id=p07"); to != "/patients/p07" {
		t.Errorf("expected the search to lead to the record, got %q", to)
	}
	for i := range maxOpened + 2 {
		b.get(ehrURL + "/patients/p" + string(rune('a'+i)))
	}
	b.get(ehrURL + "/patients/pd")
	_, _, body := b.get(ehrURL + "/patients")
	if n := strings.Count(body, "<li>"); n != maxOpened {
		t.Errorf("expected the last %d patients, got %d", maxOpened, n)
	}
	if first, second := strings.Index(body, "/patients/pd"), strings.Index(body, "/patients/pl"); first < 0 || second < first || strings.Count(body, "/patients/pd") != 1 {
		t.Errorf("expected the one opened last on top and once, got %s", body)
	}
}

func TestRecordFailures(t *testing.T) {
	for status, want := range map[int]int{404: 404, 410: 404, 403: 403, 500: 502, 400: 502} {
		w := newWorld(t, profile(t, "fapi2-dpop"))
		b := w.browser()
		b.mustSignIn()
		w.fhir.status["/Patient/p07"] = status
		got, _, body := b.get(ehrURL + "/patients/p07")
		if got != want || strings.Contains(body, "canary") {
			t.Errorf("expected %d for an API's %d, got %d %s", want, status, got, body)
		}
	}
	w := newWorld(t, profile(t, "fapi2-dpop"))
	b := w.browser()
	b.mustSignIn()
	w.fhir.status["/Condition?patient=p07"] = 403
	status, _, body := b.get(ehrURL + "/patients/p07")
	if status != 200 || strings.Count(body, "Could not be read.") != 1 || !slices.Equal(w.refusals(), []string{"upstream"}) {
		t.Errorf("expected the record without conditions, got %d %s %v", status, body, w.refusals())
	}
	for name, handler := range map[string]http.HandlerFunc{
		"not JSON": func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("<Patient/>")) },
	} {
		w.net.m["fhir.test"] = handler
		if status, _, _ := b.get(ehrURL + "/patients/p07"); status != http.StatusBadGateway {
			t.Errorf("%s: expected 502, got %d", name, status)
		}
		w.net.m["fhir.test"] = w.fhir
		w.net.m["lab.test"] = handler
		if _, _, body := b.get(ehrURL + "/patients/p07"); !strings.Contains(body, "Could not be read.") {
			t.Errorf("%s: expected no laboratory results", name)
		}
	}
}

func TestWithoutLaboratory(t *testing.T) {
	w := newWorld(t, profile(t, "hardened"))
	w.ehr.labBase = ""
	b := w.browser()
	b.mustSignIn()
	if status, _, body := b.get(ehrURL + "/patients/p07"); status != 200 || strings.Contains(body, "Laboratory") {
		t.Errorf("expected no laboratory, got %d %s", status, body)
	}
}

// Requests that no page answers, told with their diagnosis.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		method, path, code string
		status             int
	}{
		{"GET", "/nowhere", "not_found", 404},
		{"POST", "/callback", "method_not_allowed", 405},
		{"DELETE", "/logout", "method_not_allowed", 405},
		{"GET", "/login?issuer=https%3A%2F%2Fevil.test", "malformed", 400},
		{"GET", "/callback", "malformed", 400},
		{"GET", "/callback?state=x&iss=y", "malformed", 400},
		{"GET", "/callback?code=a&code=b", "malformed", 400},
		{"GET", "/callback?code=a&state=b&state=b", "malformed", 400},
		{"GET", "/callback?code=%zz", "malformed", 400},
		{"GET", "/continue?to=patients", "malformed", 400},
	} {
		w := newWorld(t, full(t))
		if got, _, body := w.browser().do(c.method, ehrURL+c.path); got != c.status || !strings.Contains(body, `id="reason"`) {
			t.Errorf("%s %s: expected %d and a page, got %d %s", c.method, c.path, c.status, got, body)
		}
		if got := w.refusals(); !slices.Equal(got, []string{c.code}) {
			t.Errorf("%s %s: expected %s, got %v", c.method, c.path, c.code, got)
		}
	}
	w := newWorld(t, full(t))
	b := w.browser()
	b.mustSignIn()
	for _, id := range []string{"", "p07/x", "..%2Fmetadata", "p%2007", strings.Repeat("p", 65), "p07%3F_id=p08"} {
		if status, _, _ := b.get(ehrURL + "/patients/" + id); status != http.StatusBadRequest {
			t.Errorf("expected the id %q to be refused, got %d", id, status)
		}
	}
}

func TestHeaders(t *testing.T) {
	w := newWorld(t, full(t))
	b := w.browser()
	for _, path := range []string{"/", "/login", "/callback?code=x&state=y", "/style.css", "/patients", "/nowhere"} {
		resp, err := b.http.Get(ehrURL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		for name, want := range map[string]string{
			"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: expected %s: %s, got %q", path, name, want, got)
			}
		}
		if !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: expected a content security policy", path)
		}
		for _, c := range resp.Cookies() {
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.SameSite != http.SameSiteLaxMode {
				t.Errorf("%s: expected a well guarded cookie, got %s", path, c)
			}
		}
	}
}

// Over plain HTTP on loopback, cookies do without Secure.
func TestPlainHTTP(t *testing.T) {
	w := newWorld(t, full(t))
	e, err := NewEHR(EHRConfig{Party: w.party, URL: "http://127.0.0.1:8080/", HTTP: &http.Client{Transport: w.net}, FHIRBase: fhirBase,
		DPoPKey: w.dpop, Issuers: []Registration{w.register(w.as, "ehr")}})
	if err != nil {
		t.Fatal(err)
	}
	w.net.m["127.0.0.1:8080"] = e
	b := w.browser()
	_, authorize, _ := b.get("http://127.0.0.1:8080/login")
	_, callback, _ := b.get(authorize)
	if status, _, _ := b.get(callback); status != http.StatusSeeOther || !strings.HasPrefix(callback, "http://127.0.0.1:8080/callback?") {
		t.Errorf("expected to be signed in over plain HTTP, got %d at %s", status, callback)
	}
}

// Endpoints the metadata does not name are not guessed.
func TestMissingEndpoints(t *testing.T) {
	for name, spoil := range map[string]func(*fapi.Metadata){
		"authorization_endpoint":                func(m *fapi.Metadata) { m.AuthorizationEndpoint = "" },
		"pushed_authorization_request_endpoint": func(m *fapi.Metadata) { m.PushedAuthorizationRequestEndpoint = "" },
	} {
		w := newWorld(t, full(t))
		w.as.spoilMetadata = spoil
		if status, _, _ := w.browser().get(ehrURL + "/login"); status != http.StatusBadGateway || !strings.Contains(w.diagnosis(), name) {
			t.Errorf("%s: expected 502, got %d\n%s", name, status, w.diagnosis())
		}
	}
	w := newWorld(t, full(t))
	w.as.spoilMetadata = func(m *fapi.Metadata) { m.RevocationEndpoint = "" }
	b := w.browser()
	b.mustSignIn()
	if b.get(ehrURL + "/logout"); b.subject() != "" || !slices.Equal(w.refusals(), []string{"revocation_failed", "revocation_failed"}) {
		t.Errorf("expected the session to end all the same, got %q %v", b.subject(), w.refusals())
	}
}

// What the server says to a pushed request instead of a reference.
func TestPushRefused(t *testing.T) {
	for _, answer := range []http.HandlerFunc{
		func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) },
		func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(201) },
		func(rw http.ResponseWriter, _ *http.Request) { writeJSON(rw, 201, map[string]string{}) },
		func(rw http.ResponseWriter, _ *http.Request) {
			writeJSON(rw, 400, fapi.TokenResponse{Error: "invalid_scope"})
		},
	} {
		w := newWorld(t, full(t))
		w.net.m["as.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/par" {
				answer(rw, r)
				return
			}
			w.as.ServeHTTP(rw, r)
		})
		if status, _, _ := w.browser().get(ehrURL + "/login"); status != http.StatusBadGateway {
			t.Errorf("expected 502, got %d", status)
		}
	}
}

// A policy that changes while people are at work: those who began before finish after.
func TestDialectChangesUnderWay(t *testing.T) {
	w := newWorld(t, profile(t, "legacy"))
	b := w.browser()
	callback := b.begin(asURL)
	w.party.Policy.Set(profile(t, "bcp"))
	if status, _, body := b.get(callback); status != http.StatusSeeOther {
		t.Errorf("expected the sign-in to go through, got %d %s\n%s", status, body, w.diagnosis())
	}
	w.as.noFaults(t)
}

// FuzzCallback: whatever the query, the callback answers with a page, signs nobody in who should not
// be, and does not use the pending sign-in up.
func FuzzCallback(f *testing.F) {
	w := newWorld(f, full(f))
	b := w.browser()
	callback := mustURL(b.begin(asURL)).RawQuery
	f.Add(callback[:len(callback)-1])
	f.Add("code=a&state=b&iss=" + url.QueryEscape(asURL))
	f.Add("error=access_denied&state=&iss=%zz")
	f.Add("code=a;state=b&&=&code")
	before := w.ehr.flows.find("", cookieOf(w, b), w.clock.Now())
	if before == nil {
		f.Fatal("expected a pending sign-in")
	}
	f.Fuzz(func(t *testing.T, query string) {
		u := mustURL(ehrURL + "/callback")
		u.RawQuery = query
		if v, err := url.ParseQuery(query); err == nil && v.Get("state") == before.state && v.Get("iss") == asURL {
			return // the right answer, found again
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, ehrURL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.URL = u
		req.Host = u.Host
		resp, err := b.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("expected 400, got %d", resp.StatusCode)
		}
		if len(w.signedIn()) != 0 || before.taken || w.ehr.flows.find("", before.browser, w.clock.Now()) == nil {
			t.Error("expected nobody to be signed in and the flow to be pending")
		}
	})
}

func cookieOf(w *world, b *browser) string {
	for _, c := range b.http.Jar.Cookies(mustURL(ehrURL)) {
		if c.Name == w.ehr.browserCookie {
			return c.Value
		}
	}
	return ""
}
