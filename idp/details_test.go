package idp

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

const (
	oneRecord  = `[{"type":"patient_record","identifier":"p01","actions":["read"],"datatypes":["Observation","Condition"]}]`
	lessOfIt   = `[{"type":"patient_record","identifier":"p01","actions":["read"],"datatypes":["Observation"]}]`
	anothers   = `[{"type":"patient_record","identifier":"p02","actions":["read"],"datatypes":["Observation"]}]`
	allOfIt    = `[{"type":"patient_record","identifier":"p01","actions":["read"]}]`
	otherTypes = `[{"type":"patient_record","identifier":"p01","actions":["read"],"datatypes":["Observation","Patient"]}]`
)

// asking sends details with the token request.
func askingDetails(details string) func(*call) {
	return func(c *call) { c.form.Set("authorization_details", details) }
}

// detailed is a flow whose request asks for details.
func (a *app) detailed(details string) *flow {
	f := a.newFlow()
	f.request.Set("authorization_details", details)
	return f
}

func wrongDetails() []wrong {
	widen := func(name, details string) wrong {
		return wrong{name: name, by: by(control.ASDetails), code: "invalid_authorization_details",
			do: func(l *lab) answer { return l.ehr.detailed(oneRecord).tokens(askingDetails(details)) }}
	}
	refresh := func(name, details string) wrong {
		return wrong{name: name, by: by(control.ASDetails), code: "invalid_authorization_details", do: func(l *lab) answer {
			return l.ehr.refresh(l.ehr.detailed(oneRecord).tokens().tokens(l.t).RefreshToken, askingDetails(details))
		}}
	}
	return []wrong{
		widen("another patient's record", anothers), widen("every type of it", allOfIt), widen("another type of it", otherTypes),
		refresh("another patient's record at a refresh", anothers), refresh("every type of it at a refresh", allOfIt),
		{name: "what was not asked for at all", by: by(control.ASDetails), do: func(l *lab) answer { return l.ehr.newFlow().tokens(askingDetails(oneRecord)) }},
	}
}

// What was granted stands in the response, in the token and in what introspection says (RFC 9396 s7, s9), and is on the
// consent page.
func TestDetailsOfASignIn(t *testing.T) {
	for _, p := range []control.Profile{strict(t), unsigned(t), profile(t, "legacy"), profile(t, "helseid")} {
		l := newLab(t, p)
		f := l.ehr.detailed(oneRecord)
		start, _ := f.begin()
		page := f.browser.get(start)
		if page = f.browser.signIn(page, "kberg", passwords["kberg"]); !strings.Contains(string(page.body), "read Observation, Condition of patient p01") {
			t.Errorf("%s: expected the record on the consent page, got %s", p.Name, page.body)
		}
		answer := f.browser.decide(page, "allow")
		r := f.redeem(answer.location(t).Get("code")).tokens(t)
		if string(r.Details) != oneRecord {
			t.Errorf("%s: token response: expected %s, got %s", p.Name, oneRecord, r.Details)
		}
		if at := claimsOf[fapi.AccessToken](t, r.AccessToken); string(at.Details) != oneRecord {
			t.Errorf("%s: access token: expected %s, got %s", p.Name, oneRecord, at.Details)
		}
		told, _ := json.Marshal(l.introspect("fhir-api", "fhir secret", r.AccessToken).json(t)["authorization_details"])
		if !strings.Contains(string(told), `"identifier":"p01"`) {
			t.Errorf("%s: introspection: got %s", p.Name, told)
		}
		less := l.ehr.refresh(r.RefreshToken, askingDetails(lessOfIt)).json(t)
		if again, _ := json.Marshal(less["authorization_details"]); !strings.Contains(string(again), `["Observation"]`) {
			t.Errorf("%s: a refresh for less: got %s", p.Name, again)
		}
	}
}

// A client in its own name asks at the token endpoint (RFC 9396 s6).
func TestDetailsInOnesOwnName(t *testing.T) {
	l := newLab(t, strict(t))
	if r := l.ehr.clientCredentials(askingDetails(oneRecord)).tokens(t); string(r.Details) != oneRecord {
		t.Errorf("expected %s, got %s", oneRecord, r.Details)
	}
}

