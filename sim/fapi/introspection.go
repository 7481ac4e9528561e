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
	t.composeInto(&c)
	return c.end()
}

// IsActive reads the one member of the answer that decides.
func IsActive(answer []byte) (bool, error) {
	o, err := parseObject(answer)
	if err != nil {
		return false, err
	}
	c := claims{object: o}
	switch active := string(c.raw("active")); active {
	case "true", "false":
		return active == "true", nil
	default:
		return false, fmt.Errorf("expected active to be true or false, got %.40q", active)
	}
}
