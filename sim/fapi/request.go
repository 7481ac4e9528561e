package fapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// TypRequest is the typ of a request object (RFC 9101 s10.8).
const TypRequest = "oauth-authz-req+jwt"

// RequestObject is the claims of a request object (RFC 9101 s4): who made it for whom and for how long, and
// the parameters of an authorization request, by their names there.
type RequestObject struct {
	Issuer   string
	Audience Audience
	IssuedAt int64
	NotPrior int64
	Expires  int64
	JTI      string
	// Parameters are as in a form: resource can have several values, and what is an object in JSON (claims,
	// authorization_details) is its text.
	Parameters map[string][]string
}

// Sign makes the request object. An empty typ leaves the header out.
func (r RequestObject) Sign(key *Key, typ string) (string, error) {
	return Sign(Header{Typ: typ, Kid: key.ID}, r, key)
}

// compose writes the parameters in order of their names, so that a run repeats to the byte.
func (r RequestObject) compose(to []byte) []byte {
	c := composer{b: to}
	c.text("iss", r.Issuer)
	c.audience(r.Audience)
	c.number("iat", r.IssuedAt)
	c.number("nbf", r.NotPrior)
	c.number("exp", r.Expires)
	c.text("jti", r.JTI)
	names := make([]string, 0, len(r.Parameters))
	for name := range r.Parameters {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch values := r.Parameters[name]; {
		case len(values) == 0:
		case len(values) > 1:
			c.anyName(name)
			c.b = Audience{Values: values}.append(c.b)
		case structured(name, values[0]):
			c.anyName(name)
			c.b = append(c.b, values[0]...)
		case values[0] != "":
			c.anyName(name)
			c.b = appendString(c.b, values[0])
		}
	}
	return c.end()
}

// structured tells whether a parameter is JSON of its own (RFC 9101 s4): those that are objects or arrays,
// and the one number.
func structured(name, value string) bool {
	return (name == "claims" || name == "authorization_details" || name == "max_age") && json.Valid([]byte(value))
}

// ReceivedRequest is a request object taken apart. Nothing about it is checked but its form.
type ReceivedRequest struct {
	JWT    *JWT
	Claims RequestObject
}

// ParseRequestObject takes a request object apart. An encrypted one is refused: it has five parts.
func ParseRequestObject(compact string) (*ReceivedRequest, error) {
	t, err := ParseJWT(compact)
	if err != nil {
		return nil, err
	}
	r := &ReceivedRequest{JWT: t}
	if err := t.Claims(&r.Claims); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *RequestObject) read(o object) error {
	c := claims{object: o}
	*r = RequestObject{
		Issuer: c.text("iss"), Audience: c.audience(), IssuedAt: c.date("iat"), NotPrior: c.date("nbf"), Expires: c.date("exp"),
		JTI: c.text("jti"), Parameters: make(map[string][]string, len(o)),
	}
	for _, m := range o {
		name := m.name
		if c.err != nil || strings.Contains(" iss aud iat nbf exp jti sub ", " "+name+" ") {
			continue
		}
		values, err := parameter(name, m.value)
		if err != nil {
			return err
		}
		if values != nil {
			r.Parameters[name] = values
		}
	}
	return c.err
}

// parameter reads one claim as a form would have it. A null is an absent one, and a list is only read where
// a form may have several values.
func parameter(name string, v string) ([]string, error) {
	switch v[0] {
	case '"':
		return []string{unquote(v)}, nil
	case 'n':
		return nil, nil
	case '[':
		if name == "resource" {
			return stringsOf(v)
		}
	}
	if v[0] == '[' && name != "authorization_details" {
		return nil, fmt.Errorf("expected %s to be one value, got %.40s", name, v)
	}
	return []string{v}, nil
}

// ParsePushed reads the request_uri out of the answer to a pushed request (RFC 9126 s2.2), strictly: see parseObject.
func ParsePushed(answer []byte) (requestURI string, err error) {
	s := newScanner(string(answer))
	defer s.done()
	o, err := s.onlyObject()
	if err != nil {
		return "", err
	}
	return o.text("request_uri")
}
