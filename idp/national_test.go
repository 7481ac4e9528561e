package idp

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// organisationJSON names organisations as HelseID's libraries do.
func organisationJSON(system, value string) string {
	return `{"type":"helseid_authorization","practitioner_role":{"organization":{"identifier":{"system":"` + system + `","type":"ENH","value":"` + value + `"}}}}`
}

func both(parent, child string) string {
	return organisationJSON(systemMulti, "NO:ORGNR:"+parent+":"+child)
}

const attestJSON = `{"type":"nhn:tillitsrammeverk:parameters","practitioner":{"authorization":{"code":"LE","system":"urn:oid:2.16.578.1.12.4.1.1.9060"},
"legal_entity":{"id":"999900001","system":"urn:oid:2.16.578.1.12.4.1.4.101"},"point_of_care":{"id":"999900001","system":"urn:oid:2.16.578.1.12.4.1.4.101"}},
"care_relationship":{"purpose_of_use":{"code":"TREAT","system":"urn:oid:2.16.840.1.113883.1.11.20448"},"decision_ref":{"id":"1","user_selected":false}},"patients":[]}`

// saying writes a structure into the client assertion.
func saying(details string) func(*call) {
	return func(c *call) { c.assertion.Details = json.RawMessage(details) }
}

func nationalLab(t *testing.T, tenancy Tenancy) *lab {
	t.Helper()
	return newLabWith(t, profile(t, "helseid"), testIssuer, func(c *Config) { c.Clients[0].Tenancy = tenancy })
}

var (
	single = Tenancy{Kind: SingleTenant, Children: []string{"999900011"}}
	multi  = Tenancy{Kind: MultiTenant, Supplier: "999900009", Parents: map[string][]string{"999900002": nil, "999900003": {"999900033"}},
		Refused: map[string][]string{"999900003": {"user/*.rs"}}}
)

