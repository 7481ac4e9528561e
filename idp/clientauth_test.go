package idp

import (
	"net/http"
	"net/url"
	"testing"

	"thiefbox/sim/control"
)

func wrongClients() []wrong {
	secrets := by(control.ASClientAuthRegistered, control.ASClientAuthAsymmetric)
	return []wrong{
		{name: "no credentials", code: "invalid_client", by: by(control.ASClientAuth), do: func(l *lab) answer {
			return l.ehr.clientCredentials(func(c *call) { c.auth = "" })
		}},
		{name: "no credentials at PAR", code: "invalid_client", by: by(control.ASClientAuth), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			f.pushed = func(c *call) { c.auth = "" }
			return f.push()
		}},
		{name: "no credentials at revocation", code: "invalid_client", by: by(control.ASClientAuth), do: func(l *lab) answer {
			token := l.ehr.clientCredentials().str(l.t, "access_token")
			return l.ehr.revoke(token, func(c *call) { c.auth = "" })
		}},
		{name: "wrong secret", code: "invalid_client", by: append(by(control.ASClientAuth), secrets...), do: func(l *lab) answer {
			return l.ehr.clientCredentials(func(c *call) { c.auth, c.secret = "client_secret_basic", "guess" })
		}},
		{name: "old secret", code: "invalid_client", by: secrets, do: func(l *lab) answer {
			return l.ehr.clientCredentials(func(c *call) { c.auth = "client_secret_basic" })
		}},
		{name: "secret of a client that has nothing else", code: "invalid_client", by: by(control.ASClientAuthAsymmetric), do: func(l *lab) answer {
			l.clients["ehr"].AuthMethod = "client_secret_basic"
			return l.ehr.clientCredentials(func(c *call) { c.auth = "client_secret_basic" })
		}},
		{name: "old secret in the body", code: "invalid_client", by: secrets, do: func(l *lab) answer {
			return l.ehr.clientCredentials(func(c *call) { c.auth = "client_secret_post" })
		}},
	}
}

// A client registered for one way of sending its secret does not use the other.
func TestSecretInTheOtherPlace(t *testing.T) {
	l := newLab(t, profile(t, "legacy"))
	l.ehr.clientCredentials(func(c *call) { c.auth = "client_secret_post" }).
		expect(t, control.ASClientAuthRegistered, http.StatusUnauthorized, "invalid_client")
}

func TestMalformedClientAuthentication(t *testing.T) {
	assertion := func(jwt string) func(*call) { return func(c *call) { c.jwt = jwt } }
	for name, c := range map[string]struct {
		spoil  func(*call)
		status int
		code   string
	}{
		"secret in header and body": {func(c *call) { c.auth = "client_secret_basic"; c.form.Set("client_secret", c.secret) }, 400, "invalid_request"},
		"secret and assertion":      {func(c *call) { c.form.Set("client_secret", c.secret) }, 400, "invalid_request"},
		"header and assertion": {func(c *call) {
			c.spoilRequest = func(r *http.Request) { r.SetBasicAuth(c.id, c.secret) }
		}, 400, "invalid_request"},
		"another client_id in the body": {func(c *call) { c.auth = "client_secret_basic"; c.form.Set("client_id", "other") }, 400, "invalid_request"},
		"header not form-encoded": {func(c *call) {
			c.auth = ""
			c.spoilRequest = func(r *http.Request) { r.SetBasicAuth("ehr", "100%") }
		}, 401, "invalid_client"},
		"assertion is no JWT":         {assertion("a.b"), 401, "invalid_client"},
		"assertion of four parts":     {assertion("e30.e30.e30.e30"), 401, "invalid_client"},
		"assertion with odd claims":   {assertion("e30.eyJleHAiOiJzb29uIn0.AA"), 401, "invalid_client"},
		"assertion without type":      {func(c *call) { c.spoilRequest = replace("client_assertion_type", "") }, 401, "invalid_client"},
		"assertion of another type":   {func(c *call) { c.spoilRequest = replace("client_assertion_type", "urn:saml") }, 401, "invalid_client"},
		"type without assertion":      {func(c *call) { c.spoilRequest = replace("client_assertion", "") }, 401, "invalid_client"},
		"assertion twice":             {func(c *call) { c.form["client_assertion"] = []string{"a", "b"}; c.auth = "" }, 400, "invalid_request"},
		"client_id twice":             {func(c *call) { c.form["client_id"] = []string{"ehr", "other"}; c.auth, c.id = "", "" }, 400, "invalid_request"},
		"credentials in the URL only": {func(c *call) { c.auth, c.id = "", ""; c.url += "?client_id=ehr" }, 401, "invalid_client"},
	} {
		t.Run(name, func(t *testing.T) {
			// Malformed is malformed under any profile.
			for _, p := range []control.Profile{strict(t), strict(t).Bare()} {
				a := newLab(t, p).ehr.once(pathToken, url.Values{"grant_type": {grantClientCredentials}}, c.spoil)
				if a.StatusCode != c.status || a.str(t, "error") != c.code {
					t.Errorf("expected %d %s, got %d %s (%s)", c.status, c.code, a.StatusCode, a.body, a.by)
				}
			}
		})
	}
}

