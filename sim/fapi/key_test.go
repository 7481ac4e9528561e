package fapi

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"strings"
	"testing"

	jose "github.com/go-jose/go-jose/v4"
	"thiefbox/sim/dice"
)

// Equal dice make equal keys, and equal keys equal signatures: a run repeats to the byte.
func TestDeterminism(t *testing.T) {
	make := func(seed uint64) (jwk, proof string) {
		key := must(NewES256Key("k", dice.New(seed)))
		return string(key.PrivateJWK()), must(NewProof("GET", "https://a.test/", "t", now, "1").Sign(key))
	}
	jwk, proof := make(1)
	for range 3 {
		if j, p := make(1); j != jwk || p != proof {
			t.Fatalf("expected %s and %s again, got %s and %s", jwk, proof, j, p)
		}
	}
	if j, p := make(2); j == jwk || p == proof {
		t.Error("expected another seed to make another key")
	}
	ed := keys()["EdDSA"]
	if a, b := must(AccessToken{}.Sign(ed)), must(AccessToken{}.Sign(ed)); a != b {
		t.Error("expected Ed25519 signatures to repeat")
	}
}

// A key of every algorithm comes out of random bytes, the same out of the same but for RSA.
func TestNewKey(t *testing.T) {
	for _, alg := range []string{"ES256", "ES384", "ES512", "EdDSA", "Ed25519", "RS384"} {
		key, again := must(NewKey("k", alg, dice.New(1))), must(NewKey("k", alg, dice.New(1)))
		if key.Alg != alg || key.ID != "k" || alg != "RS384" && key.Thumbprint() != again.Thumbprint() {
			t.Errorf("%s: expected the same key twice, got %+v and %+v", alg, key.Public(), again.Public())
		}
		_, err := NewKey("k", alg, bytes.NewReader(nil))
		if alg != "RS384" {
			refused(t, err, "reading randomness")
		}
	}
	_, err := NewKey("k", "HS256", dice.New(1))
	refused(t, err, `expected an algorithm for signatures, got "HS256"`)
}

func TestNewES256KeyDrawsAgain(t *testing.T) {
	// The order of the group, and zero, are no private keys; the third draw is.
	order := elliptic.P256().Params().N.Bytes()
	random := bytes.NewReader(append(append(order, make([]byte, 32)...), bytes.Repeat([]byte{7}, 32)...))
	key, err := NewES256Key("k", random)
	check(t, err)
	if !strings.Contains(string(key.PrivateJWK()), b64(bytes.Repeat([]byte{7}, 32))) {
		t.Errorf("expected the third draw, got %s", key.PrivateJWK())
	}
	_, err = NewES256Key("k", bytes.NewReader(order))
	refused(t, err, `reading randomness for key "k"`)
}

func TestPrivateJWKRoundTrip(t *testing.T) {
	for alg, key := range keys() {
		back, err := ParseKey(key.PrivateJWK())
		check(t, err)
		if back.ID != key.ID || back.Alg != alg || back.Thumbprint() != key.Thumbprint() || !bytes.Equal(back.PrivateJWK(), key.PrivateJWK()) {
			t.Errorf("%s: expected the same key back", alg)
		}
		if !HasPrivate(key.PrivateJWK()) || HasPrivate(key.Public().JWK) || HasPrivate(key.bareJWK) {
			t.Errorf("%s: expected the private JWK alone to be private", alg)
		}
	}
}

func TestParseKey(t *testing.T) {
	ec := string(ecTestKey("ec").PrivateJWK())
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	weak := must(rsa.GenerateKey(rand.Reader, 1024))
	jwk := func(key any) string { return string(must(jose.JSONWebKey{Key: key}.MarshalJSON())) }
	_, err := newKey("k", "ES224", p224) // go-jose has no such curve
	refused(t, err, "P-256, P-384 or P-521, got one on P-224")
	for name, test := range map[string]struct{ jwk, want string }{
		"not JSON":            {"key", "not a JWK"},
		"a public key":        {string(ecTestKey("ec").Public().JWK), "expected a private JWK"},
		"a symmetric key":     {`{"kty":"oct","k":"AAAA"}`, "expected a private JWK"},
		"a foreign algorithm": {strings.Replace(ec, "ES256", "RS256", 1), `expected alg ES256 with a key of this type, got "RS256"`},
		"RSA of 1024 bits":    {jwk(weak), "2048"},
		"a name twice":        {strings.Replace(ec, `{`, `{"kid":"x",`, 1), "kid"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseKey([]byte(test.jwk))
			refused(t, err, test.want)
		})
	}
}

func TestParseKeyDefaultAlg(t *testing.T) {
	for alg, key := range keys() {
		if strings.HasPrefix(alg, "RS") || alg == "PS384" {
			continue // the same key as PS256, which is the default
		}
		back, err := ParseKey(must(jose.JSONWebKey{Key: key.private}.MarshalJSON()))
		check(t, err)
		if back.Alg != alg || back.ID != "" {
			t.Errorf("expected alg %s and no id, got %s and %q", alg, back.Alg, back.ID)
		}
	}
}

func TestRawECDSARefuses(t *testing.T) {
	for _, der := range []string{"", "3000", "3006020101", "04420000"} {
		for _, size := range []int{octetsP256, octetsP384, octetsP521} {
			if _, err := rawECDSA(must(hex.DecodeString(der)), size); err == nil {
				t.Errorf("%s: expected an error", der)
			}
		}
	}
}

// A key that is none of ours signs nothing.
func TestSignWithAForeignKey(t *testing.T) {
	_, err := Sign(Header{}, Proof{}, &Key{private: foreignSigner{}})
	refused(t, err, "cannot sign with")
}

type foreignSigner struct{ crypto.Signer }
