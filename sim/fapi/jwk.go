package fapi

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"

	jose "github.com/go-jose/go-jose/v4"
)

// Public is the public half of a key, as published in a JWK Set or shown in a proof.
type Public struct {
	JWK        json.RawMessage // public members only
	Thumbprint string          // RFC 7638 with SHA-256, base64url: the jkt of RFC 9449 s6.1
	Key        crypto.PublicKey
	ID         string // kid
	Alg        string // alg member, may be empty
}

// ParsePublic reads a JWK that shows a public key for signatures: EC on P-256, P-384 or P-521, RSA of 2048
// bits or more (SP 5.4.1), or Ed25519. Which of them may be used is for CheckAlg to say. A private member is not refused here (HasPrivate tells): refusing it is
// a control, and a server without that control would not notice.
//
// Every proof brings its JWK along, so this is read by hand: go-jose takes four times as long over it,
// and also takes padded base64 and members that stand twice. A fuzz test holds the two together. The JWK and the key
// are for reading: see lately.
func ParsePublic(jwk []byte) (*Public, error) {
	known, ok := publics.get(jwk)
	if !ok {
		text := string(jwk)
		read, err := parsePublic(text)
		if err != nil {
			return nil, err
		}
		publics.put(text, read)
		known = read
	}
	public := *known
	return &public, nil
}

func parsePublic(jwk string) (*Public, error) {
	s := newScanner(jwk)
	defer s.done()
	o, err := s.onlyObject()
	if err != nil {
		return nil, fmt.Errorf("not a JWK: %w", err)
	}
	return publicOf(o)
}

func publicOf(o object) (*Public, error) {
	var err error
	text := func(name string) (s string) {
		if err == nil {
			s, err = o.text(name)
		}
		return s
	}
	kty, crv, use, kid, alg := text("kty"), text("crv"), text("use"), text("kid"), text("alg")
	if err != nil {
		return nil, fmt.Errorf("not a JWK: %w", err)
	}
	if use != "" && use != "sig" { // RFC 7517 s4.2
		return nil, fmt.Errorf("expected a JWK for signatures (use sig), got use %q", use)
	}
	key, bare, err := keyOf(kty, crv, o)
	if err != nil {
		return nil, fmt.Errorf("not a JWK of a key that can be used: %w", err)
	}
	if bare == nil {
		if bare, err = bareJWK(key); err != nil {
			return nil, err
		}
	}
	return newPublic(key, bare, kid, alg, use), nil
}

// keyOf also returns the bare JWK where it has it at hand.
func keyOf(kty, crv string, o object) (key crypto.PublicKey, bare []byte, err error) {
	switch {
	case kty == "EC" && curveNamed(crv) != nil:
		return ecKey(o, curveNamed(crv))
	case kty == "RSA":
		key, err = rsaKey(o)
		return key, nil, err
	case kty == "OKP" && crv == "Ed25519":
		x, err := octets(o, "x", ed25519.PublicKeySize)
		return ed25519.PublicKey(x), nil, err
	}
	return nil, nil, fmt.Errorf("expected kty EC with crv P-256, P-384 or P-521, kty RSA, or kty OKP with crv Ed25519, got kty %q with crv %q", kty, crv)
}

// ecKey reads RFC 7518 s6.2.1. Whether the point is on the curve is checked by crypto/ecdsa.
func ecKey(o object, curve elliptic.Curve) (crypto.PublicKey, []byte, error) {
	_, _, size := ecAlgorithm(curve)
	point := append(make([]byte, 0, 1+2*size), 4)
	for _, coordinate := range []string{"x", "y"} {
		var err error
		if point, err = appendOctets(point, o, coordinate, size); err != nil {
			return nil, nil, err
		}
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, nil, err
	}
	return key, ecJWK(curve.Params().Name, point), nil
}

// rsaKey reads RFC 7518 s6.3.1.
func rsaKey(o object) (crypto.PublicKey, error) {
	n, err := octets(o, "n", 0)
	if err != nil {
		return nil, err
	}
	e, err := octets(o, "e", 0)
	if err != nil {
		return nil, err
	}
	// Base64urlUInt has no leading zero, else one key would have many thumbprints.
	if n[0] == 0 || e[0] == 0 {
		return nil, fmt.Errorf("expected n and e without leading zero octets")
	}
	exponent := new(big.Int).SetBytes(e)
	if exponent.BitLen() > 31 || exponent.Int64() < 3 || exponent.Bit(0) == 0 {
		return nil, fmt.Errorf("expected e to be an odd number from 3 to 2^31, got %s", exponent)
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}, nil
}

