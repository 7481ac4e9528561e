package fapi

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestAccessToken(t *testing.T) {
	key := ecTestKey("as")
	want := AccessToken{Issuer: "https://as.test", Subject: "berg", Audience: Audience{Values: []string{"a", "b"}, Array: true}, ClientID: "ehr",
		Scope: "openid user/*.rs", IssuedAt: 1, Expires: 2, JTI: "j", AuthTime: 3, Confirmation: &Confirmation{JKT: "t"}, OrganisationNumber: "999"}
	parsed := must(ParseJWT(must(want.Sign(key))))
	check(t, parsed.VerifyTrustingAlg(key.Public().Key))
	check(t, parsed.CheckTyp(TypAccessToken))
	var got AccessToken
	check(t, parsed.Claims(&got))
	if !reflect.DeepEqual(got, want) || got.JKT() != "t" || parsed.Header.Kid != "as" {
		t.Errorf("expected %+v, got %+v under %+v", want, got, parsed.Header)
	}
	if empty := must(ParseJWT(must(AccessToken{}.Sign(key)))); string(empty.Payload) != "{}" {
		t.Errorf("expected what is left empty to be left out, got %s", empty.Payload)
	}
	if got := (&AccessToken{}).JKT(); got != "" {
		t.Errorf("expected a bearer token to be bound to nothing, got %q", got)
	}
}

func TestIDToken(t *testing.T) {
	key := ecTestKey("as")
	want := IDToken{Issuer: "https://as.test", Subject: "berg", Audience: Audience{Values: []string{"ehr"}}, IssuedAt: 1, Expires: 2, AuthTime: 3, Nonce: "n", Name: "Åse Berg"}
	parsed := must(ParseJWT(must(want.Sign(key))))
	check(t, parsed.VerifyTrustingAlg(key.Public().Key))
	var got IDToken
	check(t, parsed.Claims(&got))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected %+v, got %+v", want, got)
	}
	// RFC 8725 s3.11: an ID token does not pass for an access token.
	refused(t, parsed.CheckTyp(TypAccessToken), `got "JWT"`)
}

func TestScope(t *testing.T) {
	for _, test := range []struct {
		s, t   Scope
		within bool
	}{
		{"", "", true},
		{"", "a", true},
		{"a", "a", true},
		{"a", "b a", true},
		{"a a", "a", true},
		{"  a  b ", "b a", true},
		{"a", "", false},
		{"a b", "a", false},
		{"a", "ab", false},
		{"A", "a", false},
		{"user/*.rs", "user/*.r", false},
	} {
		if got := test.s.Within(test.t); got != test.within {
			t.Errorf("%q within %q: expected %v, got %v", test.s, test.t, test.within, got)
		}
	}
	if Scope("a b").Has("a b") || Scope("a").Has("") || !Scope("a b").Has("b") {
		t.Error("expected Has to look for one value")
	}
}

func TestScopeJSON(t *testing.T) {
	for in, want := range map[string]Scope{`"a b"`: "a b", `["a","b"]`: "a b", `[]`: "", `""`: "", `null`: ""} {
		var got Scope
		check(t, json.Unmarshal([]byte(in), &got))
		if got != want {
			t.Errorf("%s: expected %q, got %q", in, want, got)
		}
	}
	for _, in := range []string{`1`, `{}`, `[1]`, `["a",null]`, `true`} {
		var got Scope
		refused(t, json.Unmarshal([]byte(in), &got), "expected scope to be a string or an array of strings")
	}
	if got := string(must(json.Marshal(Scope("a b")))); got != `"a b"` {
		t.Errorf("expected a string, got %s", got)
	}
}

// What the configuration file says must survive being read and written.
func TestCredentialsRoundTrip(t *testing.T) {
	want := Credentials{Issuer: "i", ClientID: "c", AuthMethod: "private_key_jwt", Secret: "s", JWK: ecTestKey("a").PrivateJWK(),
		DPoPJWK: ecTestKey("b").PrivateJWK(), RedirectURI: "r", Scope: "a b", GrantTypes: []string{"g"}, AssertionAudience: "issuer", AssertionTyp: "t"}
	var got Credentials
	check(t, json.Unmarshal(must(json.Marshal(want)), &got))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected %+v, got %+v", want, got)
	}
}

// Two members of the metadata are statements even when they are false.
func TestMetadataSaysNo(t *testing.T) {
	m := decode(t, must(json.Marshal(Metadata{Issuer: "i"})))
	for _, name := range []string{"require_pushed_authorization_requests", "authorization_response_iss_parameter_supported",
		"request_parameter_supported", "request_uri_parameter_supported", "require_signed_request_object"} {
		if m[name] != false {
			t.Errorf("expected %s to be false, got %v", name, m[name])
		}
	}
	if len(m) != 6 {
		t.Errorf("expected the rest to be left out, got %v", m)
	}
}
