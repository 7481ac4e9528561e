package fapi

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	jose "github.com/go-jose/go-jose/v4"
)

// Key is a private key with its JOSE name and algorithm.
type Key struct {
	ID      string // kid
	Alg     string // ES256, PS256, RS256, EdDSA, …
	X5T     string // named in the header of what it signs, where it has a certificate; empty for none
	private crypto.Signer
	public  Public
	bareJWK json.RawMessage // without kid, alg and use: what a proof shows

	proofHeader func() string // of its proofs, encoded: the same in all of them
	memo        *Memo         // of what it has signed; nil for none
}

// Remembering returns the key with a memo of what it signs, for many worlds of one seed. Nil is none.
func (k *Key) Remembering(m *Memo) *Key {
	out := *k
	out.memo = m
	return &out
}

// NewES256Key makes a P-256 key out of random bytes: the same bytes give the same key.
func NewES256Key(id string, random io.Reader) (*Key, error) {
	return newECKey(id, elliptic.P256(), random)
}

// NewKey makes a key for any algorithm. Out of the same random bytes comes the same key, unless it is an
// RSA key: see NewRSAKey.
func NewKey(id, alg string, random io.Reader) (*Key, error) {
	switch alg {
	case "ES256":
		return NewES256Key(id, random)
	case "ES384":
		return newECKey(id, elliptic.P384(), random)
	case "ES512":
		return newECKey(id, elliptic.P521(), random)
	case "EdDSA", "Ed25519":
		var seed [ed25519.SeedSize]byte
		if _, err := io.ReadFull(random, seed[:]); err != nil {
			return nil, fmt.Errorf("reading randomness for key %q: %w", id, err)
		}
		return newKey(id, alg, ed25519.NewKeyFromSeed(seed[:]))
	}
	if !slices.Contains(rsaAlgorithms, alg) {
		return nil, fmt.Errorf("expected an algorithm for signatures, got %q", alg)
	}
	return NewRSAKey(id, alg)
}

func newECKey(id string, curve elliptic.Curve, random io.Reader) (*Key, error) {
	alg, _, size := ecAlgorithm(curve)
	scalar := make([]byte, size)
	for {
		if _, err := io.ReadFull(random, scalar); err != nil {
			return nil, fmt.Errorf("reading randomness for key %q: %w", id, err)
		}
		if size == octetsP521 {
			scalar[0] &= 1 // 521 bits, of which the first octet has one
		}
		// A scalar of zero or beyond the group order is refused; on P-256, about one draw in 2^32 is.
		if private, err := ecdsa.ParseRawPrivateKey(curve, scalar); err == nil {
			return newKey(id, alg, private)
		}
	}
}

// NewRSAKey makes a 2048-bit RSA key for an algorithm of the PS or RS family. It takes tens of milliseconds and cannot be
// seeded (crypto/rsa takes its randomness from the operating system), so make it late and keep it.
func NewRSAKey(id, alg string) (*Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	return newKey(id, alg, private)
}

// NewWeakKey makes an RSA key of 1024 bits for PS256, which SP 5.4.1 forbids and whoever checks refuses. Nothing here
// reads it back.
func NewWeakKey(id string) (*Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		return nil, err
	}
	return nameKey(id, "PS256", private, bareRSA(&private.PublicKey)), nil
}

// ParseKey reads a private JWK. Without an alg member, the algorithm follows from the type of key.
func ParseKey(jwk []byte) (*Key, error) {
	var k jose.JSONWebKey
	if err := json.Unmarshal(jwk, &k); err != nil {
		return nil, fmt.Errorf("not a JWK: %w", err)
	}
	private, ok := k.Key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("expected a private JWK (with the member d), got a %T", k.Key)
	}
	algs := algorithmsOf(private.Public())
	if k.Algorithm == "" && len(algs) > 0 {
		k.Algorithm = algs[0]
	}
	if len(algs) > 0 && !slices.Contains(algs, k.Algorithm) {
		return nil, fmt.Errorf("expected alg %s with a key of this type, got %q", strings.Join(algs, " or "), k.Algorithm)
	}
	return newKey(k.KeyID, k.Algorithm, private)
}

// algorithmsOf lists what a type of key can sign with, the usual one first.
func algorithmsOf(public crypto.PublicKey) []string {
	switch public := public.(type) {
	case *ecdsa.PublicKey:
		if alg, _, _ := ecAlgorithm(public.Curve); alg != "" {
			return []string{alg}
		}
	case *rsa.PublicKey:
		return rsaAlgorithms
	case ed25519.PublicKey:
		return []string{"EdDSA", "Ed25519"}
	}
	return nil
}

// NameKey names a private key that was made elsewhere.
func NameKey(id, alg string, private crypto.Signer) (*Key, error) { return newKey(id, alg, private) }

func newKey(id, alg string, private crypto.Signer) (*Key, error) {
	bare, err := bareJWK(private.Public())
	if err != nil {
		return nil, err
	}
	return nameKey(id, alg, private, bare), nil
}

func nameKey(id, alg string, private crypto.Signer, bare []byte) *Key {
	public := newPublic(private.Public(), bare, id, alg, "sig")
	k := &Key{ID: id, Alg: alg, private: private, public: *public, bareJWK: bare}
	k.proofHeader = sync.OnceValue(func() string {
		return b64(Header{Typ: TypProof, Alg: alg, JWK: bare}.compose(nil))
	})
	return k
}

// BareJWK is the public half without its name and use: what a proof shows.
func (k *Key) BareJWK() json.RawMessage { return k.bareJWK }

// Public returns the public half.
func (k *Key) Public() Public { return k.public }

// Thumbprint is the jkt of the key.
func (k *Key) Thumbprint() string { return k.public.Thumbprint }

// PrivateJWK writes the whole key as a JWK, for configuration files and for the stolen.
func (k *Key) PrivateJWK() json.RawMessage {
	b, err := json.Marshal(jose.JSONWebKey{Key: k.private, KeyID: k.ID, Algorithm: k.Alg, Use: "sig"})
	if err != nil {
		panic("fapi: cannot write a key that was made here: " + err.Error())
	}
	return b
}
