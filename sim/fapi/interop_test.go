package fapi

import (
	"bytes"
	"crypto"
	"encoding/json"
	"testing"

	jose "github.com/go-jose/go-jose/v4"
)

// Everything made here is held against go-jose, and everything go-jose makes against the readers here.

func TestJoseVerifiesOurs(t *testing.T) {
	for alg, key := range keys() {
		t.Run(alg, func(t *testing.T) {
			made, err := Sign(Header{Typ: "at+jwt", Kid: key.ID}, AccessToken{Subject: "berg"}, key)
			check(t, err)
			jws, err := jose.ParseSignedCompact(made, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
			check(t, err)
			payload, err := jws.Verify(key.Public().Key)
			check(t, err)
			if string(payload) != `{"sub":"berg"}` || jws.Signatures[0].Header.KeyID != key.ID {
				t.Errorf("expected berg's token under key %s, got %s under %+v", key.ID, payload, jws.Signatures[0].Header)
			}
		})
	}
}

// A proof, whose key go-jose takes from the header.
func TestJoseVerifiesOurProof(t *testing.T) {
	for alg, key := range keys() {
		jws, err := jose.ParseSignedCompact(must(NewProof("GET", "https://a.test/", "", now, "1").Sign(key)), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
		check(t, err)
		shown := jws.Signatures[0].Header.JSONWebKey
		if !shown.IsPublic() || shown.KeyID != "" || shown.Algorithm != "" {
			t.Errorf("%s: expected a bare public key, got %+v", alg, shown)
		}
		_, err = jws.Verify(shown)
		check(t, err)
	}
}

func TestWeVerifyJoses(t *testing.T) {
	for alg, key := range keys() {
		t.Run(alg, func(t *testing.T) {
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: key.private},
				(&jose.SignerOptions{EmbedJWK: true}).WithType(TypProof))
			check(t, err)
			jws, err := signer.Sign([]byte(`{"jti":"1","htm":"GET","iat":5}`))
			check(t, err)
			p, err := ParseProof(must(jws.CompactSerialize()))
			check(t, err)
			check(t, p.JWT.CheckTyp(TypProof))
			check(t, p.JWT.CheckAlg([]string{alg}))
			check(t, p.JWT.VerifyTrustingAlg(p.Key.Key))
			if p.Key.Thumbprint != key.Thumbprint() || p.Claims != (Proof{JTI: "1", HTM: "GET", IAT: 5}) {
				t.Errorf("expected key %s and the claims, got %+v", key.Thumbprint(), p)
			}
		})
	}
}

func TestJWKsAgree(t *testing.T) {
	for alg, key := range keys() {
		t.Run(alg, func(t *testing.T) {
			var theirs jose.JSONWebKey
			check(t, json.Unmarshal(key.Public().JWK, &theirs))
			print := must(theirs.Thumbprint(crypto.SHA256))
			if b64(print) != key.Thumbprint() || theirs.KeyID != key.ID || theirs.Algorithm != alg || theirs.Use != "sig" || !theirs.IsPublic() {
				t.Errorf("expected public key %s of %s with the thumbprint %s, got %+v, %s", key.ID, alg, key.Thumbprint(), theirs, b64(print))
			}
			ours, err := ParsePublic(must(theirs.MarshalJSON()))
			check(t, err)
			if ours.Thumbprint != key.Thumbprint() || ours.ID != key.ID || ours.Alg != alg || !bytes.Equal(ours.JWK, key.Public().JWK) {
				t.Errorf("expected %s, got %s", key.Public().JWK, ours.JWK)
			}
			back, err := ParseKey(must(jose.JSONWebKey{Key: key.private, KeyID: key.ID, Algorithm: alg}.MarshalJSON()))
			check(t, err)
			if back.Thumbprint() != key.Thumbprint() || back.ID != key.ID || back.Alg != alg {
				t.Errorf("expected the key back, got %+v", back)
			}
		})
	}
}
