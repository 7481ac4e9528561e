package idp

import (
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// pushWrong is a pushed request that is wrong by one parameter.
func pushWrong(name, code string, c *control.Control, spoil func(url.Values)) wrong {
	return wrong{name: name, code: code, by: by(c), do: func(l *lab) answer {
		f := l.ehr.newFlow()
		spoil(f.request)
		return f.tokens()
	}}
}

func wrongRequests() []wrong {
	return []wrong{
		{name: "grant not registered", code: "unauthorized_client", by: by(control.ASGrantType), do: func(l *lab) answer {
			return l.reader.clientCredentials()
		}},
		{name: "grant not registered at PAR", code: "unauthorized_client", by: by(control.ASGrantType), do: func(l *lab) answer {
			l.clients["reader"].GrantTypes = []string{grantClientCredentials}
			return l.reader.newFlow().push()
		}},
		{name: "scope not registered", code: "invalid_scope", by: by(control.ASScope), do: func(l *lab) answer {
			return l.ehr.clientCredentials(func(c *call) { c.form.Set("scope", "system/*.rs system/*.cruds") })
		}},
		pushWrong("scope not registered at PAR", "invalid_scope", control.ASScope, func(q url.Values) { q.Set("scope", "openid user/*.cruds") }),
		{name: "not pushed", by: by(control.ASPARRequired), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			code, a := f.approve(f.plainURL())
			if code == "" {
				return a
			}
			return f.redeem(code)
		}},
		pushWrong("redirect elsewhere", "invalid_request", control.ASRedirectURI, func(q url.Values) { q.Set("redirect_uri", "https://evil.example/cb") }),
		pushWrong("redirect to a longer path", "invalid_request", control.ASRedirectURI, func(q url.Values) { q.Set("redirect_uri", q.Get("redirect_uri")+"/..") }),
		pushWrong("redirect without its query", "invalid_request", control.ASRedirectURI, func(q url.Values) {
			q.Set("redirect_uri", strings.TrimSuffix(q.Get("redirect_uri"), "?tenant=1"))
		}),
		{name: "a token and no code", code: "unsupported_response_type", by: by(control.ASResponseType), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			f.request.Set("response_type", "token")
			_, a := f.code()
			return a
		}},
		pushWrong("no challenge", "invalid_request", control.ASPKCERequired, func(q url.Values) {
			q.Del("code_challenge")
			q.Del("code_challenge_method")
		}),
		{name: "plain challenge", code: "invalid_request", by: by(control.ASPKCEMethod), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			f.request.Set("code_challenge", f.verifier)
			f.request.Set("code_challenge_method", "plain")
			return f.tokens()
		}},
		{name: "challenge without method", by: by(control.ASPKCEMethod), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			f.request.Set("code_challenge", f.verifier)
			f.request.Del("code_challenge_method")
			return f.tokens()
		}},
		{name: "dpop_jkt of another key", code: "invalid_dpop_proof", by: by(control.ASPARKeyMatch), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			f.request.Set("dpop_jkt", key("other-dpop").Thumbprint())
			return f.push()
		}},
	}
}

func TestMalformedRequest(t *testing.T) {
	set := func(name, value string) func(url.Values) { return func(q url.Values) { q.Set(name, value) } }
	for name, c := range map[string]struct {
		spoil func(url.Values)
		code  string
	}{
		"no redirect_uri":           {func(q url.Values) { q.Del("redirect_uri") }, "invalid_request"},
		"relative redirect_uri":     {set("redirect_uri", "/cb"), "invalid_request"},
		"script as redirect_uri":    {set("redirect_uri", "javascript:alert(1)"), "invalid_request"},
		"fragment in redirect_uri":  {set("redirect_uri", "https://ehr.example/cb#"), "invalid_request"},
		"response_type missing":     {func(q url.Values) { q.Del("response_type") }, "unsupported_response_type"},
		"response_type hybrid":      {set("response_type", "code id_token"), "unsupported_response_type"},
		"response_mode fragment":    {set("response_mode", "fragment"), "invalid_request"},
		"request object":            {set("request", "e30"), "invalid_request_object"},
		"method without challenge":  {func(q url.Values) { q.Del("code_challenge") }, "invalid_request"},
		"unknown challenge method":  {set("code_challenge_method", "S512"), "invalid_request"},
		"short challenge":           {set("code_challenge", "abc"), "invalid_request"},
		"challenge of 44":           {set("code_challenge", strings.Repeat("a", 44)), "invalid_request"},
		"challenge with odd letter": {set("code_challenge", strings.Repeat("a", 42)+"+"), "invalid_request"},
		"short dpop_jkt":            {set("dpop_jkt", "abc"), "invalid_request"},
		"negative max_age":          {set("max_age", "-1"), "invalid_request"},
		"unknown resource":          {set("resource", "https://elsewhere.example"), "invalid_target"},
		"quote in scope":            {set("scope", `user/"`), "invalid_scope"},
		"control code in scope":     {set("scope", "user\t"), "invalid_scope"},
		"request_uri inside":        {set("request_uri", requestURIPrefix+"x"), "invalid_request"},
		"state twice":               {func(q url.Values) { q.Add("state", "b") }, "invalid_request"},
		"too many parameters":       {func(q url.Values) { q["resource"] = make([]string, 80) }, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, p := range []control.Profile{unsigned(t).Without(control.ASDPoPNonce), unsigned(t).Bare()} {
				f := newLab(t, p).ehr.newFlow()
				c.spoil(f.request)
				a := f.push()
				if a.by != "" || a.StatusCode != 400 || a.str(t, "error") != c.code {
					t.Errorf("expected 400 %s, got %d %s (%s)", c.code, a.StatusCode, a.body, a.by)
				}
			}
		})
	}
}

// Long and odd values come back as they were sent.
func TestStateAndNonceComeBackIntact(t *testing.T) {
	for _, p := range []control.Profile{strict(t), profile(t, "bcp")} {
		f := newLab(t, p).ehr.newFlow()
		state, nonce := strings.Repeat("å&=+%/ ", 300), strings.Repeat("n", 384)
		f.request.Set("state", state)
		f.request.Set("nonce", nonce)
		code, a := f.code()
		if got := a.location(t).Get("state"); got != state {
			t.Errorf("state: got %q", got)
		}
		id := mustParse(t, f.redeem(code).tokens(t).IDToken)
		if !strings.Contains(string(id.Payload), nonce) {
			t.Errorf("nonce: got %s", id.Payload)
		}
	}
}
