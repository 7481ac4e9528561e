package fapi

import (
	"fmt"

	strictjson "github.com/go-jose/go-jose/v4/json"
)

// The claims of the tokens that come with every request, and the answers that a client waits for, are
// read by hand: reflection takes ten times as long. A test holds this against go-jose's copy of encoding/json.

// claims takes members out of an object one by one. The first error stays. As in encoding/json, null
// is an absent member.
type claims struct {
	object
	err error
}

func (c *claims) raw(name string) string {
	v := c.get(name)
	if c.err != nil || v == "null" {
		return ""
	}
	return v
}

func (c *claims) text(name string) string {
	v := c.raw(name)
	if v == "" {
		return ""
	}
	if v[0] != '"' {
		c.err = fmt.Errorf("expected %s to be a string, got %.40s", name, v)
		return ""
	}
	return unquote(v)
}

// words is texts as encoding/json reads them, which takes a null among them.
func (c *claims) words(name string) (values []string) {
	v := c.raw(name)
	if v == "" {
		return nil
	}
	if plain, err := stringsOf(v); err == nil {
		return plain
	}
	c.err = strictjson.Unmarshal([]byte(v), &values)
	return values
}

func (c *claims) date(name string) (seconds int64) {
	if v := c.raw(name); v != "" {
		seconds, c.err = readDate(name, v)
	}
	return seconds
}

func (c *claims) texts(name string) (all []string) {
	if v := c.raw(name); v != "" {
		if all, c.err = stringsOf(v); c.err != nil {
			c.err = fmt.Errorf("%s: %w", name, c.err)
		}
	}
	return all
}

func (c *claims) truth(name string) bool {
	switch v := c.raw(name); v {
	case "", "false":
		return false
	case "true":
		return true
	default:
		c.err = fmt.Errorf("expected %s to be true or false, got %.40s", name, v)
		return false
	}
}

func (c *claims) audience() (a Audience) {
	if v := c.raw("aud"); v != "" {
		c.err = a.read(v)
	}
	return a
}

func (c *claims) scope() (s Scope) {
	if v := c.raw("scope"); v != "" {
		c.err = s.read(v)
	}
	return s
}

// member is one that must be an object if it is there; nil if it is not.
func (c *claims) member(name string) *claims {
	v := c.raw(name)
	if v == "" {
		return nil
	}
	if v[0] != '{' {
		c.err = fmt.Errorf("expected %s to be an object, got %.40s", name, v)
		return nil
	}
	o, _ := parseObject(v) // valid: it is part of what was read
	return &claims{object: o}
}

func (c *claims) confirmation() *Confirmation {
	inner := c.member("cnf")
	if inner == nil {
		return nil
	}
	confirmed := &Confirmation{JKT: inner.text("jkt"), X5T: inner.text("x5t#S256")}
	c.err = inner.err
	return confirmed
}

func (t *AccessToken) read(o object) error {
	c := claims{object: o}
	*t = AccessToken{
		Issuer: c.text("iss"), Subject: c.text("sub"), Audience: c.audience(), ClientID: c.text("client_id"), Scope: c.scope(),
		IssuedAt: c.date("iat"), Expires: c.date("exp"), NotPrior: c.date("nbf"), JTI: c.text("jti"), AuthTime: c.date("auth_time"),
		ACR: c.text("acr"), Confirmation: c.confirmation(), Details: c.json("authorization_details"), Actor: c.json("act"),
		Patient: c.text("patient"), Encounter: c.text("encounter"), FHIRUser: c.text("fhirUser"), OrganisationNumber: c.text("helseid://claims/client/claims/orgnr_parent"),
	}
	return c.err
}

func (t *IDToken) read(o object) error {
	c := claims{object: o}
	*t = IDToken{
		Issuer: c.text("iss"), Subject: c.text("sub"), Audience: c.audience(), IssuedAt: c.date("iat"), Expires: c.date("exp"),
		AuthTime: c.date("auth_time"), Nonce: c.text("nonce"), ACR: c.text("acr"), AMR: c.words("amr"), AtHash: c.text("at_hash"),
		Name: c.text("name"), FHIRUser: c.text("fhirUser"),
	}
	return c.err
}

func (a *Assertion) read(o object) error {
	c := claims{object: o}
	*a = Assertion{
		Issuer: c.text("iss"), Subject: c.text("sub"), Audience: c.audience(), IssuedAt: c.date("iat"),
		NotPrior: c.date("nbf"), Expires: c.date("exp"), JTI: c.text("jti"), Details: c.json("assertion_details"),
	}
	return c.err
}
