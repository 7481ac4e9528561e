package fapi

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"strings"
	"testing"
)

func TestVerifyOwn(t *testing.T) {
	for alg, key := range keys() {
		made := must(AccessToken{Subject: "berg"}.Sign(key))
		check(t, must(ParseJWT(made)).VerifyTrustingAlg(key.Public().Key))
		for other, another := range keys() {
			parsed := must(ParseJWT(must(Sign(Header{}, AccessToken{Subject: "berg"}, key))))
			same := another.Thumbprint() == key.Thumbprint()
			if err := parsed.VerifyTrustingAlg(another.Public().Key); same != (err == nil) {
				t.Errorf("%s with the key of %s: expected %v, got %v", alg, other, same, err)
			}
		}
	}
}

// TestEveryCharacterCounts changes each character of a signed proof to another one: nothing of it can
// be changed, down to the last bit of the last character.
func TestEveryCharacterCounts(t *testing.T) {
	key := ecTestKey("ec")
	proof := must(NewProof("GET", "https://a.test/", "t", now, "1").Sign(key))
	for i := range proof {
		spoilt := []byte(proof)
		if spoilt[i]++; spoilt[i] == '{' || spoilt[i] == '[' || spoilt[i] == ':' || spoilt[i] == '`' {
			spoilt[i] = 'A'
		}
		p, err := ParseJWT(string(spoilt))
		if err == nil {
			err = p.VerifyTrustingAlg(key.Public().Key)
		}
		if err == nil {
			t.Errorf("expected a proof with character %d changed not to verify: %s", i, spoilt)
		}
	}
}

// spoiltSignature is a good JWT with another signature.
func spoiltSignature(t *testing.T, key *Key, spoil func([]byte) []byte) *JWT {
	t.Helper()
	parsed := must(ParseJWT(must(Sign(Header{}, AccessToken{Subject: "berg"}, key))))
	check(t, parsed.VerifyTrustingAlg(key.Public().Key))
	parsed.signature = spoil(parsed.signature)
	return parsed
}

func TestSpoiltSignatures(t *testing.T) {
	zero := make([]byte, 32)
	order := elliptic.P256().Params().N.Bytes()
	for name, spoil := range map[string]func([]byte) []byte{
		"empty":             func([]byte) []byte { return nil },
		"one byte short":    func(s []byte) []byte { return s[:len(s)-1] },
		"one byte long":     func(s []byte) []byte { return append(s, 0) },
		"a zero before":     func(s []byte) []byte { return append([]byte{0}, s...) },
		"twice":             func(s []byte) []byte { return append(s, s...) },
		"all zero":          func(s []byte) []byte { return make([]byte, len(s)) },
		"all ones":          func(s []byte) []byte { return bytes.Repeat([]byte{0xff}, len(s)) },
		"first byte":        func(s []byte) []byte { s[0] ^= 1; return s },
		"last byte":         func(s []byte) []byte { s[len(s)-1] ^= 1; return s },
		"halves swapped":    func(s []byte) []byte { n := len(s) / 2; return append(append([]byte{}, s[n:]...), s[:n]...) },
		"r is zero":         func(s []byte) []byte { return append(append([]byte{}, zero...), s[len(s)-32:]...) },
		"s is zero":         func(s []byte) []byte { return append(append([]byte{}, s[:32]...), zero...) },
		"r is the order":    func(s []byte) []byte { return append(append([]byte{}, order...), s[len(s)-32:]...) },
		"s is the order":    func(s []byte) []byte { return append(append([]byte{}, s[:32]...), order...) },
		"r and s are the 1": func(s []byte) []byte { one := append(make([]byte, 31), 1); return append(one, one...) },
	} {
		for alg, key := range keys() {
			if err := spoiltSignature(t, key, spoil).VerifyTrustingAlg(key.Public().Key); err == nil {
				t.Errorf("%s, %s: expected it not to verify", alg, name)
			}
		}
	}
}

// ECDSA in ASN.1 is what other protocols use; a JWS has the fixed form only (RFC 7518 s3.4).
func TestASN1SignatureIsRefused(t *testing.T) {
	key := ecTestKey("ec")
	parsed := spoiltSignature(t, key, func([]byte) []byte { return must(key.private.Sign(nil, make([]byte, 32), crypto.SHA256)) })
	refused(t, parsed.VerifyTrustingAlg(key.Public().Key), "expected a signature of 64 octets")
}

