package fapi

import (
	"crypto"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"slices"
	"strings"
)

// What can be read is more than what is permitted: a key or a signature of any family below is read and
// verified, so that whoever checks can refuse it by name. Only what none of them covers is malformed.

// Algorithms that FAPI 2.0 SP 5.4.1 permits. Ed25519 is the fully specified name (RFC 9864) that
// some libraries write instead of EdDSA.
var Algorithms = []string{"PS256", "ES256", "EdDSA", "Ed25519"}

// NationalAlgorithms are those that HelseID takes from clients, in assertions, request objects and proofs.
var NationalAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}

// AlgorithmsNamed returns a list by the name that a dialect gives it: "national", or FAPI 2.0's.
func AlgorithmsNamed(name string) []string {
	if name == "national" {
		return NationalAlgorithms
	}
	return Algorithms
}

// Of keys on curves.
const (
	octetsP256 = 32
	octetsP384 = 48
	octetsP521 = 66
)

// curveNamed finds a curve by its name in a JWK (RFC 7518 s6.2.1.1); nil if it is none of these.
func curveNamed(crv string) elliptic.Curve {
	switch crv {
	case "P-256":
		return elliptic.P256()
	case "P-384":
		return elliptic.P384()
	case "P-521":
		return elliptic.P521()
	}
	return nil
}

// ecAlgorithm is the one algorithm of a curve, its hash, and how many octets a coordinate has (RFC 7518
// s3.4). The name is empty for a curve without one.
func ecAlgorithm(c elliptic.Curve) (alg string, hash crypto.Hash, octets int) {
	switch c {
	case elliptic.P256():
		return "ES256", crypto.SHA256, octetsP256
	case elliptic.P384():
		return "ES384", crypto.SHA384, octetsP384
	case elliptic.P521():
		return "ES512", crypto.SHA512, octetsP521
	}
	return "", 0, 0
}

// rsaAlgorithm is the hash of an RSA algorithm, and whether it is of the PSS family (RFC 7518 s3.3, s3.5).
// The hash is zero for any other algorithm.
func rsaAlgorithm(alg string) (hash crypto.Hash, pss bool) {
	if i := slices.Index(rsaAlgorithms, alg); i >= 0 {
		return [...]crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512}[i%3], strings.HasPrefix(alg, "PS")
	}
	return 0, false
}

// rsaAlgorithms begins with the usual one.
var rsaAlgorithms = []string{"PS256", "PS384", "PS512", "RS256", "RS384", "RS512"}

// digestOf hashes into room that the caller has, which keeps it off the heap.
func digestOf(hash crypto.Hash, input []byte, room *[sha512.Size]byte) []byte {
	switch hash {
	case crypto.SHA384:
		sum := sha512.Sum384(input)
		return append(room[:0], sum[:]...)
	case crypto.SHA512:
		sum := sha512.Sum512(input)
		return append(room[:0], sum[:]...)
	}
	sum := sha256.Sum256(input)
	return append(room[:0], sum[:]...)
}

// digest is digestOf for a token as it came.
func (t *JWT) digest(hash crypto.Hash, room *[sha512.Size]byte) []byte {
	if hash == crypto.SHA256 {
		sum := digest(t.input)
		return append(room[:0], sum[:]...)
	}
	return digestOf(hash, []byte(t.input), room)
}
