package idp

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// redeemWrong is a token request for a good code that is wrong by one thing.
func redeemWrong(name string, spoil func(*call), cs ...*control.Control) wrong {
	return wrong{name: name, by: cs, do: func(l *lab) answer {
		f := l.ehr.newFlow()
		code, _ := f.code()
		return f.redeem(code, spoil)
	}}
}

func wrongCodes() []wrong {
	return []wrong{
		{name: "another client", code: "invalid_grant", by: by(control.ASCodeClient, control.ASCodeDPoPKey), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			code, _ := f.code()
			f.app = l.other
			return f.redeem(code)
		}},
		{name: "61 s old", code: "invalid_grant", by: by(control.ASCodeLifetime), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			code, _ := f.code()
			l.clock.Advance(61 * time.Second)
			return f.redeem(code)
		}},
		{name: "an hour old", by: by(control.ASCodeLifetime), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			code, _ := f.code()
			l.clock.Advance(time.Hour)
			return f.redeem(code)
		}},
		redeemWrong("another redirect_uri", func(c *call) { c.form.Set("redirect_uri", "https://ehr.example/other") }, control.ASCodeRedirectURI),
		redeemWrong("no redirect_uri", func(c *call) { c.form.Del("redirect_uri") }, control.ASCodeRedirectURI),
		{name: "verifier without challenge", by: by(control.ASPKCEUnexpected), lenses: by(control.ASPKCERequired), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			f.request.Del("code_challenge")
			f.request.Del("code_challenge_method")
			code, _ := f.code()
			return f.redeem(code, func(c *call) { c.form.Set("code_verifier", f.verifier) })
		}},
		redeemWrong("another verifier", func(c *call) { c.form.Set("code_verifier", fapi.Hash("guess")) }, control.ASPKCEVerifier),
		redeemWrong("the challenge as verifier", func(c *call) {
			c.form.Set("code_verifier", fapi.Hash(c.form.Get("code_verifier")))
		}, control.ASPKCEVerifier),
		redeemWrong("no verifier", func(c *call) { c.form.Del("code_verifier") }, control.ASPKCEVerifier),
		{name: "used twice", code: "invalid_grant", by: by(control.ASCodeOnce), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			code, _ := f.code()
			f.redeem(code)
			return f.redeem(code)
		}},
	}
}

func wrongKeys() []wrong {
	unbound := func(l *lab) *flow {
		f := l.ehr.newFlow()
		f.request.Del("dpop_jkt")
		f.pushed = func(c *call) { c.noProof = true }
		return f
	}
	return []wrong{
		{name: "no proof", code: "invalid_dpop_proof", by: by(control.ASSenderConstrained), do: func(l *lab) answer {
			return l.ehr.clientCredentials(func(c *call) { c.noProof = true })
		}},
		{name: "no proof for an unbound code", by: by(control.ASSenderConstrained), do: func(l *lab) answer {
			f := unbound(l)
			code, _ := f.code()
			return f.redeem(code, func(c *call) { c.noProof = true })
		}},
		redeemWrong("no proof for a bound code", func(c *call) { c.noProof = true }, control.ASSenderConstrained, control.ASCodeDPoPKey),
		redeemWrong("another key for a bound code", withKey("thief"), control.ASCodeDPoPKey, control.ASDPoPKeyPinned),
		{name: "another key for an unbound code", code: "invalid_dpop_proof", by: by(control.ASDPoPKeyPinned), do: func(l *lab) answer {
			f := unbound(l)
			code, _ := f.code()
			return f.redeem(code, withKey("thief"))
		}},
		{name: "unregistered key", code: "invalid_dpop_proof", by: by(control.ASDPoPKeyPinned), do: func(l *lab) answer {
			return l.ehr.clientCredentials(withKey("thief"))
		}},
	}
}