func TestMalformedDetails(t *testing.T) {
	for name, details := range map[string]string{
		"no JSON": "x", "an object": `{"type":"patient_record","identifier":"p01","actions":["read"]}`, "null": "[null]", "a text": `["a"]`,
		"no type": `[{"identifier":"p01"}]`, "an unknown type": `[{"type":"payment_initiation"}]`, "a type that is no text": `[{"type":1}]`,
		"an unknown member": `[{"type":"patient_record","identifier":"p01","actions":["read"],"unknown":1}]`,
		"a member twice":    `[{"type":"patient_record","identifier":"p01","identifier":"p02","actions":["read"]}]`,
		"another action":    `[{"type":"patient_record","identifier":"p01","actions":["write"]}]`, "nobody": `[{"type":"patient_record","actions":["read"]}]`,
		"too much": "[" + strings.Repeat(" ", maxDetailLength) + "]", "too many": "[" + strings.Repeat("{},", maxDetails) + "{}]",
	} {
		l := newLab(t, unsigned(t).Bare())
		if a := l.ehr.detailed(details).push(); a.by != "" || a.StatusCode != 400 || a.str(t, "error") != "invalid_authorization_details" {
			t.Errorf("%s at PAR: expected invalid_authorization_details, got %d %s", name, a.StatusCode, a.body)
		}
		if a := l.ehr.clientCredentials(askingDetails(details)); a.by != "" || a.str(t, "error") != "invalid_authorization_details" {
			t.Errorf("%s at the token endpoint: expected invalid_authorization_details, got %s", name, a.body)
		}
	}
}

// Elements are named with their type, and of the types that are asked for; a client that is registered for some gets no
// others, and no whole type.
func TestElementsOfRecords(t *testing.T) {
	const begin = `[{"type":"patient_record","identifier":"p01","actions":["read"]`
	name, all := []string{"Patient.name", "Patient.telecom"}, []string(nil)
	for _, c := range []struct {
		details    string
		registered []string
		ok         bool
	}{
		{begin + `,"datatypes":["Patient"],"elements":["Patient.name"]}]`, all, true},
		{begin + `,"datatypes":["Patient","Observation"],"elements":["Patient.name"]}]`, all, true},
		{begin + `,"datatypes":["Patient"],"elements":["Patient.name","Patient.telecom"]}]`, name, true},
		{begin + `,"datatypes":["Patient"],"elements":[]}]`, all, false},
		{begin + `,"elements":["Patient.name"]}]`, all, false},
		{begin + `,"datatypes":["Patient"],"elements":["Observation.code"]}]`, all, false},
		{begin + `,"datatypes":["Patient"],"elements":["name"]}]`, all, false},
		{begin + `,"datatypes":["Patient"],"elements":["Patient.name.family"]}]`, all, false},
		{begin + `,"datatypes":["Patient"],"elements":["Patient."]}]`, all, false},
		{begin + `,"datatypes":["Patient"],"elements":["Patient.name","Patient.birthDate"]}]`, name, false},
		{begin + `,"datatypes":["Patient"]}]`, name, false},
		{begin + `,"datatypes":["Patient","Observation"],"elements":["Patient.name"]}]`, name, false},
		{begin + `}]`, name, false},
	} {
		l := newLabWith(t, strict(t), testIssuer, func(conf *Config) { conf.Clients[0].RecordElements = c.registered })
		a := l.ehr.clientCredentials(askingDetails(c.details))
		if !c.ok {
			if a.by != "" || a.str(t, "error") != "invalid_authorization_details" {
				t.Errorf("%s of a client registered for %v: expected invalid_authorization_details, got %s", c.details, c.registered, a.body)
			}
			continue
		}
		if at := claimsOf[fapi.AccessToken](t, a.tokens(t).AccessToken); string(at.Details) != c.details {
			t.Errorf("expected %s in the token, got %s", c.details, at.Details)
		}
	}
	// What was granted of a record grows neither by more elements nor by leaving them out.
	l := newLab(t, strict(t))
	granted := begin + `,"datatypes":["Patient"],"elements":["Patient.name","Patient.gender"]}]`
	refresh := l.ehr.detailed(granted).tokens().tokens(t).RefreshToken
	for details, ok := range map[string]bool{
		begin + `,"datatypes":["Patient"],"elements":["Patient.name"]}]`:      true,
		begin + `,"datatypes":["Patient"],"elements":["Patient.birthDate"]}]`: false,
		begin + `,"datatypes":["Patient"]}]`:                                  false,
	} {
		if a := l.ehr.refresh(refresh, askingDetails(details)); (a.by == "") != ok {
			t.Errorf("%s: expected it to be granted: %t, got %s by %q", details, ok, a.body, a.by)
		}
	}
	if text := describePatientRecord([]byte(granted[1 : len(granted)-1])); text != "read Patient (Patient.name, Patient.gender) of patient p01" {
		t.Errorf("on the consent page: got %q", text)
	}
}

