package serve

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// slip is a mistake that developers of clients make, and what they have to be told: the rule, and words that help.
type slip struct {
	profile, client string // fapi2-dpop and web-app if empty
	make            func(*app) answer
	control         *control.Control // nil for what cannot be read or is not there
	words           []string         // that stand in the diagnosis, besides what every diagnosis has
}

func assertionWith(change func(*fapi.Assertion)) func(*app) answer {
	return func(a *app) answer { a.spoilAssertion = change; return a.ownToken() }
}

func proofWith(change func(*fapi.Proof)) func(*app) answer {
	return func(a *app) answer { a.spoilProof = change; return a.ownToken() }
}

func formWith(change func(url.Values)) func(*app) answer {
	return func(a *app) answer { a.spoilForm = change; return a.ownToken() }
}

// pushWith pushes a sign-in that is right but for one thing.
func pushWith(change func(url.Values)) func(*app) answer {
	return func(a *app) answer { a.spoilForm = change; return a.push(redirectURI) }
}

// readWith reads a record with a good token, and a proof that is right but for one thing.
func readWith(change func(*fapi.Proof)) func(*app) answer {
	return func(a *app) answer {
		token := a.ownToken().member("access_token")
		a.spoilProof = change
		return a.read("/Patient/p01", token)
	}
}

