package fapi

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"testing"
	"time"

	"thiefbox/sim/dice"
)

// The benchmarks stand beside the cryptography they cannot avoid: compare raw with the rest.

const benchURL = "https://fhir.thiefbox.test/fhir/Patient/p01"

var benchNow = time.Unix(1_795_420_800, 0)

func benchKey() *Key { return must(NewES256Key("bench", dice.New(1))) }

func benchProof(key *Key) string {
	return must(NewProof("GET", benchURL, "an access token", benchNow, "0123456789abcdef0123456789abcdef").Sign(key))
}

func BenchmarkSign(b *testing.B) {
	key, digest := benchKey(), sha256.Sum256([]byte("x"))
	assertion := NewAssertion("ehr", "https://as.thiefbox.test", benchNow, time.Minute, "0123456789abcdef")
	b.Run("raw", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(key.private.Sign(nil, digest[:], crypto.SHA256))
		}
	})
	b.Run("assertion", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(assertion.Sign(key, ""))
		}
	})
	b.Run("proof", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			benchProof(key)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	key := benchKey()
	compact := benchProof(key)
	t := must(ParseJWT(compact))
	public, digest := key.public.Key.(*ecdsa.PublicKey), sha256.Sum256([]byte("x"))
	der := must(key.private.Sign(nil, digest[:], crypto.SHA256))
	b.Run("raw", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !ecdsa.VerifyASN1(public, digest[:], der) {
				b.Fatal("does not verify")
			}
		}
	})
	b.Run("jwt", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			check(b, t.VerifyTrustingAlg(public))
		}
	})
	b.Run("proof, parsed and verified", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p := must(ParseProof(compact))
			check(b, p.JWT.VerifyTrustingAlg(p.Key.Key))
		}
	})
}

func BenchmarkParse(b *testing.B) {
	key := benchKey()
	compact := benchProof(key)
	token := must(AccessToken{Issuer: "https://as.thiefbox.test", Subject: "berg", Audience: Audience{Values: []string{benchURL}},
		Expires: 1, JTI: "x", Confirmation: &Confirmation{JKT: key.Thumbprint()}}.Sign(key))
	parse := map[string]func(){
		"jwt":    func() { must(ParseJWT(token)) },
		"claims": func() { var a AccessToken; check(b, must(ParseJWT(token)).Claims(&a)) },
		"proof":  func() { must(ParseProof(compact)) },
		"jwk":    func() { must(ParsePublic(key.bareJWK)) },
		"uri":    func() { SameURI("HTTPS://fhir.thiefbox.test:443/fhir/Patient/p01", benchURL) },
	}
	for name, f := range parse {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}
