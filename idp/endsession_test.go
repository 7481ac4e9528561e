package idp

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

const goodbye = "https://ehr.example/bye?x=1"

func newLeavingLab(t *testing.T) (*lab, *flow, string, string) {
	t.Helper()
	l := newLabWith(t, strict(t), testIssuer, func(c *Config) {
		c.Clients[0].PostLogoutRedirectURIs, c.SignOutRevokes = []string{goodbye}, true
	})
	f := l.ehr.newFlow()
	code, _ := f.code()
	tokens := f.redeem(code).tokens(t)
	return l, f, tokens.IDToken, tokens.AccessToken
}

func (b *browser) leave(q url.Values) answer {
	b.l.t.Helper()
	return b.get(b.l.at.endSession + "?" + q.Encode())
}

func (b *browser) signedIn() bool { return b.cookies[sessionCookie] != "" }

// The client says whom it means, so nothing is asked, and the person is where the client wants her.
func TestSignOutWithHint(t *testing.T) {
	l, f, hint, access := newLeavingLab(t)
	l.clock.Advance(minute(30)) // the hint has expired
	a := f.browser.leave(url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye}, "state": {"a b"}, "logout_hint": {"x"}, "ui_locales": {"nb"}})
	if got := a.Header.Get("Location"); a.StatusCode != 303 || got != goodbye+"&state=a+b" || f.browser.signedIn() {
		t.Errorf("got %d to %q", a.StatusCode, got)
	}
	if got := string(l.introspect("fhir-api", "fhir secret", access).body); got != inactive {
		t.Errorf("expected what she allowed to be withdrawn, got %s", got)
	}
	if a := f.browser.leave(url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye}}); a.Header.Get("Location") != goodbye {
		t.Errorf("expected a second sign-out to end the same way, got %d", a.StatusCode)
	}
}

var hiddenFarewell = regexp.MustCompile(`name="farewell" value="([^"]*)"`)

// A stranger's link, or one for somebody else, asks first.
func TestSignOutAsksFirst(t *testing.T) {
	l, f, hint, _ := newLeavingLab(t)
	another := l.ehr.newFlow()
	start, _ := another.begin()
	another.browser.visit(start, "olund", "allow")
	for name, b := range map[string]*browser{"no hint": f.browser, "another's hint": another.browser} {
		q := url.Values{"client_id": {"ehr"}, "post_logout_redirect_uri": {goodbye}}
		if b != f.browser {
			q.Set("id_token_hint", hint)
		}
		page := b.leave(q)
		if !page.hasForm("sign-out") || !b.signedIn() {
			t.Fatalf("%s: expected to be asked, got %d %s", name, page.StatusCode, page.body)
		}
		id := string(hiddenFarewell.FindSubmatch(page.body)[1])
		if a := l.newBrowser().post(pathEndSession, url.Values{"farewell": {id}, "decision": {"sign-out"}}); a.StatusCode != 400 {
			t.Errorf("%s: expected another browser not to press the button, got %d", name, a.StatusCode)
		}
		if a := b.post(pathEndSession, url.Values{"farewell": {id}, "decision": {"sign-out"}}); a.Header.Get("Location") != goodbye || b.signedIn() {
			t.Errorf("%s: expected to be signed out and sent on, got %d to %q", name, a.StatusCode, a.Header.Get("Location"))
		}
	}
}

func TestStaySignedIn(t *testing.T) {
	_, f, _, _ := newLeavingLab(t)
	page := f.browser.leave(url.Values{})
	id := string(hiddenFarewell.FindSubmatch(page.body)[1])
	a := f.browser.post(pathEndSession, url.Values{"farewell": {id}, "decision": {"stay"}})
	if !f.browser.signedIn() || !strings.Contains(string(a.body), `id="still-signed-in"`) {
		t.Errorf("expected to stay, got %s", a.body)
	}
	if a := f.browser.post(pathEndSession, url.Values{"farewell": {id}, "decision": {"sign-out"}}); a.StatusCode != 400 {
		t.Errorf("expected the page to be used up, got %d", a.StatusCode)
	}
}

// No open redirector, under any profile: what is not registered to the letter is refused with a page.
func TestSignOutRedirectsNowhereElse(t *testing.T) {
	l, f, hint, _ := newLeavingLab(t)
	for _, q := range []url.Values{
		{"post_logout_redirect_uri": {goodbye}}, // whose?
		{"post_logout_redirect_uri": {"https://mallory.example"}, "client_id": {"ehr"}},
		{"post_logout_redirect_uri": {goodbye + "&y=2"}, "id_token_hint": {hint}},
		{"post_logout_redirect_uri": {goodbye}, "client_id": {"other"}},
		{"post_logout_redirect_uri": {goodbye}, "client_id": {"other"}, "id_token_hint": {hint}},
		{"post_logout_redirect_uri": {goodbye}, "client_id": {"nobody"}},
		{"id_token_hint": {hint + "x"}}, {"id_token_hint": {"x"}},
	} {
		for _, profile := range []string{"hardened", "legacy"} {
			l.policy.Set(profileNamed(t, profile))
			if a := f.browser.leave(q); a.StatusCode != 400 || a.Header.Get("Location") != "" || a.fault == "" || !f.browser.signedIn() {
				t.Errorf("%v: expected a page with status 400, got %d to %q", q, a.StatusCode, a.Header.Get("Location"))
			}
		}
	}
}

var profileNamed = profile

// Browsers of other origins may call what clients call, and nothing that a person is shown.
func TestOtherOrigins(t *testing.T) {
	l := newLab(t, strict(t))
	ask := func(method, path, wants string) answer {
		r := httptest.NewRequest(method, l.issuer+path, nil)
		r.Header.Set("Origin", "https://app.example")
		if wants != "" {
			r.Header.Set("Access-Control-Request-Method", wants)
		}
		return l.do(r)
	}
	for _, path := range []string{pathToken, pathPAR, pathUserinfo, pathRevoke, pathJWKS, wellKnownOAuth} {
		a := ask(http.MethodOptions, path, "POST")
		if a.StatusCode != 204 || a.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(a.Header.Get("Access-Control-Allow-Headers"), "DPoP") {
			t.Errorf("%s: got %d %v", path, a.StatusCode, a.Header)
		}
		if a := ask(http.MethodGet, path, ""); !strings.Contains(a.Header.Get("Access-Control-Expose-Headers"), "DPoP-Nonce") {
			t.Errorf("%s: expected the nonce to be readable, got %v", path, a.Header)
		}
	}
	for _, path := range []string{pathAuthorize, pathSignIn, pathConsent, pathEndSession, pathIntrospect} {
		for _, method := range []string{http.MethodOptions, http.MethodGet} {
			if a := ask(method, path, "POST"); a.Header.Get("Access-Control-Allow-Origin") != "" || a.StatusCode < 400 && path != pathEndSession {
				t.Errorf("%s %s: expected no permission, got %d %v", method, path, a.StatusCode, a.Header)
			}
		}
		if a := ask(http.MethodGet, path, ""); a.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: expected Strict-Transport-Security, got %v", path, a.Header)
		}
	}
	if a := newLabAt(t, strict(t), "https://localhost:9443/x").get("https://localhost:9443/x" + pathAuthorize); a.Header.Get("Strict-Transport-Security") != "" {
		t.Error("expected localhost not to be locked to https")
	}
}