func wrongRefreshes() []wrong {
	refreshToken := func(l *lab) string { return l.ehr.newFlow().tokens().str(l.t, "refresh_token") }
	return []wrong{
		{name: "another client", code: "invalid_grant", by: by(control.ASRefreshClient), do: func(l *lab) answer {
			return l.other.refresh(refreshToken(l))
		}},
		{name: "more than was granted", code: "invalid_scope", by: by(control.ASRefreshScope), do: func(l *lab) answer {
			return l.ehr.refresh(refreshToken(l), func(c *call) { c.form.Set("scope", "openid system/*.rs") })
		}},
		{name: "revoked", code: "invalid_grant", by: by(control.ASRefreshRevoked), do: func(l *lab) answer {
			token := refreshToken(l)
			l.ehr.revoke(token)
			return l.ehr.refresh(token)
		}},
		{name: "replaced a while ago", code: "invalid_grant", by: by(control.ASRefreshOnce), do: func(l *lab) answer {
			l.rotate()
			token := refreshToken(l)
			l.ehr.refresh(token)
			l.clock.Advance(minute(1) + 1)
			return l.ehr.refresh(token)
		}},
		{name: "no proof", by: by(control.ASSenderConstrained), do: func(l *lab) answer {
			return l.ehr.refresh(refreshToken(l), func(c *call) { c.noProof = true })
		}},
	}
}

func TestMalformedTokenRequest(t *testing.T) {
	token := func(form url.Values, spoils ...func(*call)) func(*lab) answer {
		return func(l *lab) answer { return l.ehr.call(pathToken, form, spoils...) }
	}
	for name, c := range map[string]struct {
		do     func(*lab) answer
		status int
		code   string
	}{
		"no grant_type":         {token(url.Values{}), 400, "invalid_request"},
		"password grant":        {token(url.Values{"grant_type": {"password"}}), 400, "unsupported_grant_type"},
		"no code":               {token(url.Values{"grant_type": {grantAuthorizationCode}}), 400, "invalid_request"},
		"unknown code":          {token(url.Values{"grant_type": {grantAuthorizationCode}, "code": {"guess"}}), 400, "invalid_grant"},
		"no refresh_token":      {token(url.Values{"grant_type": {grantRefreshToken}}), 400, "invalid_request"},
		"unknown refresh_token": {token(url.Values{"grant_type": {grantRefreshToken}, "refresh_token": {"guess"}}), 400, "invalid_grant"},
		"odd scope":             {token(url.Values{"grant_type": {grantClientCredentials}, "scope": {"a\\b"}}), 400, "invalid_scope"},
		"unknown resource":      {token(url.Values{"grant_type": {grantClientCredentials}, "resource": {"https://x.example"}}), 400, "invalid_target"},
		"a body in JSON": {token(url.Values{}, func(c *call) {
			c.spoilRequest = func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }
		}), 400, "invalid_request"},
		"a body too large": {token(url.Values{"state": {string(make([]byte, maxBody))}}), 413, "invalid_request"},
		"bad escapes": {token(url.Values{}, func(c *call) {
			c.spoilRequest = func(r *http.Request) { *r = *withBody(r, "grant_type=%zz") }
		}), 400, "invalid_request"},
		"by GET": {func(l *lab) answer { return l.get(l.at.token) }, 405, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			a := c.do(newLab(t, strict(t).Bare()))
			if a.by != "" || a.fault == "" || a.StatusCode != c.status || a.str(t, "error") != c.code {
				t.Errorf("expected %d %s and a diagnosis, got %d %s (%s)", c.status, c.code, a.StatusCode, a.body, a.fault)
			}
		})
	}
}

func TestScopeDefaults(t *testing.T) {
	l := newLab(t, strict(t))
	if got := l.ehr.clientCredentials(func(c *call) { c.form.Del("scope") }).str(t, "scope"); got != string(l.ehr.scope+scopesOfLaunches) {
		t.Errorf("client_credentials without scope: expected all that is registered, got %q", got)
	}
	refreshToken := signIn(t, l).RefreshToken
	narrow := l.ehr.refresh(refreshToken, func(c *call) { c.form.Set("scope", "user/*.rs") }).tokens(t)
	if narrow.Scope != "user/*.rs" || narrow.RefreshToken != "" || narrow.IDToken != "" {
		t.Errorf("refresh with less scope: got %+v", narrow)
	}
	if got := l.ehr.refresh(refreshToken).str(t, "scope"); got != "openid offline_access user/*.rs" {
		t.Errorf("refresh without scope: expected all that was granted, got %q", got)
	}
}

