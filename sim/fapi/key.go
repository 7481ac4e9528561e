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

	jose "github.com/go-jose/go-jose/v4"
)

// Key is a private key with its JOSE name and algorithm.
type Key struct {
	ID      string // kid
	Alg     string // ES256, PS256, RS256, EdDSA
	private crypto.Signer
	public  Public
	bareJWK json.RawMessage // without kid, alg and use: what a proof shows
}

// NewES256Key makes a P-256 key out of random bytes: the same bytes give the same key.
func NewES256Key(id string, random io.Reader) (*Key, error) {
	var scalar [32]byte
	for {
		if _, err := io.ReadFull(random, scalar[:]); err != nil {
			return nil, fmt.Errorf("reading randomness for key %q: %w", id, err)
		}
		// A scalar of zero or beyond the group order is refused; about one draw in 2^32 is.
		if private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:]); err == nil {
			return newKey(id, "ES256", private)
		}
	}
}

// NewRSAKey makes a 2048-bit RSA key for PS256 or RS256. It takes tens of milliseconds and cannot be
// seeded (crypto/rsa takes its randomness from the operating system), so make it late and keep it.
func NewRSAKey(id, alg string) (*Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	return newKey(id, alg, private)
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
	switch public.(type) {
	case *ecdsa.PublicKey:
		return []string{"ES256"}
	case *rsa.PublicKey:
		return []string{"PS256", "RS256"}
	case ed25519.PublicKey:
		return []string{"EdDSA", "Ed25519"}
	}
	return nil
}

func newKey(id, alg string, private crypto.Signer) (*Key, error) {
	bare, err := bareJWK(private.Public())
	if err != nil {
		return nil, err
	}
	public := newPublic(private.Public(), bare, id, alg, "sig")
	return &Key{ID: id, Alg: alg, private: private, public: *public, bareJWK: bare}, nil
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
