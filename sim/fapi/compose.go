package fapi

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// What is signed for every request is written by hand, like it is read (claims.go). A test holds this
// against encoding/json, to the byte.

// composer writes a JSON object member by member, into an empty buffer of whoever wants it. Empty values are
// left out, as omitempty does.
type composer struct{ b []byte }

func (c *composer) name(name string) {
	if len(c.b) == 0 {
		c.b = append(c.b, '{')
	} else {
		c.b = append(c.b, ',')
	}
	c.b = append(append(append(c.b, '"'), name...), '"', ':')
}

// anyName is name for one that was not written here, and may hold anything.
func (c *composer) anyName(name string) {
	c.name("")
	c.b = append(appendString(c.b[:len(c.b)-len(`"":`)], name), ':')
}

func (c *composer) text(name, value string) {
	if value != "" {
		c.name(name)
		c.b = appendString(c.b, value)
	}
}

func (c *composer) number(name string, n int64) {
	if n != 0 {
		c.name(name)
		c.b = strconv.AppendInt(c.b, n, 10)
	}
}

func (c *composer) truth(name string, is bool) {
	c.name(name)
	c.b = strconv.AppendBool(c.b, is)
}

func (c *composer) audience(a Audience) {
	if !a.IsZero() {
		c.name("aud")
		c.b = a.append(c.b)
	}
}

func (c *composer) texts(name string, values []string) {
	if len(values) == 0 {
		return
	}
	c.name(name)
	c.b = append(c.b, '[')
	for i, v := range values {
		if i > 0 {
			c.b = append(c.b, ',')
		}
		c.b = appendString(c.b, v)
	}
	c.b = append(c.b, ']')
}

// json writes a value that is JSON already.
func (c *composer) json(name string, value json.RawMessage) {
	if len(value) > 0 {
		c.name(name)
		c.b = append(c.b, value...)
	}
}

// members writes the members of an object that was composed elsewhere.
func (c *composer) members(object []byte) {
	inner := bytes.TrimSpace(object)
	if len(inner) < 2 {
		return
	}
	if inner = bytes.TrimSpace(inner[1 : len(inner)-1]); len(inner) == 0 {
		return
	}
	if len(c.b) == 0 {
		c.b = append(c.b, '{')
	} else {
		c.b = append(c.b, ',')
	}
	c.b = append(c.b, inner...)
}

func (c *composer) end() []byte {
	if len(c.b) == 0 {
		c.b = append(c.b, '{')
	}
	return append(c.b, '}')
}

// appendString writes a JSON string. Nearly all are plain; encoding/json knows how to escape the others.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if !plain[s[i]] {
			quoted, _ := json.Marshal(s) // strings always marshal
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// plain are the bytes that stand for themselves in a JSON string as encoding/json writes it.
var plain = func() (is [256]bool) {
	for c := ' '; c <= '~'; c++ {
		is[c] = !strings.ContainsRune(`"\<>&`, c)
	}
	return is
}()

// compose writes the JSON of a header without a JWK, or with one that was written here.
func (h Header) compose(to []byte) []byte {
	c := composer{b: to}
	c.text("typ", h.Typ)
	c.text("alg", h.Alg)
	c.text("kid", h.Kid)
	c.text("x5t", h.X5T)
	if len(h.JWK) > 0 {
		c.name("jwk")
		c.b = append(c.b, h.JWK...)
	}
	return c.end()
}

func (p Proof) compose(to []byte) []byte {
	c := composer{b: to}
	c.text("jti", p.JTI)
	c.text("htm", p.HTM)
	c.text("htu", p.HTU)
	c.number("iat", p.IAT)
	c.text("ath", p.ATH)
	c.text("nonce", p.Nonce)
	return c.end()
}

func (a Assertion) compose(to []byte) []byte {
	c := composer{b: to}
	c.text("iss", a.Issuer)
	c.text("sub", a.Subject)
	c.audience(a.Audience)
	c.number("iat", a.IssuedAt)
	c.number("nbf", a.NotPrior)
	c.number("exp", a.Expires)
	c.text("jti", a.JTI)
	c.json("assertion_details", a.Details)
	return c.end()
}

func (t AccessToken) compose(to []byte) []byte {
	c := composer{b: to}
	t.composeInto(&c)
	return c.end()
}

func (t *AccessToken) composeInto(c *composer) {
	c.text("iss", t.Issuer)
	c.text("sub", t.Subject)
	c.audience(t.Audience)
	c.text("client_id", t.ClientID)
	if t.ScopeList {
		c.texts("scope", strings.Fields(string(t.Scope)))
	} else {
		c.text("scope", string(t.Scope))
	}
	c.number("iat", t.IssuedAt)
	c.number("exp", t.Expires)
	c.number("nbf", t.NotPrior)
	c.text("jti", t.JTI)
	c.number("auth_time", t.AuthTime)
	c.text("acr", t.ACR)
	if t.Confirmation != nil {
		c.name("cnf")
		inner := composer{b: make([]byte, 0, 128)}
		inner.text("jkt", t.Confirmation.JKT)
		inner.text("x5t#S256", t.Confirmation.X5T)
		c.b = append(c.b, inner.end()...)
	}
	c.json("authorization_details", t.Details)
	c.json("act", t.Actor)
	c.text("patient", t.Patient)
	c.text("encounter", t.Encounter)
	c.text("fhirUser", t.FHIRUser)
	c.text("helseid://claims/client/claims/orgnr_parent", t.OrganisationNumber)
	c.members(t.More)
}

func (t IDToken) compose(to []byte) []byte {
	c := composer{b: to}
	c.text("iss", t.Issuer)
	c.text("sub", t.Subject)
	c.audience(t.Audience)
	c.number("iat", t.IssuedAt)
	c.number("exp", t.Expires)
	c.number("auth_time", t.AuthTime)
	c.text("nonce", t.Nonce)
	c.text("acr", t.ACR)
	c.texts("amr", t.AMR)
	c.text("at_hash", t.AtHash)
	c.text("name", t.Name)
	c.text("fhirUser", t.FHIRUser)
	c.members(t.More)
	return c.end()
}
