package fapi

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

var errSignature = errors.New("the signature does not verify with this key")

// VerifyTrustingAlg verifies the signature by whatever algorithm the header names, as careless
// libraries do: none needs no signature, and HS256 takes the key for its secret, a public one too (RFC 8725
// s2.1). It is safe only behind CheckAlg, and exists so that switching that control off shows what
// it is for.
func (t *JWT) VerifyTrustingAlg(key crypto.PublicKey) error {
	switch t.Header.Alg {
	case "none":
		return passed(len(t.signature) == 0)
	case "HS256":
		secret := secretOf(key)
		return passed(secret != nil && hmac.Equal(t.signature, macOf([]byte(t.input), secret)))
	}
	return t.verify(key)
}

// verify does what the algorithm says, with a key of its type and a size that SP 5.4.1 permits.
func (t *JWT) verify(key crypto.PublicKey) error {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		return t.verifyEC(key)
	case *rsa.PublicKey:
		return t.verifyRSA(key)
	case ed25519.PublicKey:
		if alg := t.Header.Alg; alg != "EdDSA" && alg != "Ed25519" {
			return wrongKey(alg, "an Ed25519")
		}
		return passed(len(key) == ed25519.PublicKeySize && ed25519.Verify(key, []byte(t.input), t.signature))
	}
	return wrongKey(t.Header.Alg, fmt.Sprintf("a %T", key))
}

// verifyEC takes the fixed form of RFC 7518 s3.4, r and s of as many octets as a coordinate, and no other.
func (t *JWT) verifyEC(key *ecdsa.PublicKey) error {
	alg, hash, size := ecAlgorithm(key.Curve)
	if t.Header.Alg != alg || alg == "" {
		return wrongKey(t.Header.Alg, "an EC "+key.Curve.Params().Name)
	}
	if len(t.signature) != 2*size {
		return fmt.Errorf("expected a signature of %d octets, got %d: %w", 2*size, len(t.signature), errSignature)
	}
	var room [sha512.Size]byte
	return passed(ecdsa.VerifyASN1(key, t.digest(hash, &room), asn1ECDSA(t.signature)))
}

func (t *JWT) verifyRSA(key *rsa.PublicKey) error {
	if err := checkRSASize(key); err != nil {
		return err
	}
	hash, pss := rsaAlgorithm(t.Header.Alg)
	if hash == 0 {
		return wrongKey(t.Header.Alg, "an RSA")
	}
	var room [sha512.Size]byte
	digest := t.digest(hash, &room)
	if pss {
		return passed(rsa.VerifyPSS(key, hash, digest, t.signature, pssOptions) == nil)
	}
	return passed(rsa.VerifyPKCS1v15(key, hash, digest, t.signature) == nil)
}

func passed(ok bool) error {
	if !ok {
		return errSignature
	}
	return nil
}

func wrongKey(alg, kind string) error {
	return fmt.Errorf("a signature with alg %q cannot be verified with %s key", alg, kind)
}

// secretOf is what HS256 takes for its secret when it is handed a key: the PEM form of a public one, and a
// symmetric one as it is. It is nil for anything else.
func secretOf(key crypto.PublicKey) []byte {
	if secret, ok := key.(symmetric); ok {
		return secret
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func macOf(input, secret []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(input)
	return mac.Sum(nil)
}