// replace sets a parameter of a request that has been put together; an empty value takes it away.
func replace(name, value string) func(*http.Request) {
	return func(r *http.Request) {
		if err := r.ParseForm(); err != nil {
			panic(err)
		}
		if r.PostForm.Set(name, value); value == "" {
			r.PostForm.Del(name)
		}
		fresh := postRequest(r.URL.String(), r.PostForm)
		r.Body, r.ContentLength = fresh.Body, fresh.ContentLength
	}
}

// A server that believes everybody still has to know whom it believes.
func TestUnknownClient(t *testing.T) {
	for _, id := range []string{"", "nobody"} {
		unknown := func(c *call) { c.auth, c.id = "", id }
		newLab(t, strict(t)).ehr.clientCredentials(unknown).expect(t, control.ASClientAuth, http.StatusUnauthorized, "invalid_client")
		newLab(t, strict(t).Bare()).ehr.clientCredentials(unknown).expect(t, nil, http.StatusUnauthorized, "invalid_client")
	}
}

// RFC 6749 s5.2: a client that used the Authorization header is told the scheme.
func TestChallengeForBasic(t *testing.T) {
	l := newLab(t, profile(t, "legacy"))
	a := l.ehr.clientCredentials(func(c *call) { c.secret = "guess" })
	a.expect(t, control.ASClientAuth, http.StatusUnauthorized, "invalid_client")
	if got := a.Header.Get("WWW-Authenticate"); got != "Basic" {
		t.Errorf("expected WWW-Authenticate: Basic, got %q", got)
	}
	if a := l.ehr.clientCredentials(func(c *call) { c.auth = "" }); a.Header.Get("WWW-Authenticate") != "" {
		t.Errorf("expected no challenge without the header, got %q", a.Header.Get("WWW-Authenticate"))
	}
}

// The cause of a failed authentication is nobody's business but the developer's.
func TestOneTextForAllCauses(t *testing.T) {
	texts := map[string]bool{}
	for _, w := range append(wrongClients(), wrongAssertions()...) {
		texts[string(w.do(newLab(t, strict(t))).body)] = true
	}
	if len(texts) != 1 {
		t.Errorf("expected one text, got %v", texts)
	}
}

// The log shows what was wrong with a secret without showing the secret.
func TestSecretsStayOutOfTheLog(t *testing.T) {
	l := newLab(t, profile(t, "legacy"))
	l.ehr.clientCredentials(func(c *call) { c.secret = "my best guess" })
	l.ehr.clientCredentials()
	for _, b := range l.since(0) {
		for _, secret := range []string{"my best guess", l.ehr.secret()} {
			if contains(b, secret) {
				t.Errorf("%s: the log holds a secret: %+v", b.Kind(), b)
			}
		}
	}
}
