package serve

import (
	"net/http"
	"net/url"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// Every mistake is refused by the control that it is said to be refused by, and without it all is well.
func TestMistakes(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "x~hardened-entitlement")
	for _, c := range []*control.Control{control.RSEntitlementRead, control.RSEntitlementFind} {
		i.SwitchControl(c, false) // whose record it is comes after who is asking
	}
	i.SwitchControl(control.ASAssertionTyp, true)
	for _, c := range []*control.Control{control.ASRequestSigned, control.ASRequestTyp, control.ASRequestNotBefore, control.ASRequestLifetime} {
		i.SwitchControl(c, true)
	}
	a := newApp(t, s, i, "machine")
	for _, m := range append([]mistake{{In: inToken}, {In: inAssertion}, {In: inRequest}}, mistakes...) {
		t.Run(m.In+"/"+m.Name, func(t *testing.T) {
			i.Forget()
			var got answer
			switch m.In {
			case inAssertion:
				got = a.tokenWithMistake(m.Name)
			case inRequest:
				got = a.requestWithMistake(m.Name)
			default:
				got = a.readWithMistake(m)
			}
			if m.Control == "" && m.Name != "no-jwk" && m.Name != "weak-key" && m.Name != "nested" {
				if got.StatusCode >= 300 {
					t.Errorf("expected all to be well, got %d %s", got.StatusCode, got.body)
				}
				return
			}
			seen := i.Recorded()
			if last := seen[len(seen)-1]; got.StatusCode < 400 || last.RefusedBy != m.Control {
				t.Errorf("expected it to be refused by %q, got %d by %q: %s", m.Control, got.StatusCode, last.RefusedBy, got.body)
			}
		})
	}
}

func (a *app) readWithMistake(m mistake) answer {
	a.t.Helper()
	to := a.issuer.FHIR + "/Patient/p01"
	want := Mint{Proof: &MintProof{URL: to}}
	if m.In == inProof {
		want.Proof.Mistake = m.Name
	} else {
		want.Mistake = m.Name
	}
	minted, err := a.issuer.Mint(want)
	if err != nil || minted.RefusedBy != m.Control {
		a.t.Fatalf("expected a token refused by %q, got %q, %v", m.Control, minted.RefusedBy, err)
	}
	r := a.request(http.MethodGet, to, nil)
	r.Header.Set("Authorization", minted.Authorization)
	r.Header.Set("DPoP", minted.Proof)
	return a.do(r)
}

func (a *app) requestWithMistake(name string) answer {
	a.t.Helper()
	signed := a.do(a.request(http.MethodPost, a.issuer.URL+pathRequest, url.Values{
		"client": {"web-app"}, "mistake": {name}, "response_type": {"code"}, "redirect_uri": {redirectURI}, "scope": {"openid"}, "max_age": {"60"},
		"code_challenge": {sampleChallenge}, "code_challenge_method": {"S256"}, "claims": {`{"id_token":{"acr":null}}`}, "response_mode": {"jwt"},
	}))
	expect(a.t, signed, 200, "eyJ")
	assertion := a.do(a.request(http.MethodPost, a.issuer.URL+pathAssertion, url.Values{"client": {"web-app"}}))
	return a.do(a.request(http.MethodPost, a.issuer.URL+"/par", url.Values{
		"client_id": {"web-app"}, "client_assertion_type": {fapi.AssertionType}, "client_assertion": {string(assertion.body)}, "request": {string(signed.body)},
	}))
}

func (a *app) tokenWithMistake(name string) answer {
	a.t.Helper()
	signed := a.do(a.request(http.MethodPost, a.issuer.URL+pathAssertion, url.Values{"client": {"machine"}, "mistake": {name}}))
	expect(a.t, signed, 200, "eyJ")
	proof := a.do(a.request(http.MethodPost, a.issuer.URL+pathProof, url.Values{"client": {"machine"}, "url": {a.issuer.URL + "/token"}}))
	r := a.request(http.MethodPost, a.issuer.URL+"/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"machine"}, "client_assertion_type": {fapi.AssertionType}, "client_assertion": {string(signed.body)},
	})
	r.Header.Set("DPoP", string(proof.body))
	return a.do(r)
}

// What a caller asks for is had, and what he mistypes is refused with a hint.
func TestMint(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "x")
	minted, err := i.Mint(Mint{Client: "web-app", Subject: "anybody", Audience: "https://api.example.test", Thumbprint: "a-key",
		Age: Duration(5 * 60e9), Lifetime: Duration(4 * 60e9), Claims: map[string]any{"tenant": 7.0, "scope": nil, "iat": "noon"}, Mistake: "expired"})
	if err != nil {
		t.Fatal(err)
	}
	token, err := fapi.ParseJWT(minted.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if err := token.VerifyTrustingAlg(i.tenant.key().Public().Key); err != nil {
		t.Errorf("expected a token signed by the issuer: %v", err)
	}
	if c := minted.Claims; c["sub"] != "anybody" || c["aud"] != "https://api.example.test" || c["tenant"] != 7.0 || c["scope"] != nil || minted.ExpiresIn > -60 {
		t.Errorf("expected the claims that were asked for, got %v, %d", c, minted.ExpiresIn)
	}
	a := newApp(t, s, i, "machine")
	for body, want := range map[string]string{
		`{"mistake":"expird"}`:                        "expired, id-token",
		`{"client":"nobody"}`:                         "web-app",
		`{"lifetime":"long"}`:                         "duration",
		`{"lifetime":"-5m"}`:                          "positive",
		`{"proof":{}}`:                                "expected url",
		`{"proof":{"url":"x"},"client":"legacy-app"}`: "has a key",
		`{"clients":"machine"}`:                       "openapi.yaml",
		`{"bearer":"yes"}`:                            "true or false",
		`[]`:                                          "an object",
		`{} {}`:                                       "one JSON object",
	} {
		expect(t, a.json(http.MethodPost, pathToken, body), 400, want)
	}
	expect(t, a.json(http.MethodPost, pathToken, ""), 200, "access_token")
}
