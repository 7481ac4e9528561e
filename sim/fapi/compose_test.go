package fapi

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// What is composed by hand is what encoding/json writes, to the byte: a proof is a message of the run.
func TestComposed(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,20}`), rapid.Just(""), rapid.Just("a<b>&\"\\\x7f\xff\u2028"))
	number := rapid.OneOf(rapid.Int64(), rapid.Just(int64(0)))
	rapid.Check(t, func(t *rapid.T) {
		s := func(name string) string { return text.Draw(t, name) }
		n := func(name string) int64 { return number.Draw(t, name) }
		aud := Audience{Values: rapid.SliceOfN(text, 0, 3).Draw(t, "aud"), Array: rapid.Bool().Draw(t, "array")}
		token := AccessToken{Issuer: s("iss"), Subject: s("sub"), Audience: aud, ClientID: s("client_id"), Scope: Scope(s("scope")),
			IssuedAt: n("iat"), Expires: n("exp"), NotPrior: n("nbf"), JTI: s("jti"), AuthTime: n("auth_time"), ACR: s("acr"), OrganisationNumber: s("orgnr"),
			Patient: s("patient"), Encounter: s("encounter"), FHIRUser: s("fhirUser")}
		banner := rapid.Bool().Draw(t, "banner")
		launch := &Launch{Patient: s("patient"), Encounter: s("encounter"), Context: json.RawMessage(`[{}]`), NeedBanner: &banner, Intent: s("intent"), StyleURL: s("style"), Tenant: s("tenant")}
		if rapid.Bool().Draw(t, "bound") {
			token.Confirmation = &Confirmation{JKT: s("jkt")}
		}
		for _, c := range []interface{ compose([]byte) []byte }{
			token,
			Header{Typ: s("typ"), Alg: s("alg"), Kid: s("kid")},
			Header{Alg: "ES256", JWK: ecTestKey("ec").bareJWK},
			Proof{JTI: s("jti"), HTM: s("htm"), HTU: s("htu"), IAT: n("iat"), ATH: s("ath"), Nonce: s("nonce")},
			Assertion{Issuer: s("iss"), Subject: s("sub"), Audience: aud, IssuedAt: n("iat"), NotPrior: n("nbf"), Expires: n("exp"), JTI: s("jti")},
			IDToken{Issuer: s("iss"), Subject: s("sub"), Audience: aud, IssuedAt: n("iat"), Expires: n("exp"), AuthTime: n("auth_time"), Nonce: s("nonce"), ACR: s("acr"),
				AMR: rapid.SliceOfN(text, 0, 2).Draw(t, "amr"), AtHash: s("at_hash"), Name: s("name"), FHIRUser: s("fhirUser")},
			TokenResponse{AccessToken: s("access_token"), TokenType: s("token_type"), ExpiresIn: n("expires_in"), RefreshToken: s("refresh_token"),
				IDToken: s("id_token"), Scope: s("scope"), Launch: launch, Error: s("error"), ErrorDescription: s("error_description")},
		} {
			if got, want := string(c.compose(nil)), string(must(json.Marshal(c))); got != want {
				t.Fatalf("%T: expected %s, got %s", c, want, got)
			}
		}
		if got, want := string(must(json.Marshal(aud))), string(aud.append(nil)); got != want {
			t.Fatalf("audience: expected %s, got %s", got, want)
		}
	})
}

// What a client asks for one by one is written after the usual claims, and read back by any reader.
func TestIDTokenWithMore(t *testing.T) {
	for _, c := range []struct{ more, want string }{
		{``, `{"sub":"a"}`}, {`{}`, `{"sub":"a"}`}, {` { } `, `{"sub":"a"}`}, {`{"email":"b","n":[1]}`, `{"sub":"a","email":"b","n":[1]}`},
	} {
		if got := string(IDToken{Subject: "a", More: json.RawMessage(c.more)}.compose(nil)); got != c.want {
			t.Errorf("%q: expected %s, got %s", c.more, c.want, got)
		}
	}
	if got := string(IDToken{More: json.RawMessage(`{"a":1}`)}.compose(nil)); got != `{"a":1}` {
		t.Errorf("expected the member alone, got %s", got)
	}
}
