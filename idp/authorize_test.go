package idp

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// The authorization response: 303, iss always (RFC 9207), state if there was one, and the registered
// query still there.
func TestAuthorizationResponse(t *testing.T) {
	for _, p := range []control.Profile{unsigned(t), profile(t, "legacy")} {
		f := newLab(t, p).ehr.newFlow()
		_, a := f.code()
		q := a.location(t)
		if q.Get("iss") != testIssuer || q.Get("state") != "the state" || len(q.Get("code")) != 43 || q.Get("tenant") != "1" || len(q) != 4 {
			t.Errorf("%s: got %v", p.Name, q)
		}
		if !strings.HasPrefix(a.Header.Get("Location"), f.redirect+"&") {
			t.Errorf("%s: expected the registered redirect URI, got %s", p.Name, a.Header.Get("Location"))
		}
		if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers %v", p.Name, a.Header)
		}
	}
}

func TestNoStateSentNoneReturned(t *testing.T) {
	f := newLab(t, strict(t)).ehr.newFlow()
	f.request.Del("state")
	if _, a := f.code(); a.location(t).Has("state") {
		t.Errorf("got %v", a.location(t))
	}
}

func TestDenied(t *testing.T) {
	f := newLab(t, strict(t)).ehr.newFlow()
	start, _ := f.begin()
	q := f.browser.visit(start, "kberg", "deny").location(t)
	if q.Get("error") != "access_denied" || q.Get("iss") != testIssuer || q.Get("state") != "the state" || q.Has("code") {
		t.Errorf("got %v", q)
	}
}

// Errors go to the client where its redirect URI is known, and to a page where it is not
// (RFC 6749 s4.1.2.1; SP 5.3.2.1-7).
func TestWhereErrorsGo(t *testing.T) {
	set := func(name, value string) func(url.Values) { return func(q url.Values) { q.Set(name, value) } }
	for name, c := range map[string]struct {
		spoil    func(url.Values)
		redirect string // error in the redirect; empty for a page
	}{
		"not pushed":                {func(url.Values) {}, "invalid_request"},
		"scope":                     {set("scope", "system/*.cruds"), "invalid_scope"},
		"response_type":             {set("response_type", "id_token"), "unsupported_response_type"},
		"malformed":                 {set("code_challenge", "x"), "invalid_request"},
		"unknown resource":          {set("resource", "urn:x"), "invalid_target"},
		"unknown client":            {set("client_id", "nobody"), ""},
		"no client":                 {func(q url.Values) { q.Del("client_id") }, ""},
		"unregistered redirect_uri": {set("redirect_uri", "https://evil.example/"), ""},
		"both wrong":                {func(q url.Values) { q.Set("redirect_uri", "https://evil.example/"); q.Set("scope", "x") }, ""},
		"no redirect_uri":           {func(q url.Values) { q.Del("redirect_uri") }, ""},
		"another client's":          {set("redirect_uri", "https://other.example/cb?tenant=1"), ""},
		"parameter twice":           {func(q url.Values) { q.Add("state", "x") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newLab(t, strict(t)).ehr.newFlow()
			c.spoil(f.request)
			a := f.browser.get(f.plainURL())
			if c.redirect == "" {
				if a.StatusCode != http.StatusBadRequest || a.Header.Get("Location") != "" {
					t.Errorf("expected a page with status 400, got %d to %q", a.StatusCode, a.Header.Get("Location"))
				}
				return
			}
			if q := a.location(t); q.Get("error") != c.redirect || q.Get("iss") != testIssuer || q.Get("state") != "the state" {
				t.Errorf("expected %s with iss and state, got %v", c.redirect, q)
			}
		})
	}
}

// A server that does not compare redirect URIs sends the code wherever it is asked to.
func TestOpenRedirectWithoutTheControl(t *testing.T) {
	f := newLab(t, profile(t, "legacy")).ehr.newFlow()
	f.request.Set("redirect_uri", "https://evil.example/cb")
	if _, a := f.code(); !strings.HasPrefix(a.Header.Get("Location"), "https://evil.example/cb?code=") {
		t.Errorf("expected the code at the thief's, got %q", a.Header.Get("Location"))
	}
}

// Plain requests work where nothing demands a pushed one, also by POST (OIDC Core s3.1.2.1).
func TestPlainRequestByPost(t *testing.T) {
	f := newLab(t, strict(t).Without(control.ASPARRequired)).ehr.newFlow()
	page := f.browser.post(pathAuthorize, f.request)
	code := f.browser.decide(f.browser.signIn(page, "kberg", passwords["kberg"]), "allow").location(t).Get("code")
	if a := f.redeem(code); !a.succeeded() {
		t.Errorf("refused by %q (%s)", a.by, a.fault)
	}
}

// A server that has not forgotten the front channel issues a token there that anybody can use.
func TestTokenInTheFrontChannelWithoutTheControl(t *testing.T) {
	l := newLab(t, profile(t, "legacy"))
	f := l.ehr.newFlow()
	f.request.Set("response_type", "token")
	_, a := f.code()
	q := a.location(t)
	claims := claimsOf[fapi.AccessToken](t, q.Get("access_token"))
	if q.Get("token_type") != "Bearer" || q.Has("code") || claims.Subject != "berg" || claims.JKT() != "" {
		t.Errorf("got %v", q)
	}
}
