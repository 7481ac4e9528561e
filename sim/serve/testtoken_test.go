package serve

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// askTTT asks for a test token as the national service's clients do.
func (a *app) askTTT(at, body, authKey string) (answer, testTokenAnswer) {
	a.t.Helper()
	r, err := http.NewRequest(http.MethodPost, at+pathTestToken, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if authKey != "" {
		r.Header.Set("X-Auth-Key", authKey)
	}
	got := a.do(r)
	var out testTokenAnswer
	if err := json.Unmarshal(got.body, &out); err != nil {
		a.t.Fatalf("expected JSON, got %s", got.body)
	}
	return got, out
}

// read sends a test token to the FHIR API here.
func (a *app) readWith(t testTokenAnswer, scheme, rawURL string) answer {
	a.t.Helper()
	r := a.request(http.MethodGet, rawURL, nil)
	r.Header.Set("Authorization", scheme+" "+t.Success.AccessToken)
	if t.Success.Proof != "" {
		r.Header.Set("DPoP", t.Success.Proof)
	}
	return a.do(r)
}

func national(t *testing.T) (*app, string) {
	t.Helper()
	s := start(t, Config{})
	i := issuer(t, s, "helseid")
	return newApp(t, s, i, "machine"), strings.TrimSuffix(i.URL, "/helseid")
}

// proofFor is a request for a token with a proof, and further members.
func tttProof(url, more string) string {
	return `{"createDPoPTokenWithDPoPProof":true,"dPoPProofParameters":{"htmClaimValue":"GET","htuClaimValue":"` + url + `"` + more + `}}`
}

// The service is at the root, for the issuer that stands in for HelseID, and below every issuer.
func TestTestToken(t *testing.T) {
	a, root := national(t)
	record := a.issuer.FHIR + "/Patient/p01"
	for _, at := range []string{root, a.issuer.URL} {
		_, got := a.askTTT(at, tttProof(record, ""), "any key")
		if got.IsError || got.Success == nil {
			t.Fatalf("%s: expected a token, got %+v", at, got.Error)
		}
		expect(t, a.readWith(got, "DPoP", record), 200, `"p01"`)
	}
	if got, _ := a.askTTT(root, "{}", ""); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("without X-Auth-Key: expected 401, got %d", got.StatusCode)
	}
}

// What is broken is refused by the control that looks for it; the words of the service may come as numbers.
func TestBrokenTestTokens(t *testing.T) {
	a, root := national(t)
	record := a.issuer.FHIR + "/Patient/p01"
	broken := func(member string) string {
		return strings.Replace(tttProof(record, ""), "{", "{"+member+",", 1)
	}
	cases := map[string]struct {
		body string
		by   *control.Control
	}{
		"another key":      {broken(`"signJwtWithInvalidSigningKey":true`), control.RSTokenSignature},
		"another issuer":   {broken(`"setInvalidIssuer":true`), control.RSTokenIssuer},
		"another audience": {broken(`"setInvalidAudience":true`), control.RSTokenAudience},
		"expired":          {broken(`"expirationParameters":{"setExpirationTimeAsExpired":true}`), control.RSTokenExpiry},
		"typ":              {broken(`"headerParameters":{"typ":"jwt"}`), control.RSTokenType},
		"jkt":              {tttProof(record, `,"invalidDPoPProofParameters":13`), control.RSDPoPBinding},
	}
	for n, m := range invalidProofs[1:13] {
		found, err := findMistake(inProof, m.here)
		if err != nil {
			t.Fatal(err)
		}
		if found.Control == "" {
			continue // which cannot even be read
		}
		c, err := control.Lookup(found.Control)
		if err != nil {
			t.Fatal(err)
		}
		cases[m.there] = struct {
			body string
			by   *control.Control
		}{tttProof(record, `,"invalidDPoPProofParameters":"`+m.there+`"`), c}
		if n == 0 {
			cases["the first, by number"] = struct {
				body string
				by   *control.Control
			}{tttProof(record, `,"invalidDPoPProofParameters":1`), c}
		}
	}
	for name, c := range cases {
		_, got := a.askTTT(root, c.body, "k")
		if got.IsError {
			t.Errorf("%s: %s", name, got.Error.Message)
			continue
		}
		if refused := a.readWith(got, "DPoP", record); refused.StatusCode != 401 && refused.StatusCode != 400 {
			t.Errorf("%s: expected a refusal, got %d", name, refused.StatusCode)
		}
		if why := a.get(a.issuer.URL + pathWhy); !strings.Contains(string(why.body), c.by.ID) {
			t.Errorf("%s: expected %s to refuse it, got %s", name, c.by, why.body)
		}
	}
}