// octets reads a base64url member of the given length; 0 is any but empty.
func octets(o object, name string, length int) ([]byte, error) {
	return appendOctets(nil, o, name, length)
}

// appendOctets is octets into a buffer of the caller's.
func appendOctets(to []byte, o object, name string, length int) ([]byte, error) {
	s, err := o.text(name)
	if err != nil {
		return nil, err
	}
	b, err := appendUnb64(to, name, s)
	if err != nil {
		return nil, err
	}
	if got := len(b) - len(to); got == 0 || length != 0 && got != length {
		return nil, fmt.Errorf("expected %s to be %d octets long, got %d", name, max(length, 1), got)
	}
	return b, nil
}

// newPublic writes the JWK of a key and names it by its thumbprint.
func newPublic(key crypto.PublicKey, bare []byte, kid, alg, use string) *Public {
	print := sha256.Sum256(bare)
	p := &Public{JWK: bare, Thumbprint: b64(print[:]), Key: key, ID: kid, Alg: alg}
	if kid != "" || alg != "" || use != "" {
		p.JWK = withNames(bare, kid, alg, use)
	}
	return p
}

// bareJWK writes the members that make the key and no others, in the order of RFC 7638 s3: as a JWK
// it is what a proof shows, and its hash is the thumbprint. Keys too weak for SP 5.4.1 are refused.
func bareJWK(key crypto.PublicKey) ([]byte, error) {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		name := key.Curve.Params().Name
		if curveNamed(name) != key.Curve {
			return nil, fmt.Errorf("expected an EC key on P-256, P-384 or P-521, got one on %s", name)
		}
		point, err := key.Bytes()
		if err != nil {
			return nil, err
		}
		return ecJWK(name, point), nil
	case *rsa.PublicKey:
		if err := checkRSASize(key); err != nil {
			return nil, err
		}
		return bareRSA(key), nil
	case ed25519.PublicKey:
		// With a point of low order anybody makes signatures; go-jose has the list of them.
		if _, err := (&jose.JSONWebKey{Key: key}).Thumbprint(crypto.SHA256); err != nil {
			return nil, err
		}
		return []byte(`{"crv":"Ed25519","kty":"OKP","x":"` + b64(key) + `"}`), nil
	}
	return nil, fmt.Errorf("expected an EC, RSA or Ed25519 key, got %T", key)
}

func bareRSA(key *rsa.PublicKey) []byte {
	e := big.NewInt(int64(key.E)).Bytes()
	return []byte(`{"e":"` + b64(e) + `","kty":"RSA","n":"` + b64(key.N.Bytes()) + `"}`)
}

// ecJWK writes the bare JWK of a point in its uncompressed form: 4, x, y.
func ecJWK(curve string, point []byte) []byte {
	jwk := append(make([]byte, 0, 144), `{"crv":"`...)
	jwk = append(append(jwk, curve...), `","kty":"EC","x":"`...)
	middle := 1 + len(point)/2
	jwk = appendB64(jwk, point[1:middle])
	return append(appendB64(append(jwk, `","y":"`...), point[middle:]), `"}`...)
}

// withNames adds the members that name a key and its purpose.
func withNames(bare []byte, kid, alg, use string) json.RawMessage {
	var c composer
	c.text("use", use)
	c.text("kid", kid)
	c.text("alg", alg)
	return append(append(c.b, ','), bare[1:]...)
}

// checkRSASize demands what SP 5.4.1 does. The upper bound is that of crypto/tls: in a proof it is a
// stranger who chooses how much work the modulus makes.
func checkRSASize(key *rsa.PublicKey) error {
	if bits := key.N.BitLen(); bits < 2048 || bits > 8192 {
		return fmt.Errorf("expected an RSA key of 2048 to 8192 bits, got %d", bits)
	}
	return nil
}

// HasPrivate tells whether a JWK carries private or symmetric key material (RFC 9449 s4.3-7): the
// private members of RFC 7518 s6 and RFC 8037. A member that is there counts, whatever its value.
func HasPrivate(jwk []byte) bool { return hasPrivate(string(jwk)) }

func hasPrivate(jwk string) bool {
	s := newScanner(jwk)
	defer s.done()
	if s.peek() != '{' {
		return false
	}
	members := s.object()
	if !s.ended() {
		return false
	}
	for _, m := range members {
		switch m.name {
		case "d", "p", "q", "dp", "dq", "qi", "oth", "k":
			return true
		}
	}
	return false
}
