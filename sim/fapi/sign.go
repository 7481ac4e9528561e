package fapi

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"sync"
)

// Sign makes a compact JWS of claims. An empty Alg is filled in from the key.
func Sign(h Header, claims any, key *Key) (string, error) {
	if h.Alg == "" {
		h.Alg = key.Alg
	}
	if h.X5T == "" {
		h.X5T = key.X5T
	}
	w := workbenches.Get().(*workbench)
	defer workbenches.Put(w)
	if err := w.write(h, claims); err != nil {
		return "", err
	}
	return w.signed(h.Alg, key)
}

// ForgeUnsigned makes a JWS with alg none and no signature.
func ForgeUnsigned(h Header, claims any) (string, error) {
	h.Alg = "none"
	var w workbench
	err := w.write(h, claims)
	return string(w.input) + ".", err
}

// ForgeHMAC makes a JWS whose HS256 secret is the PEM form of a public key: what a verifier accepts
// that hands its public key to whatever algorithm the header names (RFC 8725 s2.1).
func ForgeHMAC(h Header, claims any, public Public) (string, error) {
	return ForgeHMACWith(h, claims, secretOf(public.Key))
}

// ForgeHMACWith is ForgeHMAC with a secret of the forger's choosing: a client_id, a key of his own, or nothing.
func ForgeHMACWith(h Header, claims any, secret []byte) (string, error) {
	h.Alg = "HS256"
	var w workbench
	if err := w.write(h, claims); err != nil {
		return "", err
	}
	return string(w.input) + "." + b64(macOf(w.input, secret)), nil
}

// workbench is where a JWS is put together. Only the finished text leaves it, so it is used again.
type workbench struct {
	json  []byte // of the part that is being written
	input []byte // of the signature (RFC 7515 s5.1)
}

var workbenches = sync.Pool{New: func() any {
	return &workbench{make([]byte, 0, 1<<10), make([]byte, 0, 2<<10)}
}}

// write puts down the input of the signature.
func (w *workbench) write(h Header, claims any) (err error) {
	header := w.json[:0]
	if len(h.JWK) == 0 {
		header = h.compose(header)
	} else if header, err = json.Marshal(h); err != nil {
		return err
	}
	w.input = appendB64(w.input[:0], header)
	return w.payload(claims)
}

// payload adds the claims to the header.
func (w *workbench) payload(claims any) (err error) {
	payload := w.json[:0]
	if ours, ok := claims.(interface{ compose([]byte) []byte }); ok {
		payload = ours.compose(payload)
	} else if payload, err = json.Marshal(claims); err != nil {
		return err
	}
	w.input = appendB64(append(w.input, '.'), payload)
	return nil
}

// signed adds the signature to its input.
func (w *workbench) signed(alg string, key *Key) (string, error) {
	sig, err := key.memo.sign(key, alg, w.input)
	if err != nil {
		return "", err
	}
	w.input = appendB64(append(w.input, '.'), sig)
	return string(w.input), nil
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
	w := workbench{input: appendB64(nil, header)}
	if err := w.payload(claims); err != nil {
		return "", err
	}
	return w.signed(h.Alg, key)
}
