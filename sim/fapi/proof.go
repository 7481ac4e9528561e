package fapi

import (
	"fmt"
	"time"
)

// TypProof is the typ of a DPoP proof (RFC 9449 s4.2).
const TypProof = "dpop+jwt"

// Proof is the claims of a DPoP proof (RFC 9449 s4.2). Members left empty are left out, so that a
// proof can be spoiled one member at a time.
type Proof struct {
	JTI   string `json:"jti,omitempty"`
	HTM   string `json:"htm,omitempty"`
	HTU   string `json:"htu,omitempty"`
	IAT   int64  `json:"iat,omitempty"`
	ATH   string `json:"ath,omitempty"`
	Nonce string `json:"nonce,omitempty"`
}

// NewProof returns the claims of a proof for one request. token is the access token it goes with,
// empty at the authorization server. The URL loses its query and fragment (s4.2).
func NewProof(method, rawURL, token string, now time.Time, jti string) Proof {
	p := Proof{JTI: jti, HTM: method, HTU: WithoutQuery(rawURL), IAT: now.Unix()}
	if token != "" {
		p.ATH = Hash(token)
	}
	return p
}

// Sign makes the proof, showing the public half of key.
func (p Proof) Sign(key *Key) (string, error) {
	w := workbenches.Get().(*workbench)
	defer workbenches.Put(w)
	w.input = append(w.input[:0], key.proofHeader()...)
	if err := w.payload(p); err != nil {
		return "", err
	}
	return w.signed(key.Alg, key)
}

// ReceivedProof is a proof taken apart. Nothing about it is checked but its form: one well-formed JWT
// with a jwk header that shows a key. A symmetric one is no public key, and the checks of its algorithm and of
// private members say so (RFC 9449 s4.3-5, -7); a server without them goes by it.
type ReceivedProof struct {
	JWT    *JWT
	Claims Proof
	Key    *Public
}

// ParseProof takes a proof apart (RFC 9449 s4.3-2).
func ParseProof(compact string) (*ReceivedProof, error) {
	t, err := ParseJWT(compact)
	if err != nil {
		return nil, err
	}
	r := &ReceivedProof{JWT: t}
	if r.Claims, err = readProof(t.claims); err != nil {
		return nil, fmt.Errorf("JWT claims: %w", err)
	}
	if len(t.Header.JWK) == 0 {
		return nil, fmt.Errorf("expected the proof to show its public key in the header jwk, got none")
	}
	if r.Key, err = shownKey(string(t.Header.JWK)); err != nil {
		return nil, err
	}
	return r, nil
}

// readProof decodes the claims without reflection, since it is done at every request.
func readProof(claims object) (p Proof, err error) {
	for _, m := range [...]struct {
		name string
		into *string
	}{{"jti", &p.JTI}, {"htm", &p.HTM}, {"htu", &p.HTU}, {"ath", &p.ATH}, {"nonce", &p.Nonce}} {
		if *m.into, err = claims.text(m.name); err != nil {
			return p, err
		}
	}
	if iat := claims.get("iat"); iat != "" {
		if p.IAT, err = readDate("iat", iat); err != nil {
			return p, err
		}
	}
	return p, nil
}

// symmetric is a key that a sender and a receiver share: kty oct (RFC 7518 s6.4).
type symmetric []byte

// shownKey is ParsePublic, and takes a symmetric key, too. That one has no public half to show again.
func shownKey(jwk string) (*Public, error) {
	o, err := parseObject(jwk)
	if err != nil {
		return nil, fmt.Errorf("not a JWK: %w", err)
	}
	if kty, err := o.text("kty"); err != nil || kty != "oct" {
		return publicOf(o)
	}
	k, err := octets(o, "k", 0)
	if err != nil {
		return nil, fmt.Errorf("not a JWK of a key that can be used: %w", err)
	}
	return &Public{Key: symmetric(k), Thumbprint: Hash(`{"k":"` + b64(k) + `","kty":"oct"}`)}, nil // RFC 7638 s3.2
}
