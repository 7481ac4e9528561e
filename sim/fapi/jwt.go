package fapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	strictjson "github.com/go-jose/go-jose/v4/json"
)

// Header is a JOSE header as thiefbox writes it. Members left empty are left out.
type Header struct {
	Typ string          `json:"typ,omitempty"`
	Alg string          `json:"alg,omitempty"`
	Kid string          `json:"kid,omitempty"`
	X5T string          `json:"x5t,omitempty"` // RFC 7515 s4.1.7
	JWK json.RawMessage `json:"jwk,omitempty"`
}

// JWT is a compact JWS taken apart. Its signature is not verified; VerifyTrustingAlg does that.
type JWT struct {
	Compact   string
	Header    Header
	Payload   string // JSON
	claims    object // Payload, taken apart
	input     string
	signature []byte
	room      [2 * octetsP256]byte // for the usual signature
}

// ParseJWT takes a compact JWS apart. It checks form only, and strictly: three parts of base64url
// without padding, of which the first two are JSON objects in UTF-8 with no name twice, and no
// extension that must be understood.
func ParseJWT(compact string) (*JWT, error) {
	header, rest, ok1 := strings.Cut(compact, ".")
	payload, sig, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 || strings.Contains(sig, ".") {
		return nil, fmt.Errorf("expected a JWT of three parts joined by dots, got %d", strings.Count(compact, ".")+1)
	}
	t := &JWT{Compact: compact, input: compact[:len(header)+1+len(payload)]}
	var err error
	if t.Header, err = parseHeader(header); err != nil {
		return nil, fmt.Errorf("JWT header: %w", err)
	}
	if t.Payload, err = unb64Text("the part", payload); err == nil {
		t.claims, err = parseObject(t.Payload)
	}
	if err != nil {
		return nil, fmt.Errorf("JWT payload: %w", err)
	}
	if t.signature, err = appendUnb64(t.room[:0], "the part", sig); err != nil {
		return nil, fmt.Errorf("JWT signature: %w", err)
	}
	return t, nil
}

// parseHeader reads the header of a JWT. Its JWK is for reading: see lately.
func parseHeader(part string) (h Header, err error) {
	h, known := headers.getText(part)
	if known {
		return h, nil
	}
	if h, err = readHeader(part); err == nil {
		headers.put(strings.Clone(part), h) // part is of a whole token, which need not be kept
	}
	return h, err
}

func readHeader(part string) (h Header, err error) {
	raw, err := unb64Text("the part", part)
	if err != nil {
		return h, err
	}
	s := newScanner(raw)
	defer s.done()
	o, err := s.onlyObject()
	if err != nil {
		return h, err
	}
	// A reader that passes over crit may take the payload for something it is not (RFC 7515 s4.1.11);
	// thiefbox understands no extension.
	if crit := o.get("crit"); crit != "" {
		return h, fmt.Errorf("expected no extension that must be understood, got crit %.40s", crit)
	}
	h.JWK = o.json("jwk")
	if h.Typ, err = o.text("typ"); err != nil {
		return h, err
	}
	if h.Alg, err = o.text("alg"); err != nil {
		return h, err
	}
	h.Kid, err = o.text("kid")
	return h, err
}

// Claims decodes the payload into v, matching names with case (RFC 7519 s10.1.1), which is what
// go-jose's copy of encoding/json is for; the usual kinds are read without it (claims.go).
func (t *JWT) Claims(v any) error {
	var err error
	if ours, ok := v.(interface{ read(object) error }); ok {
		err = ours.read(t.claims)
	} else {
		err = strictjson.Unmarshal([]byte(t.Payload), v)
	}
	if err != nil {
		return fmt.Errorf("JWT claims: %w", err)
	}
	return nil
}

// CheckAlg refuses any algorithm but those given (RFC 8725 s3.1).
func (t *JWT) CheckAlg(allowed []string) error {
	if slices.Contains(allowed, t.Header.Alg) {
		return nil
	}
	return fmt.Errorf("expected alg to be one of %s, got %q", strings.Join(allowed, ", "), t.Header.Alg)
}

// CheckTyp refuses a missing or different typ. Media types compare without case, and the prefix
// "application/" may be left out (RFC 7515 s4.1.9).
func (t *JWT) CheckTyp(want string) error {
	got := strings.TrimPrefix(strings.ToLower(t.Header.Typ), "application/")
	if got == want {
		return nil
	}
	return fmt.Errorf("expected typ %q, got %q", want, t.Header.Typ)
}
