package fapi

import "fmt"

// An API may ask about a token at every request (RFC 7662), so both sides are written by hand.

// Introspection writes the answer about a token (RFC 7662 s2.2). Of an inactive one, which is nil, it says
// nothing else.
func Introspection(t *AccessToken, tokenType string) []byte {
	if t == nil {
		return []byte(`{"active":false}`)
	}
	c := composer{b: append(make([]byte, 0, 640), `{"active":true`...)}
	c.text("token_type", tokenType)
	plain := *t
	plain.ScopeList = false // RFC 7662 s2.2: a string
	plain.composeInto(&c)
	return c.end()
}

// Standing is what an answer says: whether the token is good, and which token that is (its jti, if the server
// tells).
type Standing struct {
	Active bool
	JTI    string
}

// ParseIntrospection reads the members of the answer that decide.
func ParseIntrospection(answer []byte) (s Standing, err error) {
	o, err := parseObject(string(answer))
	if err != nil {
		return s, err
	}
	c := claims{object: o}
	switch active := c.raw("active"); active {
	case "true", "false":
		s.Active, s.JTI = active == "true", c.text("jti")
		return s, c.err
	default:
		return s, fmt.Errorf("expected active to be true or false, got %.40q", active)
	}
}