func tttClaims(t *testing.T, got testTokenAnswer) (claims map[string]any) {
	t.Helper()
	if got.IsError {
		t.Fatal(got.Error.Message)
	}
	jwt, err := fapi.ParseJWT(got.Success.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(jwt.Payload), &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// The claims of the client and the person, for an API of one's own. The first request is one that NHN's own demo
// sends: with words for none that are given all the same.
func TestClaimsOfTestTokens(t *testing.T) {
	a, root := national(t)
	_, got := a.askTTT(root, `{"audience":"the_universe","clientClaimsParametersGeneration":"GenerateNone","withoutDefaultClientClaims":true,
		"withoutDefaultUserClaims":true,"setSubject":true,"expirationParameters":{"expirationTimeInSeconds":60,"expirationTimeInDays":-2147483648},
		"clientClaimsParameters":{"clientId":"superman","clientName":"Superman client","orgnrParent":"123456789","scope":["save","the_world"],
		"clientTenancy":true,"clientTenancyType":"SingleTenant","sfmJournalId":"j-1"},
		"userClaimsParameters":{"name":"Clark Kent","pid":"20080012345","securityLevel":"1337"},
		"apiSpecificClaims":[{"type":"the_universe/client/claims/x","value":"1"}],"createTokenExchangeClaims":true,"createTillitsrammeverkClaims":true,
		"tillitsrammeverkClaimsParameters":{"dontSetPractitionerHprNr":true,"practitionerLegalEntityId":"987654321"}}`, "k")
	claims := tttClaims(t, got)
	for name, want := range map[string]any{
		"aud": "the_universe", "client_id": "superman", claimClientName: "Superman client", claimParent: "123456789", "name": "Clark Kent",
		claimPID: "20080012345", claimLevel: "1337", claimTenancy: "single-tenant", claimTenancyTTT: "single-tenant", claimJournal: "j-1",
		"the_universe/client/claims/x": "1", "sub": pseudonym("20080012345"), claimHPR: nil, "cnf": nil,
	} {
		if claims[name] != want {
			t.Errorf("%s: expected %v, got %v", name, want, claims[name])
		}
	}
	if claims["exp"].(float64)-claims["iat"].(float64) != 60 || claims["act"] == nil {
		t.Errorf("got %v", claims)
	}
	attest, _ := json.Marshal(claims["authorization_details"])
	if !strings.Contains(string(attest), "987654321") || strings.Contains(string(attest), "hpr_nr") {
		t.Errorf("attest: got %s", attest)
	}
}

// The registers know the test people.
func TestPeopleOfTestTokens(t *testing.T) {
	a, root := national(t)
	doctor := a.issuer.tenant.server.people.Practitioners()[1]
	pid := a.issuer.tenant.server.nationalID(doctor.ID)
	_, got := a.askTTT(root, `{"getPersonFromPersontjenesten":true,"getHprNumberFromHprregisteret":true,"setPidPseudonym":true,"userClaimsParameters":{"pid":"`+pid+`"}}`, "k")
	claims := tttClaims(t, got)
	if claims["sub"] != doctor.ID || claims[claimHPR] != doctor.HPR || claims["name"] != strings.ToUpper(doctor.Name) || claims[claimPseudonym] != pseudonym(pid) {
		t.Errorf("expected %+v, got %v", doctor, claims)
	}
	_, got = a.askTTT(root, `{"userClaimsParametersGeneration":2,"clientClaimsParametersGeneration":1}`, "k")
	if claims := tttClaims(t, got); claims[claimPID] != nil || claims["sub"] != "machine" {
		t.Errorf("expected no person, got %v", claims)
	}
}

func TestWrongTestTokenRequests(t *testing.T) {
	a, root := national(t)
	for body, want := range map[string]string{
		`[]`: "JSON object", `{"createDPoPTokenWithDPoPProof":true}`: "htuClaimValue", `{"clientClaimsParametersGeneration":"All"}`: "expected one of",
		`{"dPoPProofParameters":{"invalidDPoPProofParameters":99}}`: "expected one of", `{"dPoPProofParameters":{"privateKeyForProofCreation":"x"}}`: "private JWK",
		`{"clientClaimsParameters":{"cnfPublicKey":"x"}}`: "public JWK",
	} {
		if status, got := a.askTTT(root, body, "k"); status.StatusCode != 400 || !got.IsError || !strings.Contains(got.Error.Message, want) {
			t.Errorf("%s: expected an error about %q, got %d %+v", body, want, status.StatusCode, got.Error)
		}
	}
}

// The clients and the metadata of an issuer in HelseID's shape, and userinfo with hpr_details.
func TestNationalIssuer(t *testing.T) {
	a, _ := national(t)
	m, err := fapi.ParseMetadata(a.get(a.issuer.URL + "/.well-known/openid-configuration").body)
	if err != nil || m.TokenEndpoint != a.issuer.URL+"/connect/token" || len(m.DetailTypes) != 4 {
		t.Errorf("metadata: got %+v, %v", m, err)
	}
	if a.issuer.Client("multi-tenant") == nil || issuer(t, a.issuer.tenant.server, "fapi2-dpop").Client("multi-tenant") != nil {
		t.Error("expected clients with tenancy at this issuer alone")
	}
	of := a.issuer.tenant.server.practitionerClaims("berg", "565500111")
	if text, _ := json.Marshal(of); !strings.Contains(string(text), `"hpr_number":565500111`) || of[claimHPR] != "565500111" {
		t.Errorf("got %s", text)
	}
}

// A client of one's own has tenancy, too: from a file, or registered while the server runs.
func TestTenancyOfOnesOwn(t *testing.T) {
	a, _ := national(t)
	key := a.issuer.Client("machine").Key
	r, err := http.NewRequest(http.MethodPost, a.issuer.URL+pathClients, strings.NewReader(`{"client_id":"machine","token_endpoint_auth_method":"private_key_jwt",
		"grant_types":["client_credentials"],"scope":"system/*.rs","jwks":`+string(fapi.JWKS(key.Public()))+`,"authorization_details_types":["helseid_authorization"],
		"tenancy":{"kind":"multi-tenant","parents":{"999977774":[]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	expect(t, a.do(r), 200, "helseid_authorization")
	for number, want := range map[string]string{"999977774": "access_token", "999977775": "HID-1001"} {
		a.spoilAssertion = func(c *fapi.Assertion) {
			c.Details = json.RawMessage(`{"type":"helseid_authorization","practitioner_role":{"organization":{"identifier":{"system":"urn:oid:1.0.6523","type":"ENH","value":"NO:ORGNR:` + number + `"}}}}`)
		}
		if got := a.back("/token", url.Values{"grant_type": {"client_credentials"}, "scope": {"system/*.rs"}}); !strings.Contains(string(got.body), want) {
			t.Errorf("%s: expected %s, got %s", number, want, got.body)
		}
	}
	if _, err := readClients("f", []byte("clients:\n  - {client_id: a, token_endpoint_auth_method: client_secret_basic, client_secret: s, grant_types: [client_credentials], tenancy: {kind: both}}"), beside{organization: anyOrganization}); err == nil {
		t.Error("expected a kind of tenancy that there is not to be refused")
	}
}
