package fapi

import (
	"fmt"
	"testing"
)

func TestProofRoundTrip(t *testing.T) {
	for alg, key := range keys() {
		want := NewProof("GET", "https://a.test/x?y=z#w", "token", now, "1")
		want.Nonce = "n"
		p, err := ParseProof(must(want.Sign(key)))
		check(t, err)
		check(t, p.JWT.CheckTyp(TypProof))
		check(t, p.JWT.VerifyTrustingAlg(p.Key.Key))
		if p.Claims != want || p.Key.Thumbprint != key.Thumbprint() || p.JWT.Header.Kid != "" || p.JWT.Header.Alg != alg {
			t.Errorf("%s: expected %+v by %s, got %+v", alg, want, key.Thumbprint(), p)
		}
		var again Proof
		check(t, p.JWT.Claims(&again))
		if again != want {
			t.Errorf("expected both ways of reading the claims to agree, got %+v", again)
		}
		if want.HTU != "https://a.test/x" || want.ATH != Hash("token") || want.IAT != now.Unix() {
			t.Errorf("expected the claims of RFC 9449 s4.2, got %+v", want)
		}
	}
	if p := NewProof("GET", "https://a.test/", "", now, "1"); p.ATH != "" {
		t.Errorf("expected no ath without a token, got %q", p.ATH)
	}
}

// What is left empty is left out, so that a thief can spoil one member.
func TestProofOmits(t *testing.T) {
	p := must(ParseProof(must(Proof{}.Sign(ecTestKey("ec")))))
	if string(p.JWT.Payload) != "{}" || p.Claims != (Proof{}) {
		t.Errorf("expected no claims, got %s", p.JWT.Payload)
	}
}

func TestParseProofRefuses(t *testing.T) {
	const good = `{"jti":"1","htm":"GET","htu":"https://a.test/","iat":5,"ath":"a","nonce":"n"}`
	header := func(jwk string) string { return fmt.Sprintf(`{"typ":"dpop+jwt","alg":"ES256","jwk":%s}`, jwk) }
	_, err := ParseProof(compact(header(ec), good, "s"))
	check(t, err) // or else what follows proves nothing
	for name, test := range map[string]struct{ header, claims, want string }{
		"no JWT":              {`{`, good, "JWT header"},
		"no key":              {`{"typ":"dpop+jwt","alg":"ES256"}`, good, "expected the proof to show its public key"},
		"a key by reference":  {`{"typ":"dpop+jwt","alg":"ES256","kid":"a"}`, good, "expected the proof to show its public key"},
		"the key is null":     {header(`null`), good, "not a JWK"},
		"the key is a string": {header(`"a"`), good, "not a JWK"},
		"the key is a set":    {header(`[` + ec + `]`), good, "not a JWK"},
		"an empty secret":     {header(`{"kty":"oct","k":""}`), good, "not a JWK"},
		"a secret of numbers": {header(`{"kty":"oct","k":5}`), good, "not a JWK"},
		"a name twice in it":  {header(`{"kty":"EC",` + ec[1:]), good, `"kty" twice`},
		"jti is a number":     {header(ec), `{"jti":1}`, "expected jti to be a string, got 1"},
		"htm is an array":     {header(ec), `{"htm":["GET"]}`, "expected htm to be a string"},
		"htu is an object":    {header(ec), `{"htu":{}}`, "expected htu to be a string"},
		"ath is true":         {header(ec), `{"ath":true}`, "expected ath to be a string"},
		"nonce is null":       {header(ec), `{"nonce":null}`, "expected nonce to be a string"},
		"iat is a string":     {header(ec), `{"iat":"5"}`, `expected iat to be a number of seconds, got "5"`},
		"iat is too large":    {header(ec), `{"iat":9223372036854775808}`, "expected iat to be a number"},
		"iat is null":         {header(ec), `{"iat":null}`, "expected iat to be a number"},
		"jti twice":           {header(ec), `{"jti":"1","jti":"2"}`, `"jti" twice`},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := ParseProof(compact(test.header, test.claims, "s"))
			refused(t, err, test.want)
			if p != nil {
				t.Errorf("expected no proof with the error, got %+v", p)
			}
		})
	}
}

// A symmetric key in a proof is a control's business, too: who lets the algorithm pass, and the private member,
// finds the signature in order. Nothing else may take one.
func TestSymmetricKeyInProof(t *testing.T) {
	const jwk = `{"k":"c2VjcmV0","kty":"oct"}` // its own canonical form (RFC 7638 s3.2)
	forged := must(ForgeHMACWith(Header{Typ: TypProof, JWK: []byte(jwk)}, Proof{JTI: "1"}, []byte("secret")))
	p := must(ParseProof(forged))
	check(t, p.JWT.VerifyTrustingAlg(p.Key.Key))
	if p.JWT.CheckAlg(Algorithms) == nil || !HasPrivate(p.JWT.Header.JWK) || p.Key.Thumbprint != Hash(jwk) || p.Key.JWK != nil {
		t.Errorf("expected a secret by its thumbprint that two checks refuse, got %+v", p.Key)
	}
	if other := must(ParseProof(must(ForgeHMACWith(Header{JWK: []byte(jwk)}, Proof{}, []byte("guess"))))); other.JWT.VerifyTrustingAlg(other.Key.Key) == nil {
		t.Error("expected a MAC by another secret to be refused")
	}
	if signed := must(ParseProof(must(Sign(Header{JWK: []byte(jwk)}, Proof{}, ecTestKey("ec"))))); signed.JWT.VerifyTrustingAlg(signed.Key.Key) == nil {
		t.Error("expected a signature to need a key for signatures")
	}
}

// A private key in a proof is a control's business; the proof is read as if only the public half were there.
func TestParseProofWithPrivateKey(t *testing.T) {
	key := ecTestKey("ec")
	p := must(ParseProof(must(Sign(Header{Typ: TypProof, JWK: key.PrivateJWK()}, Proof{JTI: "1"}, key))))
	check(t, p.JWT.VerifyTrustingAlg(p.Key.Key))
	if !HasPrivate(p.JWT.Header.JWK) || HasPrivate(p.Key.JWK) || p.Key.Thumbprint != key.Thumbprint() {
		t.Errorf("expected the header alone to show it, got %s", p.Key.JWK)
	}
}