// raw sends what is neither signed nor a form.
func (a *app) raw(method, path, kind, body string) answer {
	a.t.Helper()
	r := a.request(method, a.issuer.URL+path, nil)
	r.Body = http.NoBody
	if body != "" {
		b := strings.NewReader(body)
		r.Body, r.ContentLength = struct {
			*strings.Reader
			closer
		}{b, closer{}}, int64(len(body))
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return a.do(r)
}

type closer struct{}

func (closer) Close() error { return nil }

func (a *app) authorize(requestURI string) answer {
	a.t.Helper()
	return a.get(a.issuer.URL + "/authorize?" + url.Values{"client_id": {a.client.ID}, "request_uri": {requestURI}}.Encode())
}

// authenticated is a form with a good assertion.
func (a *app) vouched(form url.Values) url.Values {
	a.t.Helper()
	signed, err := fapi.NewAssertion(a.client.ID, a.issuer.URL, time.Now(), 10*time.Second, a.dice.ID()).Sign(a.client.Key, a.typ)
	if err != nil {
		a.t.Fatal(err)
	}
	form.Set("client_id", a.client.ID)
	form.Set("client_assertion", signed)
	form.Set("client_assertion_type", fapi.AssertionType)
	return form
}

// at is a browser that has come with a request.
func (a *app) at(requestURI string) (*app, answer) {
	a.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	browser := *a
	browser.http = &http.Client{Transport: a.http.Transport, CheckRedirect: a.http.CheckRedirect, Jar: jar}
	return &browser, browser.authorize(requestURI)
}

// agree takes a person through the pages.
func (a *app) agree(page answer) answer {
	a.t.Helper()
	page = a.submit(page, "/authorize/sign-in", url.Values{"person": {"berg"}})
	page = a.get(a.issuer.origin + page.Header.Get("Location"))
	return a.submit(page, "/authorize/consent", url.Values{"decision": {"allow"}})
}

// withKey is the client with another key of its own making.
func (a *app) withKey(id, alg string) *app {
	a.t.Helper()
	key, err := fapi.NewKey(id, alg, a.dice.Fork(id))
	if err != nil {
		a.t.Fatal(err)
	}
	client := *a.client
	client.Key = key
	a.client = &client
	return a
}

func (a *app) objectWithMistake(name string) answer {
	a.t.Helper()
	a.issuer.SwitchControl(control.ASRequestTyp, true)
	got := a.requestWithMistake(name)
	if got.StatusCode == http.StatusCreated {
		a.t.Errorf("expected a mistake, got %s", got.body)
	}
	return got
}

var slips = map[string]slip{
	"behind a proxy":          {make: proofWith(func(p *fapi.Proof) { p.HTU = "http://localhost:8080/token" }), control: control.ASDPoPHTU, words: []string{"behind a proxy or in a container"}},
	"http in the proof":       {make: proofWith(func(p *fapi.Proof) { p.HTU = strings.Replace(p.HTU, "https:", "http:", 1) }), control: control.ASDPoPHTU, words: []string{"they differ by https and http"}},
	"wrong method":            {make: proofWith(func(p *fapi.Proof) { p.HTM = "post" }), control: control.ASDPoPHTM, words: []string{"upper and lower case"}},
	"clock slow":              {make: assertionWith(func(as *fapi.Assertion) { as.IssuedAt -= 300; as.Expires -= 300; as.NotPrior -= 300 }), control: control.ASAssertionExp, words: []string{"NTP", "ago"}},
	"clock fast":              {make: assertionWith(func(as *fapi.Assertion) { as.IssuedAt += 300; as.Expires += 300; as.NotPrior += 300 }), control: control.ASAssertionIat, words: []string{"set the clock", "ahead"}},
	"clock slow in the proof": {make: proofWith(func(p *fapi.Proof) { p.IAT -= 300 }), control: control.ASDPoPIat, words: []string{"set the clock", "5m0s ago"}},
	"milliseconds":            {make: proofWith(func(p *fapi.Proof) { p.IAT *= 1000 }), control: control.ASDPoPIat},
	"aud the token endpoint":  {make: assertionWith(func(as *fapi.Assertion) { as.Audience.Values[0] += "/token" }), control: control.ASAssertionIssuerAud, words: []string{"an endpoint in place of the issuer", "use the issuer of the metadata"}},
	"aud with a slash":        {make: assertionWith(func(as *fapi.Assertion) { as.Audience.Values[0] += "/" }), control: control.ASAssertionAudience, words: []string{"by the slash at the end"}},
	"aud of another issuer":   {make: assertionWith(func(as *fapi.Assertion) { as.Audience.Values[0] = "https://localhost:9443/fapi2-dpop" }), control: control.ASAssertionAudience, words: []string{"by the host or the port", "another issuer"}},
	"aud array":               {make: assertionWith(func(as *fapi.Assertion) { as.Audience.Array = true }), control: control.ASAssertionIssuerAud, words: []string{"not in an array"}},
	"no typ":                  {profile: "helseid", make: func(a *app) answer { a.typ = ""; return a.ownToken() }, control: control.ASAssertionTyp},
	"RS256":                   {make: func(a *app) answer { return a.withKey(a.client.Key.ID, "RS256").ownToken() }, control: control.ASAssertionAlg, words: []string{"many libraries take RS256"}},
	"reused jti": {profile: "hardened", make: func(a *app) answer {
		a.ownToken()
		a.spoilAssertion = func(as *fapi.Assertion) { as.JTI = "once" }
		a.ownToken()
		return a.ownToken()
	}, control: control.ASAssertionJTI, words: []string{"new assertion for every request"}},
	"no exp":      {make: assertionWith(func(as *fapi.Assertion) { as.Expires = 0 }), control: control.ASAssertionExp},
	"sub another": {make: assertionWith(func(as *fapi.Assertion) { as.Subject = "web" }), control: control.ASAssertionSubject, words: []string{"to the letter"}},
	"request_uri too late": {make: func(a *app) answer {
		uri := a.push(redirectURI).member("request_uri")
		a.issuer.Advance(2 * time.Minute)
		return a.authorize(uri)
	}, control: control.ASPARExpiry, words: []string{"push a new request"}},
	"request_uri of nobody": {make: func(a *app) answer { return a.authorize("urn:ietf:params:oauth:request_uri:x") }},
	"redirect with a slash": {make: func(a *app) answer { return a.push(redirectURI + "/") }, control: control.ASRedirectURI, words: []string{"by the slash at the end", "of 13 others"}},
	"no redirect":           {make: pushWith(func(f url.Values) { f.Del("redirect_uri") })},
	"custom scheme":         {make: func(a *app) answer { return a.push("myapp://callback") }, words: []string{"http://127.0.0.1"}},
	"no PKCE":               {make: pushWith(func(f url.Values) { f.Del("code_challenge"); f.Del("code_challenge_method") }), control: control.ASPKCERequired},
	"plain PKCE":            {make: pushWith(func(f url.Values) { f.Set("code_challenge_method", "plain") }), control: control.ASPKCEMethod, words: []string{"S256"}},
	"PKCE method forgotten": {make: pushWith(func(f url.Values) { f.Del("code_challenge_method") }), control: control.ASPKCEMethod, words: []string{"without a method it is plain"}},
	"challenge in hex":      {make: pushWith(func(f url.Values) { f.Set("code_challenge", strings.Repeat("ab", 32)) }), words: []string{"neither hexadecimal"}},
	"wrong verifier": {make: func(a *app) answer {
		code := a.code("berg").Get("code")
		a.spoilForm = func(f url.Values) { f.Set("code_verifier", strings.Repeat("x", 43)) }
		return a.redeem(code)
	}, control: control.ASPKCEVerifier, words: []string{"per sign-in"}},
	"no verifier": {make: func(a *app) answer {
		code := a.code("berg").Get("code")
		a.spoilForm = func(f url.Values) { f.Del("code_verifier") }
		return a.redeem(code)
	}, control: control.ASPKCEVerifier, words: []string{"code_verifier"}},
	"another redirect": {make: func(a *app) answer {
		code := a.code("berg").Get("code")
		a.spoilForm = func(f url.Values) { f.Set("redirect_uri", "http://127.0.0.1:51005/callback") }
		return a.redeem(code)
	}, control: control.ASCodeRedirectURI, words: []string{"the same redirect_uri"}},
	"code too late": {make: func(a *app) answer {
		code := a.code("berg").Get("code")
		a.issuer.Advance(time.Minute)
		a.spoilAssertion = func(as *fapi.Assertion) { as.IssuedAt += 60; as.Expires += 60; as.NotPrior += 60 }
		return a.redeem(code)
	}, control: control.ASCodeLifetime, words: []string{"redeem the code at once"}},
	"certificate of another": {client: "mtls-app", make: func(a *app) answer {
		return a.showing(a.issuer.Client("web-app")).machineToken(url.Values{}, false)
	}, control: control.ASMTLSSubject, words: []string{"CN=mtls-app", "CN=web-app"}},
	"no certificate": {client: "mtls-app", make: func(a *app) answer { return a.machineToken(url.Values{}, false) }, control: control.ASClientAuth, words: []string{"client certificate"}},
	"request_uri twice": {profile: "hardened", make: func(a *app) answer {
		uri := a.push(redirectURI).member("request_uri")
		first, page := a.at(uri)
		second, other := a.at(uri)
		first.agree(page)
		return second.agree(other)
	}, control: control.ASPAROnce, words: []string{"push a new request"}},
	"a page sent twice": {make: func(a *app) answer {
		person, page := a.at(a.push(redirectURI).member("request_uri"))
		person.agree(page)
		return person.submit(page, "/authorize/sign-in", url.Values{"person": {"berg"}})
	}, words: []string{"start the sign-in at the client again"}},
	"http for https": {make: func(a *app) answer {
		plain, err := a.issuer.tenant.server.issuerAt(a.issuer.tenant.server.PlainOrigin(), a.issuer.Name)
		if err != nil {
			a.t.Fatal(err)
		}
		to := *a
		to.issuer, to.spoilAssertion = plain, func(as *fapi.Assertion) { as.Audience.Values[0] = a.issuer.URL }
		return to.ownToken()
	}, control: control.ASAssertionAudience, words: []string{"or another issuer"}},
	"code twice":               {make: func(a *app) answer { code := a.code("berg").Get("code"); a.redeem(code); return a.redeem(code) }, control: control.ASCodeOnce, words: []string{"reloaded"}},
	"code of nobody":           {make: func(a *app) answer { return a.redeem("x") }},
	"wrong scope":              {make: formWith(func(f url.Values) { f.Set("scope", "system/*.rs admin") }), control: control.ASScope, words: []string{"admin"}},
	"wrong grant":              {client: "machine", make: func(a *app) answer { return a.push(redirectURI) }, control: control.ASGrantType},
	"unknown grant":            {make: formWith(func(f url.Values) { f.Set("grant_type", "password") }), words: []string{"through the browser"}},
	"unknown client":           {make: func(a *app) answer { c := *a.client; c.ID = "web_app"; a.client = &c; return a.ownToken() }, control: control.ASClientAuth, words: []string{"did you mean web-app?"}},
	"no authentication":        {make: formWith(func(f url.Values) { f.Del("client_assertion"); f.Del("client_assertion_type") }), control: control.ASClientAuth, words: []string{"sign a client assertion"}},
	"assertion type forgotten": {make: formWith(func(f url.Values) { f.Del("client_assertion_type") }), words: []string{"client_assertion_type=urn"}},
	"assertion cut":            {make: formWith(func(f url.Values) { f.Set("client_assertion", f.Get("client_assertion")[:40]) }), words: []string{"the whole signed JWT"}},
	"key not registered":       {make: func(a *app) answer { return a.withKey("my-new-key", "ES256").ownToken() }, control: control.ASAssertionSignature, words: []string{"register the public key"}},
	"kid mismatch":             {make: func(a *app) answer { return a.withKey(a.client.Key.ID, "ES256").ownToken() }, control: control.ASAssertionSignature, words: []string{"two keys under one kid"}},
	"no proof": {make: func(a *app) answer {
		return a.raw(http.MethodPost, "/token", "application/x-www-form-urlencoded", a.vouched(url.Values{"grant_type": {"client_credentials"}}).Encode())
	}, control: control.ASSenderConstrained, words: []string{"DPoP"}},
	"nonce missing":           {profile: "hardened", make: func(a *app) answer { a.spoilProof = func(p *fapi.Proof) { p.Nonce = "" }; return a.ownToken() }, control: control.ASDPoPNonce, words: []string{"DPoP-Nonce header"}},
	"whitespace":              {make: formWith(func(f url.Values) { f.Set("grant_type", "client_credentials ") }), words: []string{"white space"}},
	"whitespace in client_id": {make: formWith(func(f url.Values) { f.Set("client_id", " web-app") }), control: control.ASClientAuth, words: []string{"white space", "did you mean web-app?"}},
	"JSON body": {make: func(a *app) answer {
		return a.raw(http.MethodPost, "/token", "application/json", `{"grant_type":"client_credentials"}`)
	}, words: []string{"as a form"}},
	"no content type": {make: func(a *app) answer { return a.raw(http.MethodPost, "/par", "", "client_id=web-app") }, words: []string{"as a form"}},
	"text/plain":      {make: func(a *app) answer { return a.raw(http.MethodPost, "/par", "text/plain", "client_id=web-app") }, words: []string{"as a form"}},
	"GET on PAR":      {make: func(a *app) answer { return a.raw(http.MethodGet, "/par?client_id=web-app", "", "") }, words: []string{"POST"}},
	"a path that is none": {make: func(a *app) answer {
		return a.raw(http.MethodPost, "/oauth/token", "application/x-www-form-urlencoded", "a=b")
	}, words: []string{".well-known/openid-configuration"}},
	"twice": {make: formWith(func(f url.Values) { f.Add("scope", "system/*.rs") }), words: []string{"each parameter once"}},
	"private key registered": {make: func(a *app) answer {
		return a.raw(http.MethodPost, "/register", "application/json", `{"jwks":{"keys":[`+string(a.dpop.PrivateJWK())+`]},"token_endpoint_auth_method":"private_key_jwt","redirect_uris":["https://a.example/cb"]}`)
	}, words: []string{"make a new key"}},
	"secret in the URL": {client: "legacy-app", make: func(a *app) answer {
		return a.raw(http.MethodPost, "/token?client_id=legacy-app&client_secret="+a.client.Secret, "application/x-www-form-urlencoded", "grant_type=client_credentials")
	}, control: control.ASClientAuth, words: []string{"a URL ends up in logs"}},
	"shared secret": {client: "legacy-app", make: func(a *app) answer { return a.ownToken() }, control: control.ASClientAuthAsymmetric},
	"request not pushed": {make: func(a *app) answer {
		return a.get(a.issuer.URL + "/authorize?" + url.Values{"client_id": {"web-app"}, "response_type": {"code"}, "redirect_uri": {redirectURI}, "scope": {"openid"}, "code_challenge": {sampleChallenge}, "code_challenge_method": {"S256"}}.Encode())
	}, control: control.ASPARRequired, words: []string{"push the request to the PAR endpoint"}},

	"Bearer": {make: func(a *app) answer {
		r := a.request(http.MethodGet, a.issuer.FHIR+"/Patient/p01", nil)
		r.Header.Set("Authorization", "Bearer "+a.ownToken().member("access_token"))
		return a.do(r)
	}, control: control.RSDPoPScheme, words: []string{"Authorization: DPoP"}},
	"DPoP without proof": {make: func(a *app) answer {
		r := a.request(http.MethodGet, a.issuer.FHIR+"/Patient/p01", nil)
		r.Header.Set("Authorization", "DPoP "+a.ownToken().member("access_token"))
		return a.do(r)
	}, control: control.RSDPoPOneProof, words: []string{"one fresh proof"}},
	"no token": {make: func(a *app) answer { return a.get(a.issuer.FHIR + "/Patient/p01") }, words: []string{"Authorization: DPoP"}},
	"proof of another key": {make: func(a *app) answer {
		token := a.ownToken().member("access_token")
		a.dpop = a.client.Key
		return a.read("/Patient/p01", token)
	}, control: control.RSDPoPBinding, words: []string{"one key for all proofs"}},
	"no ath":                {make: readWith(func(p *fapi.Proof) { p.ATH = "" }), control: control.RSDPoPAth, words: []string{"SHA-256 of the access token"}},
	"API behind a proxy":    {make: readWith(func(p *fapi.Proof) { p.HTU = "http://api.internal:8080/fhir/Patient/p01" }), control: control.RSDPoPHTU, words: []string{"as the API is known outside", "a proxy, a container"}},
	"clock fast at the API": {make: readWith(func(p *fapi.Proof) { p.IAT += 300 }), control: control.RSDPoPIat},
	"token expired": {make: func(a *app) answer {
		token := a.ownToken().member("access_token")
		a.issuer.Advance(11 * time.Minute)
		a.spoilProof = func(p *fapi.Proof) { p.IAT += 660 }
		return a.read("/Patient/p01", token)
	}, control: control.RSTokenExpiry, words: []string{"refresh the token"}},
	"scope that is too small": {make: func(a *app) answer {
		a.spoilForm = func(f url.Values) { f.Set("scope", "openid") }
		token := a.ownToken().member("access_token")
		return a.read("/Patient/p01", token)
	}, control: control.RSScope, words: []string{"system/Patient.rs"}},
	"token of another issuer": {make: func(a *app) answer {
		m, err := a.issuer.Mint(Mint{Client: "web-app", Mistake: "wrong-issuer", Thumbprint: a.dpop.Thumbprint()})
		if err != nil {
			a.t.Fatal(err)
		}
		return a.read("/Patient/p01", m.AccessToken)
	}, control: control.RSTokenIssuer, words: []string{"each name, scheme and port is an issuer of its own"}},

	"object with the wrong aud": {profile: "fapi2-message-signing", make: func(a *app) answer { return a.objectWithMistake("endpoint-audience") }, control: control.ASRequestAudience, words: []string{"an endpoint in place of the issuer"}},
	"object with the wrong iss": {profile: "fapi2-message-signing", make: func(a *app) answer { return a.objectWithMistake("wrong-iss") }, control: control.ASRequestSignature},
	"object with the wrong typ": {profile: "fapi2-message-signing", make: func(a *app) answer { return a.objectWithMistake("wrong-typ") }, control: control.ASRequestTyp, words: []string{"oauth-authz-req+jwt"}},
	"object without nbf":        {profile: "fapi2-message-signing", make: func(a *app) answer { return a.objectWithMistake("no-nbf") }, control: control.ASRequestNotBefore},
	"object missing": {profile: "fapi2-message-signing", make: func(a *app) answer {
		return a.back("/par", url.Values{"response_type": {"code"}, "redirect_uri": {redirectURI}})
	}, control: control.ASRequestSigned, words: []string{"into a JWT signed"}},
}

func TestSlips(t *testing.T) { play(t, slips) }

// play makes every mistake, and reads what a developer would.
func play(t *testing.T, slips map[string]slip) {
	t.Helper()
	s := start(t, Config{})
	for name, c := range slips {
		t.Run(name, func(t *testing.T) {
			i := issuer(t, s, segmentOf(name)+"~"+firstOf(c.profile, defaultProfile))
			got := c.make(newApp(t, s, i, firstOf(c.client, "web-app")))
			told := i.Diagnoses()
			if len(told) == 0 || got.StatusCode < 300 {
				t.Fatalf("expected to be refused with a diagnosis, got %d %s", got.StatusCode, got.body)
			}
			d := told[len(told)-1]
			var b strings.Builder
			d.write(&b)
			id := ""
			if c.control != nil {
				id = c.control.ID
			}
			if d.Control != id {
				t.Errorf("expected %q to refuse, got %s", id, b.String())
			}
			for _, part := range append([]string{"\n  fix ", "\n  clause ", "\n  expected ", "\n  got "}, c.words...) {
				if !strings.Contains(b.String(), part) {
					t.Errorf("expected %q in\n%s", part, b.String())
				}
			}
			if d.Fix == "" || bytes.Contains(got.body, []byte(d.Fix)) || d.Interaction != got.Header.Get(interactionHeader) {
				t.Errorf("expected a fix, of which the wire says nothing, and the call's own id, got %s over %s", b.String(), got.body)
			}
		})
	}
}

// segmentOf makes an issuer's name of a slip's.
func segmentOf(name string) string {
	return strings.NewReplacer(" ", "-", "/", "-").Replace(strings.ToLower(name))
}