// RFC 8707: what a token is for is decided in the authorization request, and narrowed in the token request.
func TestResources(t *testing.T) {
	resource := func(r ...string) func(*call) { return func(c *call) { c.form["resource"] = r } }
	audience := func(a answer) string {
		return claimsOf[fapi.AccessToken](t, a.tokens(t).AccessToken).Audience.String()
	}
	l := newLab(t, strict(t))
	f := l.ehr.newFlow()
	f.request.Set("resource", fhirAPI)
	code, _ := f.code()
	f.redeem(code, resource(labAPI)).expect(t, nil, 400, "invalid_target")
	granted := f.redeem(code)
	if got := audience(granted); got != `"`+fhirAPI+`"` {
		t.Errorf("one resource: got %s", got)
	}
	l.ehr.refresh(granted.str(t, "refresh_token"), resource(labAPI)).expect(t, nil, 400, "invalid_target")

	f = l.ehr.newFlow()
	f.request["resource"] = []string{fhirAPI, labAPI, fhirAPI}
	code, _ = f.code()
	granted = f.redeem(code, resource(labAPI))
	if got := audience(granted); got != `"`+labAPI+`"` {
		t.Errorf("narrowed: got %s", got)
	}
	if got := audience(l.ehr.refresh(granted.str(t, "refresh_token"), resource(fhirAPI))); got != `"`+fhirAPI+`"` {
		t.Errorf("refreshed for the other API: got %s", got)
	}
}

// RFC 9449 s5: a confidential client may come back with another key; SP 5.3.2.1-9: no rotation.
func TestRefreshWithAnotherKey(t *testing.T) {
	l := newLab(t, strict(t).Without(control.ASDPoPKeyPinned))
	token := signIn(t, l).RefreshToken
	for range 3 {
		r := l.ehr.refresh(token, withKey("next year's")).tokens(t)
		at := claimsOf[fapi.AccessToken](t, r.AccessToken)
		if at.JKT() != key("next year's").Thumbprint() || r.TokenType != "DPoP" {
			t.Errorf("expected a token bound to the new key, got %s %+v", r.TokenType, at.Confirmation)
		}
	}
}

// A client that registered no key for proofs may use any.
func TestNoKeyPinned(t *testing.T) {
	l := newLab(t, strict(t))
	l.clients["ehr"].DPoPKeys = nil
	if a := l.ehr.clientCredentials(withKey("any")); !a.succeeded() {
		t.Errorf("refused by %q (%s)", a.by, a.fault)
	}
}

func TestWithoutConstraintTokensAreBearer(t *testing.T) {
	l := newLab(t, strict(t).Without(control.ASSenderConstrained))
	if r := l.ehr.clientCredentials(func(c *call) { c.noProof = true }).tokens(t); r.TokenType != "Bearer" {
		t.Errorf("expected a bearer token, got %q", r.TokenType)
	}
}

// RFC 6749 s4.1.2: a code that comes twice was stolen, so what it led to is withdrawn.
func TestReuseOfACodeWithdrawsItsTokens(t *testing.T) {
	l := newLab(t, strict(t))
	f := l.ehr.newFlow()
	code, _ := f.code()
	r := f.redeem(code).tokens(t)
	f.redeem(code).expect(t, control.ASCodeOnce, 400, "invalid_grant")
	l.ehr.refresh(r.RefreshToken).expect(t, control.ASRefreshRevoked, 400, "invalid_grant")
	if got := string(l.introspect("fhir-api", "fhir secret", r.AccessToken).body); got != inactive {
		t.Errorf("expected the access token to be withdrawn, got %s", got)
	}
}

// A wrong try by another does not withdraw anything, nor use the code up.
func TestWrongTriesLeaveTheCodeAlone(t *testing.T) {
	l := newLab(t, strict(t))
	f := l.ehr.newFlow()
	code, _ := f.code()
	thief := *f
	thief.app = l.other
	thief.redeem(code).expect(t, control.ASCodeClient, 400, "invalid_grant")
	f.redeem(code, func(c *call) { c.form.Set("code_verifier", "guess") }).expect(t, control.ASPKCEVerifier, 400, "invalid_grant")
	r := f.redeem(code).tokens(t)
	thief.redeem(code).expect(t, control.ASCodeClient, 400, "invalid_grant")
	if a := l.ehr.refresh(r.RefreshToken); !a.succeeded() {
		t.Errorf("refused by %q (%s)", a.by, a.fault)
	}
}
