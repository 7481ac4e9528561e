package serve

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// A client that is wrong in one thing is told by the wire what everybody is told, and by the diagnosis
// what was wrong.
func TestWrongClients(t *testing.T) {
	s := start(t, Config{})
	for name, c := range map[string]struct {
		profile, client string
		spoil           func(*app)
		do              func(*app) answer
		control         *control.Control
		status          int
		wire, cause     string
	}{
		"the token endpoint as audience": {spoil: func(a *app) {
			a.spoilAssertion = func(as *fapi.Assertion) { as.Audience.Values[0] += "/token" }
		}, control: control.ASAssertionIssuerAud, status: 401, wire: "invalid_client", cause: "use the issuer of the metadata"},
		"the audience in an array": {spoil: func(a *app) {
			a.spoilAssertion = func(as *fapi.Assertion) { as.Audience.Array = true }
		}, control: control.ASAssertionIssuerAud, status: 401, wire: "invalid_client", cause: "not in an array"},
		"an assertion used twice": {profile: "hardened", spoil: func(a *app) {
			expect(a.t, a.ownToken(), 200, "")
			a.spoilAssertion = func(as *fapi.Assertion) { as.JTI = "once" }
			expect(a.t, a.ownToken(), 200, "")
		}, control: control.ASAssertionJTI, status: 401, wire: "invalid_client", cause: "make a new assertion for every request"},
		"no typ": {profile: "helseid", spoil: func(a *app) { a.typ = "" }, control: control.ASAssertionTyp, status: 401, wire: "invalid_client", cause: "set the header typ"},
		"a key of another client": {spoil: func(a *app) {
			key := *a.issuer.Client("second-app")
			key.ID = a.client.ID
			a.client = &key
		}, control: control.ASAssertionSignature, status: 401, wire: "invalid_client", cause: "register the public key"},
		"a shared secret": {client: "legacy-app", control: control.ASClientAuthAsymmetric, status: 401, wire: "invalid_client", cause: "register a public key"},
		"a proof for http": {spoil: func(a *app) {
			a.spoilProof = func(p *fapi.Proof) { p.HTU = strings.Replace(p.HTU, "https", "http", 1) }
		}, control: control.ASDPoPHTU, status: 400, wire: "invalid_dpop_proof", cause: "htu of the proof"},
		"an old proof": {spoil: func(a *app) {
			a.spoilProof = func(p *fapi.Proof) { p.IAT -= 600 }
		}, control: control.ASDPoPIat, status: 400, wire: "invalid_dpop_proof", cause: "10m0s ago"},
		"a redirect nobody registered": {do: func(a *app) answer {
			return a.back("/par", url.Values{"response_type": {"code"}, "redirect_uri": {"http://localhost:3000/other"}, "scope": {"openid"},
				"code_challenge": {fapi.Hash("v")}, "code_challenge_method": {"S256"}})
		}, control: control.ASRedirectURI, status: 400, wire: "invalid_request", cause: "send it exactly as registered"},
		"no PKCE": {do: func(a *app) answer {
			return a.back("/par", url.Values{"response_type": {"code"}, "redirect_uri": {redirectURI}, "scope": {"openid"}})
		}, control: control.ASPKCERequired, status: 400, wire: "invalid_request", cause: "code_challenge"},
		"a code used twice": {do: func(a *app) answer {
			code := a.code("berg").Get("code")
			expect(a.t, a.redeem(code), 200, "")
			return a.redeem(code)
		}, control: control.ASCodeOnce, status: 400, wire: "invalid_grant", cause: "code"},
		"a token as Bearer": {do: func(a *app) answer {
			r := a.request(http.MethodGet, a.issuer.FHIR+"/Patient/p01", nil)
			r.Header.Set("Authorization", "Bearer "+a.ownToken().member("access_token"))
			return a.do(r)
		}, control: control.RSDPoPScheme, status: 401, wire: "OperationOutcome", cause: "Bearer"},
		"a proof for another record": {do: func(a *app) answer {
			token := a.ownToken().member("access_token")
			a.spoilProof = func(p *fapi.Proof) { p.HTU += "2" }
			return a.read("/Patient/p0", token)
		}, control: control.RSDPoPHTU, status: 401, wire: "OperationOutcome", cause: "/Patient/p02"},
		"a path that is none": {do: func(a *app) answer { return a.get(a.issuer.URL + "/tokens") }, status: 404, wire: "not_found", cause: "/tokens"},
		"a body that is too large": {spoil: func(a *app) {
			a.spoilForm = func(f url.Values) { f.Set("x", strings.Repeat("x", 70_000)) }
		}, status: 413, wire: "invalid_request", cause: "64 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			i := issuer(t, s, firstOf(c.profile, "fapi2-dpop"))
			a := newApp(t, s, i, firstOf(c.client, "web-app"))
			if c.spoil != nil {
				c.spoil(a)
			}
			do := c.do
			if do == nil {
				do = (*app).ownToken
			}
			got := do(a)
			expect(t, got, c.status, c.wire)
			told := i.Diagnoses()
			if len(told) == 0 {
				t.Fatal("expected a diagnosis, got none")
			}
			d := told[len(told)-1]
			id := ""
			if c.control != nil {
				id = c.control.ID
			}
			if d.Control != id || d.Status != c.status || !strings.Contains(d.Cause, c.cause) || d.Interaction != got.Header.Get(interactionHeader) || d.Method == "" {
				t.Errorf("expected %q with %q for %s, got %+v", id, c.cause, got.Header.Get(interactionHeader), d)
			}
			if strings.Contains(string(got.body), d.Cause) {
				t.Errorf("expected the wire to be silent about the cause, got %s", got.body)
			}
		})
	}
}

