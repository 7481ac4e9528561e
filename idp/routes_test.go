package idp

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

func TestMetadata(t *testing.T) {
	for issuer, paths := range map[string][]string{
		testIssuer: {wellKnownOpenID, wellKnownOAuth},
		// OpenID Connect Discovery appends, RFC 8414 inserts; clients try both.
		"https://as.example/tenant": {"/tenant" + wellKnownOpenID, "/tenant" + wellKnownOAuth, wellKnownOpenID + "/tenant", wellKnownOAuth + "/tenant"},
	} {
		l := newLabAt(t, strict(t), issuer)
		var bodies []string
		for _, path := range paths {
			a := l.get("https://as.example" + path)
			if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/json" || a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Vary") != "Origin" {
				t.Errorf("%s: got %d %v", path, a.StatusCode, a.Header)
			}
			bodies = append(bodies, string(a.body))
		}
		if len(slices.Compact(bodies)) != 1 {
			t.Errorf("%s: expected the documents to agree, got %q", issuer, bodies)
		}
		var m fapi.Metadata
		if err := jsonInto([]byte(bodies[0]), &m); err != nil {
			t.Fatal(err)
		}
		if m.Issuer != issuer || m.TokenEndpoint != issuer+"/token" || !m.IssParameter || !m.RequirePAR || !slices.Equal(m.CodeChallengeMethods, []string{"S256"}) {
			t.Errorf("%s: got %+v", issuer, m)
		}
		for _, endpoint := range []string{m.AuthorizationEndpoint, m.TokenEndpoint, m.PushedAuthorizationRequestEndpoint, m.IntrospectionEndpoint, m.RevocationEndpoint, m.JWKSURI} {
			if a := l.get(endpoint); a.StatusCode == http.StatusNotFound {
				t.Errorf("%s: expected an endpoint, got 404", endpoint)
			}
		}
	}
}

// The metadata says how honest parties speak at present.
func TestMetadataFollowsTheDialect(t *testing.T) {
	metadata := func(name string) fapi.Metadata {
		l := newLab(t, profile(t, name))
		return l.metadata(l.party.Dialect())
	}
	if m := metadata("legacy"); m.RequirePAR || !slices.Contains(m.TokenEndpointAuthMethods, "client_secret_basic") {
		t.Errorf("legacy: got %+v", m)
	}
	if m := metadata("helseid"); !m.RequirePAR || slices.Contains(m.TokenEndpointAuthMethods, "client_secret_basic") || m.TokenEndpointAuthMethods[0] != "private_key_jwt" || m.IDTokenAlgs[0] != "RS256" {
		t.Errorf("helseid: got %+v", m)
	}
}

func TestJWKS(t *testing.T) {
	l := newLab(t, strict(t))
	a := l.get(l.at.jwks)
	keys, err := fapi.ParseJWKS(a.body)
	if err != nil || len(keys) != 1 || keys[0].Thumbprint != key("as-1").Thumbprint() || fapi.HasPrivate(keys[0].JWK) {
		t.Errorf("expected the public key, got %s (%v)", a.body, err)
	}
	if a.Header.Get("Content-Type") != "application/jwk-set+json" || a.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("got %v", a.Header)
	}
}

func TestNoSuchEndpoint(t *testing.T) {
	for issuer, paths := range map[string][]string{
		testIssuer:                  {"/", "/userinfos", "/token/", "//token", "/authorize/../x"},
		"https://as.example/tenant": {"/token", "/tenant", "/tenanttoken/x", wellKnownOpenID, "/other" + wellKnownOpenID, "/token/tenant"},
	} {
		l := newLabAt(t, strict(t), issuer)
		for _, path := range paths {
			a := l.do(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}, Header: http.Header{}, Body: http.NoBody})
			if a.StatusCode != http.StatusNotFound || a.fault == "" {
				t.Errorf("%s: expected 404 and a diagnosis, got %d", path, a.StatusCode)
			}
		}
	}
}

