package fapi

import (
	"encoding/json"
	"fmt"
)

// AuthorizationResponse is the claims of a signed authorization response (JARM s2.1): what would stand in the
// redirect otherwise, and who says so to whom and for how long.
type AuthorizationResponse struct {
	Issuer      string   `json:"iss,omitempty"`
	Audience    Audience `json:"aud,omitzero"`
	Expires     int64    `json:"exp,omitempty"`
	Code        string   `json:"code,omitempty"`
	State       string   `json:"state,omitempty"`
	Error       string   `json:"error,omitempty"`
	Description string   `json:"error_description,omitempty"`
}

// Sign makes the response. JARM gives it no typ.
func (r AuthorizationResponse) Sign(key *Key) (string, error) {
	return Sign(Header{Kid: key.ID}, r, key)
}

// TypIntrospection is the typ of a signed introspection answer, and with application/ before it the media
// type by which it is asked for (RFC 9701 s4, s5).
const TypIntrospection = "token-introspection+jwt"

// SignedIntrospection is the claims of a signed introspection answer (RFC 9701 s5).
type SignedIntrospection struct {
	Issuer   string
	Audience Audience // the API that asked
	IssuedAt int64
	Answer   json.RawMessage // what an unsigned answer would be: see Introspection
}

// Sign makes the answer.
func (s SignedIntrospection) Sign(key *Key) (string, error) {
	return Sign(Header{Typ: TypIntrospection, Kid: key.ID}, s, key)
}

func (s SignedIntrospection) compose(to []byte) []byte {
	c := composer{b: to}
	c.text("iss", s.Issuer)
	c.audience(s.Audience)
	c.number("iat", s.IssuedAt)
	if len(s.Answer) > 0 {
		c.name("token_introspection")
		c.b = append(c.b, s.Answer...)
	}
	return c.end()
}

func (s *SignedIntrospection) read(o object) error {
	c := claims{object: o}
	*s = SignedIntrospection{Issuer: c.text("iss"), Audience: c.audience(), IssuedAt: c.date("iat"), Answer: json.RawMessage(c.raw("token_introspection"))}
	if c.err == nil && (len(s.Answer) == 0 || s.Answer[0] != '{') {
		return fmt.Errorf("expected token_introspection to be an object, got %.40s", s.Answer)
	}
	return c.err
}
