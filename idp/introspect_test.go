package idp

import (
	"net/http"
	"net/url"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

const inactive = `{"active":false}`

func wrongInquiries() []wrong {
	ask := func(name string, do func(l *lab, token string) answer, c *control.Control) wrong {
		return wrong{name: name, by: by(c), do: func(l *lab) answer { return do(l, l.ehr.clientCredentials().str(l.t, "access_token")) }}
	}
	return []wrong{
		ask("nobody asks", func(l *lab, token string) answer { return l.introspect("", "", token) }, control.ASIntrospectionCaller),
		ask("wrong secret", func(l *lab, token string) answer { return l.introspect("fhir-api", "guess", token) }, control.ASIntrospectionCaller),
		ask("a client asks", func(l *lab, token string) answer {
			return l.other.call(pathIntrospect, url.Values{"token": {token}}, func(c *call) { c.noProof = true })
		}, control.ASIntrospectionCaller),
		ask("the wrong API asks", func(l *lab, token string) answer { return l.introspect("lab-api", "lab secret", token) }, control.ASIntrospectionAudience),
	}
}

func TestIntrospection(t *testing.T) {
	l := newLab(t, strict(t))
	token := l.ehr.clientCredentials().str(t, "access_token")
	a := l.introspect("fhir-api", "fhir secret", token)
	var got fapi.AccessToken
	if err := jsonInto(a.body, &got); err != nil {
		t.Fatal(err)
	}
	if m := a.json(t); m["active"] != true || m["token_type"] != "DPoP" {
		t.Errorf("got %s", a.body)
	}
	if want := claimsOf[fapi.AccessToken](t, token); !equalJSON(t, got, want) {
		t.Errorf("expected the claims of the token, %+v, got %+v", want, got)
	}
	told := tellings[event.Disclosed](l.told)
	if len(told) != 1 || told[0].ID != got.JTI || told[0].Owner != "ehr" || told[0].Audience[0] != fhirAPI {
		t.Errorf("expected one event about the disclosure, got %+v", told)
	}
}

// Of a token that is not good, nothing at all is said (RFC 7662 s2.2).
func TestInactive(t *testing.T) {
	l := newLab(t, strict(t))
	tokens := signIn(t, l)
	foreign := must(fapi.AccessToken{Issuer: testIssuer, Subject: "berg"}.Sign(key("as-1")))
	for name, token := range map[string]string{
		"garbage": "hello", "refresh token": tokens.RefreshToken, "ID token": tokens.IDToken,
		"changed by a letter": tokens.AccessToken[:len(tokens.AccessToken)-2] + "AA", "never issued": foreign,
	} {
		if got := string(l.introspect("fhir-api", "fhir secret", token).body); got != inactive {
			t.Errorf("%s: expected %s, got %s", name, inactive, got)
		}
	}
	l.clock.Advance(minute(1))
	if got := string(l.introspect("fhir-api", "fhir secret", tokens.AccessToken).body); got != inactive {
		t.Errorf("expired: expected %s, got %s", inactive, got)
	}
	if told := tellings[event.Disclosed](l.told); len(told) != 0 {
		t.Errorf("expected nothing to be disclosed, got %+v", told)
	}
}

// To the wrong API the token does not exist; that it was refused is for the log alone (RFC 9701 s5).
func TestTheWrongAPIIsToldNothing(t *testing.T) {
	l := newLab(t, strict(t))
	token := l.ehr.clientCredentials().str(t, "access_token")
	a := l.introspect("lab-api", "lab secret", token)
	if a.by != control.ASIntrospectionAudience.ID || a.StatusCode != http.StatusOK || string(a.body) != inactive {
		t.Errorf("expected %s, got %d %s by %q", inactive, a.StatusCode, a.body, a.by)
	}
}

func TestMalformedInquiry(t *testing.T) {
	l := newLab(t, strict(t).Bare())
	l.introspect("fhir-api", "fhir secret", "").expect(t, nil, 400, "invalid_request")
	l.get(l.at.introspect).expect(t, nil, 405, "invalid_request")
}

// An API without credentials of its own cannot be impersonated by somebody with empty ones.
func TestEmptyCredentialsAreNobodys(t *testing.T) {
	l := newLab(t, strict(t))
	r := postRequest(l.at.introspect, url.Values{"token": {"x"}})
	r.SetBasicAuth("", "")
	l.do(r).expect(t, control.ASIntrospectionCaller, 401, "invalid_client")
}