func TestWrongKeys(t *testing.T) {
	signed := func(alg string) *JWT { return must(ParseJWT(must(AccessToken{}.Sign(keys()[alg])))) }
	p384 := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	weak := must(rsa.GenerateKey(rand.Reader, 1024))
	for name, test := range map[string]struct {
		jwt  *JWT
		key  crypto.PublicKey
		want string
	}{
		"ES256 on P-384":        {signed("ES256"), p384.Public(), `alg "ES256" cannot be verified with an EC P-384 key`},
		"ES256 with RSA":        {signed("ES256"), rsaTestKeys()["PS256"].Public().Key, "cannot be verified with an RSA key"},
		"PS256 with EC":         {signed("PS256"), ecTestKey("ec").Public().Key, "cannot be verified with an EC P-256 key"},
		"PS256 with Ed25519":    {signed("PS256"), keys()["EdDSA"].Public().Key, "cannot be verified with an Ed25519 key"},
		"PS256 with RSA-1024":   {signed("PS256"), weak.Public(), "2048 to 8192 bits, got 1024"},
		"PS256 with RSA-16384":  {signed("PS256"), &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 16383), E: 3}, "2048 to 8192 bits"},
		"Ed25519 with half":     {signed("EdDSA"), ed25519.PublicKey(make([]byte, 16)), "does not verify"},
		"with no key":           {signed("ES256"), nil, "cannot be verified with a <nil> key"},
		"with a secret":         {signed("ES256"), []byte("secret"), "cannot be verified with a []uint8 key"},
		"with the private half": {signed("ES256"), ecTestKey("ec").private, "cannot be verified with a *ecdsa.PrivateKey key"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, test.jwt.VerifyTrustingAlg(test.key), test.want) })
	}
}

// The header's alg must be the one the signature was made with, spelt as registered.
func TestRelabelled(t *testing.T) {
	for alg, key := range keys() {
		for _, claimed := range []string{"", "ES256", "PS256", "RS256", "EdDSA", "ES384", "RS512", "PS384", "es256", "NONE", "None", "hs256", "HS512"} {
			parsed := must(ParseJWT(must(Sign(Header{Alg: alg}, AccessToken{}, key))))
			parsed.Header.Alg = claimed
			if err := parsed.VerifyTrustingAlg(key.Public().Key); (claimed == alg) != (err == nil) {
				t.Errorf("%s relabelled %q: expected %v, got %v", alg, claimed, claimed == alg, err)
			}
		}
	}
	// Two registered names for the same thing (RFC 9864).
	parsed := must(ParseJWT(must(Sign(Header{Alg: "Ed25519"}, AccessToken{}, keys()["EdDSA"]))))
	check(t, parsed.VerifyTrustingAlg(keys()["EdDSA"].Public().Key))
}

// What the careless verifier is careless about, and CheckAlg is not.
func TestForgeries(t *testing.T) {
	for _, alg := range []string{"ES256", "PS256", "EdDSA"} {
		public := keys()[alg].Public()
		none := must(ParseJWT(must(ForgeUnsigned(Header{Typ: TypAccessToken}, AccessToken{Subject: "berg"}))))
		mac := must(ParseJWT(must(ForgeHMAC(Header{Typ: TypAccessToken, Kid: public.ID}, AccessToken{Subject: "berg"}, public))))
		for name, forged := range map[string]*JWT{"none": none, "HS256": mac} {
			if forged.Header.Alg != name || forged.Header.Typ != TypAccessToken {
				t.Errorf("expected alg %s, got %+v", name, forged.Header)
			}
			check(t, forged.VerifyTrustingAlg(public.Key))
			refused(t, forged.CheckAlg(Algorithms), name)
		}
		none.signature = []byte("x")
		refused(t, none.VerifyTrustingAlg(public.Key), "does not verify")
		refused(t, mac.VerifyTrustingAlg(ecTestKey("other").Public().Key), "does not verify")
	}
}

// Where there is no public key, an empty secret's empty MAC must not pass.
func TestForgeryWithoutAKey(t *testing.T) {
	for _, key := range []crypto.PublicKey{nil, "key", []byte("key")} {
		parsed := must(ParseJWT(compact(`{"alg":"HS256"}`, `{}`, "")))
		refused(t, parsed.VerifyTrustingAlg(key), "does not verify")
	}
}

func TestSignRefusesWhatHasNoJSON(t *testing.T) {
	key := ecTestKey("ec")
	for _, make := range []func(claims any) (string, error){
		func(claims any) (string, error) { return Sign(Header{}, claims, key) },
		func(claims any) (string, error) { return ForgeHMAC(Header{}, claims, key.Public()) },
		func(claims any) (string, error) { return ForgeUnsigned(Header{}, claims) },
		func(any) (string, error) { return Sign(Header{JWK: []byte("{")}, nil, key) },
	} {
		if made, err := make(func() {}); err == nil {
			t.Errorf("expected an error, got %q", made)
		}
	}
}

// Making is permissive: any header can be written, and what is left empty is left out.
func TestSignWritesAnyHeader(t *testing.T) {
	key := ecTestKey("ec")
	made := must(Sign(Header{Alg: "XX", JWK: key.PrivateJWK()}, Proof{}, key))
	parsed := must(ParseJWT(made))
	if parsed.Header.Alg != "XX" || !HasPrivate(parsed.Header.JWK) || string(parsed.Payload) != "{}" || strings.Contains(made, "typ") {
		t.Errorf("expected the header as it was given, got %+v over %s", parsed.Header, parsed.Payload)
	}
}