func payload(t *testing.T, compact string) (claims map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(mustParse(t, compact).Payload), &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// The structures that are taken, and the claims that they become.
func TestOrganisationNumbers(t *testing.T) {
	for name, c := range map[string]struct {
		tenancy       Tenancy
		details       string
		parent, child any
	}{
		"single-tenant, nothing said":        {single, "", "999900001", nil},
		"single-tenant, a child":             {single, organisationJSON(systemSingle, "999900011"), "999900001", "999900011"},
		"single-tenant, the old system":      {single, organisationJSON(systemSingleOld, "999900011"), "999900001", "999900011"},
		"single-tenant, in an array":         {single, "[" + organisationJSON(systemSingle, "999900011") + "]", "999900001", "999900011"},
		"multi-tenant, nothing said":         {multi, "", nil, nil},
		"multi-tenant, a parent and a child": {multi, both("999900002", "999900022"), "999900002", "999900022"},
		"multi-tenant, a parent":             {multi, organisationJSON(systemMulti, "NO:ORGNR:999900002"), "999900002", nil},
		"multi-tenant, a parent and a colon": {multi, both("999900002", ""), "999900002", nil},
	} {
		l := nationalLab(t, c.tenancy)
		a := l.ehr.clientCredentials(func(c2 *call) {
			if c.details != "" {
				saying(c.details)(c2)
			}
		})
		got := payload(t, a.tokens(t).AccessToken)
		if got[claimParent] != c.parent || got[claimChild] != c.child || got[claimTenancy] != c.tenancy.Kind {
			t.Errorf("%s: expected %v and %v, got %v", name, c.parent, c.child, got)
		}
	}
}

// HelseID's error codes (its page on organisation numbers).
func TestOrganisationErrors(t *testing.T) {
	for code, c := range map[string]struct {
		tenancy Tenancy
		details string
	}{
		"HID-1001": {multi, both("999900099", "999900022")},
		"HID-1002": {single, organisationJSON(systemSingle, "999900099")},
		"HID-1003": {multi, both("999900003", "999900099")},
		"HID-1004": {multi, both("99990000", "")},
		"HID-1005": {single, both("999900001", "999900011")},
		"HID-1006": {Tenancy{Kind: SingleTenant}, organisationJSON(systemSingle, "999900011")},
		"HID-1007": {multi, organisationJSON("urn:oid:1.2.3", "999900011")},
		"HID-1010": {Tenancy{}, organisationJSON(systemSingle, "999900011")},
	} {
		l := nationalLab(t, c.tenancy)
		a := l.ehr.clientCredentials(saying(c.details))
		if a.by != "" || a.str(t, "error") != "invalid_request" || !strings.HasPrefix(a.str(t, "error_description"), code+": ") {
			t.Errorf("expected %s in a client assertion, got %s", code, a.body)
		}
		if a := l.ehr.detailed(c.details).push(); a.str(t, "error") != "invalid_authorization_details" || !strings.HasPrefix(a.str(t, "error_description"), code+": ") {
			t.Errorf("expected %s at PAR, got %s", code, a.body)
		}
	}
	if err := readOrganisation(&Client{ID: "old", AuthMethod: string(control.ClientSecretBasic), Tenancy: single}, json.RawMessage(organisationJSON(systemSingle, "999900011"))); err == nil || !strings.HasPrefix(err.Error(), "HID-1008") {
		t.Errorf("expected HID-1008 for a client with a secret, got %v", err)
	}
	l := nationalLab(t, single)
	if a := l.ehr.newFlow().tokens(saying(organisationJSON(systemSingle, "999900011"))); !strings.HasPrefix(a.str(t, "error_description"), "HID-1009") {
		t.Errorf("expected HID-1009 where a code is redeemed, got %s", a.body)
	}
}

// A person signs in once, and her client switches between organisations as it refreshes.
func TestSwitchOrganisation(t *testing.T) {
	l := nationalLab(t, multi)
	r := signIn(t, l)
	if r.RefreshExpiresIn != int64(l.lifetimes().Refresh.Seconds()) {
		t.Errorf("rt_expires_in: got %d", r.RefreshExpiresIn)
	}
	for _, parent := range []string{"999900002", "999900003"} {
		a := l.ehr.refresh(r.RefreshToken, saying(both(parent, "")))
		got := payload(t, a.tokens(t).AccessToken)
		if got[claimParent] != parent {
			t.Errorf("expected %s, got %v", parent, got[claimParent])
		}
		if rejected := a.str(t, "rejected_scope"); (parent == "999900003") != (rejected == "user/*.rs") {
			t.Errorf("%s: rejected_scope: got %q", parent, rejected)
		}
	}
}

// One structure in both carriers is refused.
func TestDoubleStructure(t *testing.T) {
	l := nationalLab(t, multi)
	r := l.ehr.detailed(attestJSON).tokens().tokens(t)
	a := l.ehr.refresh(r.RefreshToken, saying(attestJSON))
	if a.str(t, "error") != "access_denied" || !strings.HasPrefix(a.str(t, "error_description"), "HID-DOUBLE-STRUCTURE") {
		t.Errorf("expected HID-DOUBLE-STRUCTURE, got %s", a.body)
	}
	if a := l.ehr.refresh(r.RefreshToken, saying(both("999900002", ""))); !a.succeeded() {
		t.Errorf("expected another structure to be taken, got %s", a.body)
	}
}

func TestAttest(t *testing.T) {
	for name, tokens := range map[string]func(*lab) answer{
		"with the request":      func(l *lab) answer { return l.ehr.detailed(attestJSON).tokens() },
		"as a code is redeemed": func(l *lab) answer { return l.ehr.newFlow().tokens(saying(attestJSON)) },
	} {
		l := nationalLab(t, single)
		at := claimsOf[fapi.AccessToken](t, tokens(l).tokens(t).AccessToken)
		for _, want := range []string{`"name":"The clinic"`, `"text":"Lege"`, `"hpr_nr":{"id":"222200068"`, `"id":"12838510068"`, `"patients":[]`} {
			if !strings.Contains(string(at.Details), want) {
				t.Errorf("%s: expected %s in the attest, got %s", name, want, at.Details)
			}
		}
	}
	l := nationalLab(t, single)
	for _, without := range []string{`"patients":[]`, `"decision_ref":{"id":"1","user_selected":false}`, `"point_of_care":{"id":"999900001","system":"urn:oid:2.16.578.1.12.4.1.4.101"}`} {
		broken := strings.Replace(strings.Replace(attestJSON, ","+without, "", 1), without+",", "", 1)
		if a := l.ehr.newFlow().tokens(saying(broken)); !strings.HasPrefix(a.str(t, "error_description"), "HID-1007") {
			t.Errorf("without %s: expected HID-1007, got %s", without, a.body)
		}
	}
	if a := l.ehr.clientCredentials(saying(attestJSON)); !strings.HasPrefix(a.str(t, "error_description"), "HID-1007") {
		t.Errorf("from a client in its own name: expected HID-1007, got %s", a.body)
	}
}

func TestJournal(t *testing.T) {
	l := nationalLab(t, single)
	got := payload(t, l.ehr.clientCredentials(saying(`{"type":"nhn:sfm:journal-id","value":{"journal_id":"j-1"}}`)).tokens(t).AccessToken)
	if got[claimJournal] != "j-1" {
		t.Errorf("expected the journal, got %v", got)
	}
}

// The API says which claims are in its tokens; their forms are HelseID's.
func TestShapeOfTokens(t *testing.T) {
	l := nationalLab(t, single)
	token := func(api string) map[string]any {
		f := l.ehr.newFlow()
		f.request.Set("resource", api)
		return payload(t, f.tokens().tokens(t).AccessToken)
	}
	got := token(fhirAPI)
	if scope, _ := got["scope"].([]any); len(scope) != 3 || got["name"] != "KARI BERG" || got[claimPID] != "12838510068" || got[claimHPR] != "222200068" ||
		got[claimLevel] != "3" || got["client_amr"] != "private_key_jwt" || got["nbf"] != got["iat"] || got["jti"] != strings.ToUpper(got["jti"].(string)) {
		t.Errorf("got %v", got)
	}
	if got := token(labAPI); got[claimPID] != nil || got["name"] != nil {
		t.Errorf("expected no claims that the laboratory did not ask for, got %v", got)
	}

}

// HelseID's paths answer beside the plain ones, and the metadata names them where it is told to.
func TestConnectPaths(t *testing.T) {
	l := newLabWith(t, profile(t, "helseid"), testIssuer, func(c *Config) { c.ConnectPaths = true })
	m, err := fapi.ParseMetadata(l.get(l.issuer + wellKnownOpenID).body)
	if err != nil || m.TokenEndpoint != testIssuer+"/connect/token" || m.JWKSURI != testIssuer+"/.well-known/openid-configuration/jwks" {
		t.Errorf("metadata: got %+v, %v", m, err)
	}
	if a := l.get(m.JWKSURI); a.StatusCode != http.StatusOK {
		t.Errorf("jwks_uri: got %d", a.StatusCode)
	}
	for _, path := range []string{"/connect/token", pathToken} {
		form := map[string][]string{"grant_type": {grantClientCredentials}, "scope": {"system/*.rs"}, "resource": {fhirAPI}}
		if a := l.ehr.call(path, form); !a.succeeded() {
			t.Errorf("%s: refused by %q (%s)", path, a.by, a.fault)
		}
	}
}

// Discovery says what HelseID's says, and RFC 8414 what is true here.
func TestNationalMetadata(t *testing.T) {
	l := newLabWith(t, profile(t, "helseid"), testIssuer, func(c *Config) { c.ConnectPaths = true })
	said := l.get(testIssuer + wellKnownOpenID).json(t)
	for name, want := range map[string]any{
		"expired_jwks_uri": testIssuer + "/connect/expiredjwks", "available_idps": testIssuer + "/connect/availableidps",
		"require_pushed_authorization_requests": false, "frontchannel_logout_session_supported": true, "token_endpoint": testIssuer + "/connect/token",
		"token_endpoint_auth_signing_alg_values_supported": nil,
	} {
		if said[name] != want {
			t.Errorf("%s: expected %v, got %v", name, want, said[name])
		}
	}
	for name, want := range map[string]string{"code_challenge_methods_supported": "plain", "grant_types_supported": "implicit", "response_types_supported": "code id_token",
		"token_endpoint_auth_methods_supported": "client_secret_basic", "request_object_signing_alg_values_supported": "HS256"} {
		if list, _ := said[name].([]any); !slices.Contains(list, any(want)) {
			t.Errorf("%s: expected %s among them, got %v", name, want, said[name])
		}
	}
	if truth := l.get(testIssuer + wellKnownOAuth).json(t); truth["require_pushed_authorization_requests"] != true || truth["expired_jwks_uri"] != nil {
		t.Errorf("expected what is true, got %v", truth)
	}
	before := l.keys.signer("").ID
	l.RotateKey(key("as-2"), 0)
	if expired := l.get(testIssuer + "/connect/expiredjwks").body; !strings.Contains(string(expired), before) || strings.Contains(string(l.get(testIssuer+connectJWKS).body), before) {
		t.Errorf("expected %s among the expired keys alone, got %s", before, expired)
	}
	if idps := string(l.get(testIssuer + "/connect/availableidps").body); idps != `["testidp-oidc"]` {
		t.Errorf("got %s", idps)
	}
}

// A person keeps her session id from one client to the next, in the ID token and the access token.
func TestSessionID(t *testing.T) {
	l := nationalLab(t, single)
	f := l.ehr.newFlow()
	tokens := f.tokens().tokens(t)
	id, access := payload(t, tokens.IDToken), payload(t, tokens.AccessToken)
	sid, _ := id["sid"].(string)
	if len(sid) != 32 || strings.ToUpper(sid) != sid || access["sid"] != sid {
		t.Errorf("expected one sid of 32 hexadecimal digits, got %v and %v", id["sid"], access["sid"])
	}
	if want := accessTokenHash(f.request.Get("state"), "ES256"); id["s_hash"] != want || id["at_hash"] == nil {
		t.Errorf("expected s_hash %s, got %v", want, id)
	}
	if got := payload(t, signIn(t, l).IDToken); got["sid"] == sid {
		t.Error("expected another session to have another")
	}
	if got := payload(t, signIn(t, newLab(t, strict(t))).IDToken); got["sid"] != nil || got["s_hash"] != nil {
		t.Errorf("expected neither elsewhere, got %v", got)
	}
}