// A client asks for the types it is registered for (RFC 9396 s10).
func TestTypesOfAClient(t *testing.T) {
	l := newLabWith(t, unsigned(t), testIssuer, func(c *Config) { c.Clients[0].DetailTypes = nil })
	if a := l.ehr.detailed(oneRecord).push(); a.str(t, "error") != "invalid_authorization_details" {
		t.Errorf("expected invalid_authorization_details, got %s", a.body)
	}
	m, err := fapi.ParseMetadata(l.get(l.issuer + wellKnownOAuth).body)
	if err != nil || len(m.DetailTypes) != 4 {
		t.Errorf("expected four types in the metadata, got %q, %v", m.DetailTypes, err)
	}
}

// Where the request is plain, a refusal goes back to the client (RFC 9396 s5).
func TestDetailsInTheBrowser(t *testing.T) {
	l := newLab(t, profile(t, "legacy"))
	f := l.ehr.detailed(`[{"type":"unknown"}]`)
	if q := f.browser.get(f.plainURL()).location(t); q.Get("error") != "invalid_authorization_details" {
		t.Errorf("expected invalid_authorization_details in the redirect, got %v", q)
	}
}

func wrongExchanges() []wrong {
	// subject is a token for the laboratory's API, which the apps of these tests are.
	subject := func(l *lab, api, scope string) string {
		f := l.ehr.newFlow()
		f.request["resource"], f.request["scope"] = []string{api}, []string{scope}
		return f.tokens().tokens(l.t).AccessToken
	}
	return []wrong{
		{name: "of a token for another API", by: by(control.ASExchangeAudience), code: "invalid_grant", do: func(l *lab) answer {
			return l.other.exchange(subject(l, fhirAPI, "openid user/*.rs"), nil)
		}},
		{name: "for a wider scope", by: by(control.ASExchangeScope), code: "invalid_scope", do: func(l *lab) answer {
			return l.other.exchange(subject(l, labAPI, "openid"), url.Values{"scope": {"user/*.rs"}})
		}},
		{name: "by a client that is not registered for it", by: by(control.ASGrantType), code: "unauthorized_client", do: func(l *lab) answer {
			return l.reader.exchange(subject(l, labAPI, "openid user/*.rs"), nil)
		}},
	}
}

func (a *app) exchange(token string, more url.Values) answer {
	a.l.t.Helper()
	form := url.Values{"grant_type": {grantTokenExchange}, "subject_token": {token}, "subject_token_type": {typeAccessToken}}
	for name, values := range more {
		form[name] = values
	}
	return a.call(pathToken, form)
}

// The new token speaks for the same person, names who acts for her, is bound to that one's key and lives no longer
// than the first (RFC 8693 s2.2.1, s4.1).
func TestExchange(t *testing.T) {
	l := newLab(t, strict(t))
	f := l.ehr.newFlow()
	f.request.Set("resource", labAPI)
	subject := f.tokens().tokens(t).AccessToken
	l.clock.Advance(20e9)
	r := l.other.exchange(subject, url.Values{"audience": {fhirAPI}, "scope": {"user/*.rs"}}).tokens(t)
	at := claimsOf[fapi.AccessToken](t, r.AccessToken)
	if at.Subject != "berg" || at.ClientID != "other" || string(at.Actor) != `{"sub":"other"}` || !at.Audience.IsOnly(fhirAPI) || at.Scope != "user/*.rs" {
		t.Errorf("access token: got %+v, act %s", at, at.Actor)
	}
	if at.JKT() != key("other-dpop").Thumbprint() || r.ExpiresIn != 40 || r.IssuedType != typeAccessToken || r.RefreshToken != "" {
		t.Errorf("token response: got %+v, bound to %s", r, at.JKT())
	}
	if a := l.other.exchange(subject, url.Values{"resource": {labAPI}}); a.str(t, "error") != "invalid_target" {
		t.Errorf("an API the client does not call: expected invalid_target, got %s", a.body)
	}
	l.ehr.revoke(subject)
	if a := l.other.exchange(subject, nil); a.str(t, "error") != "invalid_grant" {
		t.Errorf("a revoked token: expected invalid_grant, got %s", a.body)
	}
}

func TestMalformedExchange(t *testing.T) {
	l := newLab(t, strict(t).Bare())
	for name, more := range map[string]url.Values{
		"no token": {"subject_token": nil}, "another type": {"subject_token_type": {"urn:ietf:params:oauth:token-type:jwt"}},
		"an actor token": {"actor_token": {"x"}}, "a refresh token is wanted": {"requested_token_type": {"urn:ietf:params:oauth:token-type:refresh_token"}},
	} {
		if a := l.ehr.exchange("x", more); a.str(t, "error") != "invalid_request" {
			t.Errorf("%s: expected invalid_request, got %s", name, a.body)
		}
	}
}
