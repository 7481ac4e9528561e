package fapi

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/json"
	"fmt"
)

// Sign makes a compact JWS of claims. An empty Alg is filled in from the key.
func Sign(h Header, claims any, key *Key) (string, error) {
	if h.Alg == "" {
		h.Alg = key.Alg
	}
	input, err := signingInput(h, claims)
	if err != nil {
		return "", err
	}
	return key.signed(h.Alg, input)
}

// signed adds the signature to its input.
func (k *Key) signed(alg string, input []byte) (string, error) {
	sig, err := k.sign(alg, input)
	if err != nil {
		return "", err
	}
	return string(appendB64(append(input, '.'), sig)), nil
}

// ForgeUnsigned makes a JWS with alg none and no signature.
func ForgeUnsigned(h Header, claims any) (string, error) {
	h.Alg = "none"
	input, err := signingInput(h, claims)
	return string(input) + ".", err
}

// ForgeHMAC makes a JWS whose HS256 secret is the PEM form of a public key: what a verifier accepts
// that hands its public key to whatever algorithm the header names (RFC 8725 s2.1).
func ForgeHMAC(h Header, claims any, public Public) (string, error) {
	h.Alg = "HS256"
	input, err := signingInput(h, claims)
	if err != nil {
		return "", err
	}
	return string(input) + "." + b64(hmacWithPublicKey(input, public.Key)), nil
}

func signingInput(h Header, claims any) (input []byte, err error) {
	var header, payload []byte
	if len(h.JWK) == 0 {
		header = h.compose()
	} else if header, err = json.Marshal(h); err != nil {
		return nil, err
	}
	if ours, ok := claims.(interface{ compose() []byte }); ok {
		payload = ours.compose()
	} else if payload, err = json.Marshal(claims); err != nil {
		return nil, err
	}
	return joined(header, payload), nil
}

// joined leaves room for a signature with ES256.
func joined(header, payload []byte) []byte {
	input := make([]byte, 0, strictB64.EncodedLen(len(header))+1+strictB64.EncodedLen(len(payload))+1+86)
	return appendB64(append(appendB64(input, header), '.'), payload)
}

// pssOptions is what RFC 7518 s3.5 asks for: a salt as long as the hash.
var pssOptions = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}

// sign makes deterministic signatures where the algorithm has them: ECDSA by RFC 6979 (a nil random
// source), so that a run repeats to the byte. PSS salts itself from the operating system.
func (k *Key) sign(alg string, input []byte) ([]byte, error) {
	var room [sha512.Size]byte
	switch private := k.private.(type) {
	case *ecdsa.PrivateKey:
		_, hash, size := ecAlgorithm(private.Curve)
		der, err := private.Sign(nil, digestOf(hash, input, &room), hash)
		if err != nil {
			return nil, err
		}
		return rawECDSA(der, size)
	case *rsa.PrivateKey:
		hash, pss := rsaAlgorithm(alg)
		switch {
		case hash == 0:
			return nil, fmt.Errorf("expected an RSA algorithm for an RSA key, got %q", alg)
		case pss:
			return rsa.SignPSS(rand.Reader, private, hash, digestOf(hash, input, &room), pssOptions)
		}
		return rsa.SignPKCS1v15(nil, private, hash, digestOf(hash, input, &room))
	case ed25519.PrivateKey:
		return ed25519.Sign(private, input), nil
	}
	return nil, fmt.Errorf("cannot sign with a %T", k.private)
}

// SignRaw makes a compact JWS of a header that change has had its way with, which may leave out what every
// JOSE header has. The signature is right.
func SignRaw(key *Key, change func(header map[string]json.RawMessage), h Header, claims any) (string, error) {
	if h.Alg == "" {
		h.Alg = key.Alg
	}
	plain, err := json.Marshal(h)
	if err != nil {
		return "", err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(plain, &members); err != nil {
		return "", err
	}
	change(members)
	header, err := json.Marshal(members)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	return key.signed(h.Alg, joined(header, payload))
}
