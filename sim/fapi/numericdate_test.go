package fapi

import "testing"

// Libraries in Java, Python and JavaScript write times with a fraction, which RFC 7519 s2 permits.
func TestDatesWithFraction(t *testing.T) {
	var a Assertion
	parsed := must(ParseJWT(compact(`{}`, `{"iss":"a","aud":["b"],"iat":1750000000.25,"nbf":1.75e9,"exp":1750000060.999,"EXP":1}`, "")))
	check(t, parsed.Claims(&a))
	if a.IssuedAt != 1750000000 || a.NotPrior != 1750000000 || a.Expires != 1750000060 || a.Issuer != "a" || !a.Audience.Has("b") {
		t.Errorf("expected the fractions to be dropped and all else read, got %+v", a)
	}
	var token AccessToken
	check(t, must(ParseJWT(compact(`{}`, `{"iat":1.5,"exp":2e3,"auth_time":0.0}`, ""))).Claims(&token))
	if token.IssuedAt != 1 || token.Expires != 2000 || token.AuthTime != 0 {
		t.Errorf("expected the same of an access token, got %+v", token)
	}
	ec := string(ecTestKey("ec").Public().JWK)
	for _, iat := range []string{"5", "5.5", "5e0", "5.0"} {
		p, err := ParseProof(compact(`{"typ":"dpop+jwt","alg":"ES256","jwk":`+ec+`}`, `{"jti":"1","iat":`+iat+`}`, "s"))
		check(t, err)
		if p.Claims.IAT != 5 {
			t.Errorf("%s: expected 5, got %d", iat, p.Claims.IAT)
		}
	}
}

func TestDatesThatAreNone(t *testing.T) {
	for _, date := range []string{`"5"`, `true`, `[5]`, `{}`, `1e99`, `9223372036854775808`, `-1e300`} {
		var a Assertion
		refused(t, must(ParseJWT(compact(`{}`, `{"exp":`+date+`}`, ""))).Claims(&a), "to be a number of seconds")
	}
	var a Assertion
	check(t, must(ParseJWT(compact(`{}`, `{"exp":null,"iat":-1.5}`, ""))).Claims(&a))
	if a.Expires != 0 || a.IssuedAt != -2 {
		t.Errorf("expected an absent exp and an iat rounded down, got %+v", a)
	}
}