func TestMethods(t *testing.T) {
	l := newLab(t, strict(t))
	for path, allow := range map[string]string{
		pathToken: "POST", pathPAR: "POST", pathIntrospect: "POST", pathRevoke: "POST",
		pathJWKS: "GET, HEAD", wellKnownOpenID: "GET, HEAD", pathAuthorize: "GET, HEAD, POST",
	} {
		a := l.do(httptest.NewRequest(http.MethodDelete, testIssuer+path, nil))
		if a.StatusCode != http.StatusMethodNotAllowed || a.Header.Get("Allow") != allow {
			t.Errorf("%s: expected 405 with Allow %q, got %d %q", path, allow, a.StatusCode, a.Header.Get("Allow"))
		}
	}
	if a := l.do(httptest.NewRequest(http.MethodHead, testIssuer+wellKnownOAuth, nil)); a.StatusCode != http.StatusOK {
		t.Errorf("HEAD: got %d", a.StatusCode)
	}
}

// An answer that holds a credential, or says why there is none, is kept nowhere.
func TestBackChannelAnswersAreNotCached(t *testing.T) {
	l := newLab(t, strict(t))
	token := l.ehr.clientCredentials()
	answers := map[string]answer{
		"token": token, "PAR": l.ehr.newFlow().push(), "introspection": l.introspect("fhir-api", "fhir secret", token.str(t, "access_token")),
		"revocation": l.ehr.revoke(token.str(t, "access_token")), "refusal": l.ehr.clientCredentials(func(c *call) { c.auth = "" }),
		"malformed": l.ehr.call(pathToken, url.Values{}),
	}
	for name, a := range answers {
		if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Pragma") != "no-cache" && name != "revocation" {
			t.Errorf("%s: expected Cache-Control no-store and Pragma no-cache, got %v", name, a.Header)
		}
		if name != "revocation" && a.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: expected JSON, got %q", name, a.Header.Get("Content-Type"))
		}
	}
}

// The wire hears the standard error, the log the whole diagnosis.
func TestDiagnosisGoesToTheLogAlone(t *testing.T) {
	l := newLab(t, strict(t))
	a := l.ehr.clientCredentials(func(c *call) { c.assertion.Audience.Values[0] = "https://rogue.example" })
	if strings.Contains(string(a.body), "aud") || strings.Contains(string(a.body), "rogue") {
		t.Errorf("expected a terse body, got %s", a.body)
	}
	rulings := tellings[event.Ruling](l.told)
	r := rulings[len(rulings)-1]
	if r.Control != control.ASAssertionAudience.ID || r.Want != testIssuer || r.Got != "https://rogue.example" || r.Fix == "" || r.Party != "as" {
		t.Errorf("expected the whole diagnosis, got %+v", r)
	}
}

// A request meets the controls in the order of the catalogue, but for those that use something up:
// they come last (and dpop_jkt is compared when the proof is known to be good).
func TestOrderOfRulings(t *testing.T) {
	l := newLab(t, strict(t))
	f := l.ehr.newFlow()
	code, _ := f.code()
	before := len(l.told)
	f.redeem(code)
	position := map[string]int{}
	for i, c := range control.All() {
		position[c.ID] = i
	}
	var order []string
	last, once := -1, false
	for _, r := range tellings[event.Ruling](l.since(before)) {
		order = append(order, r.Control)
		switch r.Control {
		case control.ASAssertionJTI.ID, control.ASDPoPJTI.ID, control.ASCodeOnce.ID:
			once = true
			continue
		}
		if once || position[r.Control] <= last {
			t.Errorf("%s came out of order", r.Control)
		}
		last = position[r.Control]
	}
	if want := 40; len(order) < want-8 {
		t.Errorf("expected about %d rulings, got %d: %v", want, len(order), order)
	}
}

// What nobody foresaw is a bland 500; the cause is for the log.
func TestFaultOfOurOwn(t *testing.T) {
	l := newLab(t, strict(t))
	w := httptest.NewRecorder()
	l.refuse(w, httptest.NewRequest(http.MethodPost, testIssuer, nil), errors.New("the disk is full"))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "disk") || !strings.Contains(w.Body.String(), "server_error") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if told := tellings[event.Refused](l.told); len(told) != 1 || told[0].Detail != "the disk is full" || told[0].Status != 500 {
		t.Errorf("expected the cause in the log, got %+v", told)
	}
}