func TestWhy(t *testing.T) {
	s := start(t, Config{HTTPSPort: -1})
	i := issuer(t, s, "team-a")
	a := newApp(t, s, i, "web-app")
	expect(t, a.get(i.URL+pathWhy), 200, "nothing was refused lately")
	a.spoilProof = func(p *fapi.Proof) { p.HTM = "GET" }
	refused := a.ownToken()
	a.spoilProof = nil
	a.get(i.URL + "/nothing")
	text := a.get(i.URL + pathWhy)
	for _, part := range []string{"POST " + i.URL + "/token -> 400  from web-app", "refused by  as/dpop-htm", "expected    POST", "got         GET", "clause      RFC 9449 s4.3-8", "GET " + i.URL + "/nothing -> 404  from stranger at 127.0.0.1:"} {
		expect(t, text, 200, part)
	}
	one := a.get(i.URL + pathWhy + "?interaction=" + refused.Header.Get(interactionHeader))
	if expect(t, one, 200, "as/dpop-htm"); strings.Contains(string(one.body), "/nothing") {
		t.Errorf("expected one call, got %s", one.body)
	}
	r := a.request(http.MethodGet, i.URL+pathWhy, nil)
	r.Header.Set("Accept", "application/json")
	var told []Diagnosis
	if err := json.Unmarshal(a.do(r).body, &told); err != nil || len(told) != 2 || told[0].Control != "as/dpop-htm" || told[0].At.IsZero() {
		t.Errorf("expected two diagnoses as JSON, got %+v, %v", told, err)
	}
}

func TestDiagnosisOfANonceThatIsAskedFor(t *testing.T) {
	d, ok := ofRuling(event.Ruling{Control: "as/dpop-nonce", Outcome: "challenged", Cause: "no nonce at all"})
	if !ok || !d.Challenge || d.Clause == "" {
		t.Fatalf("got %+v", d)
	}
	var b strings.Builder
	d.At = time.Unix(0, 0).UTC()
	d.write(&b)
	for _, part := range []string{"asked again as/dpop-nonce", "because     no nonce at all"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("expected %q, got %s", part, &b)
		}
	}
	if _, ok := ofRuling(event.Ruling{Outcome: "pass"}); ok {
		t.Error("expected no diagnosis of what passed")
	}
}
