package fapi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/hex"
	"testing"
)

// What the specifications print, to the letter.

// RFC 9449 s4.1 and s7.1: a proof at the token endpoint, and one with an access token.
const (
	rfc9449Header = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19."
	rfc9449Token  = rfc9449Header + "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
	rfc9449API    = rfc9449Header + "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
)

func TestRFC9449Proofs(t *testing.T) {
	for compact, want := range map[string]Proof{
		rfc9449Token: {JTI: "-BwC3ESc6acc2lTc", HTM: "POST", HTU: "https://server.example.com/token", IAT: 1562262616},
		rfc9449API: {JTI: "e1j3V_bKic8-LAEB", HTM: "GET", HTU: "https://resource.example.org/protectedresource", IAT: 1562262618,
			ATH: Hash("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU")},
	} {
		p, err := ParseProof(compact)
		check(t, err)
		if p.Claims != want {
			t.Errorf("expected %+v, got %+v", want, p.Claims)
		}
		check(t, p.JWT.CheckAlg(Algorithms))
		check(t, p.JWT.CheckTyp(TypProof))
		check(t, p.JWT.VerifyTrustingAlg(p.Key.Key))
		if want := "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"; p.Key.Thumbprint != want { // s6.1
			t.Errorf("expected the thumbprint %s, got %s", want, p.Key.Thumbprint)
		}
	}
}

func TestThumbprints(t *testing.T) {
	for name, test := range map[string]struct{ jwk, want string }{
		"RFC 7638 s3.1": {`{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`,
			"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
		"RFC 8037 A.3": {`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
			"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
	} {
		p, err := ParsePublic([]byte(test.jwk))
		check(t, err)
		if p.Thumbprint != test.want {
			t.Errorf("%s: expected %s, got %s", name, test.want, p.Thumbprint)
		}
	}
}

// RFC 7515 A.3: line breaks stand in the payload's JSON, where they are allowed.
func TestRFC7515ES256(t *testing.T) {
	const jwk = `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}`
	parsed, err := ParseJWT("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
	check(t, err)
	check(t, parsed.VerifyTrustingAlg(must(ParsePublic([]byte(jwk))).Key))
}

// RFC 7636 appendix B.
func TestRFC7636S256(t *testing.T) {
	if got, want := Hash("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"; got != want {
		t.Errorf("expected %s, got %s", want, got)
	}
}

// RFC 6979 A.2.5, SHA-256, message "sample": signatures are deterministic by the book.
func TestRFC6979(t *testing.T) {
	scalar := must(hex.DecodeString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"))
	key := must(newKey("", "ES256", must(ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar))))
	want := "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" +
		"f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
	if got := hex.EncodeToString(must(key.sign("ES256", []byte("sample")))); got != want {
		t.Errorf("expected %s, got %s", want, got)
	}
}
