package idp

import (
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// Client assertions: private_key_jwt (OIDC Core s9, RFC 7523 s3).

const (
	// assertionAhead is how far ahead an assertion may be dated: clocks differ (SP 5.3.2.1-13).
	assertionAhead = 60 * time.Second
	// assertionLifetime is how long one may live (HelseID security profile).
	assertionLifetime = 60 * time.Second
)

var assertionGuards = []control.Guard[caller]{
	{Control: control.ASAssertionAlg, Check: (*caller).checkAlg, Answer: answerClient},
	{Control: control.ASAssertionSignature, Check: (*caller).checkSignature, Answer: answerClient},
	{Control: control.ASAssertionTyp, Check: (*caller).checkTyp, Answer: answerClient},
	{Control: control.ASAssertionSubject, Check: (*caller).checkSubject, Answer: answerClient},
	{Control: control.ASAssertionAudience, Check: (*caller).checkAudience, Answer: answerClient},
	{Control: control.ASAssertionIssuerAud, Check: (*caller).checkAudienceIsIssuer, Answer: answerClient},
	{Control: control.ASAssertionExp, Check: (*caller).checkExpiry, Answer: answerClient},
	{Control: control.ASAssertionIat, Check: (*caller).checkIssuedAt, Answer: answerClient},
	{Control: control.ASAssertionLifetime, Check: (*caller).checkLifetime, Answer: answerClient},
}

// assertionOnce runs at the very end of a request: see spend.
var assertionOnce = []control.Guard[caller]{
	{Control: control.ASAssertionJTI, Check: (*caller).spendJTI, Answer: answerClient},
}

// readAssertion takes the assertion apart. Without a client_id, the client is the one it speaks of.
func (c *caller) readAssertion(f form) error {
	compact, kind := f.get("client_assertion"), f.get("client_assertion_type")
	if compact == "" && kind == "" {
		return nil
	}
	unreadable := func(detail string) error {
		return newFault(answerClient, "client assertion: "+detail).because("RFC 7521 s4.2; RFC 7523 s2.2",
			"send the whole signed JWT as client_assertion, and client_assertion_type="+fapi.AssertionType+" beside it")
	}
	if kind != fapi.AssertionType {
		return unreadable("expected the type " + fapi.AssertionType + ", got " + quoteOrNothing(kind))
	}
	t, err := fapi.ParseJWT(compact)
	if err != nil {
		return unreadable(err.Error())
	}
	if err := t.Claims(&c.claims); err != nil {
		return unreadable(err.Error())
	}
	c.assertion = t
	c.id = firstOf(c.id, c.claims.Subject, c.claims.Issuer)
	c.signer = c.s.client(firstOf(c.claims.Issuer, c.claims.Subject))
	return nil
}

// checkAlg (SP 5.4.1; RFC 8725 s3.1).
func (c *caller) checkAlg() (string, error) {
	return c.s.checkAlg("client assertion", c.assertion)
}

func (s *Server) checkAlg(what string, t *fapi.JWT) (string, error) {
	allowed := fapi.AlgorithmsNamed(s.party.Dialect().ClientAlgs)
	if err := t.CheckAlg(allowed); err != nil {
		return t.Header.Alg, control.Expected("alg of the "+what, strings.Join(allowed, ", "), t.Header.Alg)
	}
	return t.Header.Alg, nil
}

// checkSignature (RFC 7523 s3-9). The keys are those of the client that the assertion names as its
// issuer; that this is the client acted for is the next rule but one.
func (c *caller) checkSignature() (string, error) {
	return checkClientSignature(c.s.memo, "client assertion", c.assertion, c.signer, c.claims.Issuer)
}

// checkClientSignature looks for a key of the client that verifies. A kid narrows the keys down, and several
// may share it (SP 5.4.3). named is the client that the JWT says it is of.
func checkClientSignature(memo *fapi.Memo, what string, t *fapi.JWT, signer *Client, named string) (string, error) {
	kid := t.Header.Kid
	if signer == nil {
		return kid, control.ExpectedFix("iss of the "+what, "a registered client", named, "use the client_id that is registered here, to the letter, as iss")
	}
	tried := false
	for _, key := range signer.Keys {
		if kid != "" && kid != key.ID {
			continue
		}
		tried = true
		// The algorithm is a matter for checkAlg, which has run unless the profile leaves it out.
		if memo.Verify(t, key.Key) == nil {
			return kid, nil
		}
	}
	if !tried {
		return kid, control.ExpectedFix("kid of the "+what, "a key registered for "+signer.ID, kid,
			"register the public key, or sign with one that is registered")
	}
	return kid, wrongSignature(what, "one by a key of "+signer.ID, t)
}

// wrongSignature tells one that no key could have made from one by another key.
func wrongSignature(what, want string, t *fapi.JWT) error {
	if odd := t.OddSignature(); odd != "" {
		return control.ExpectedFix("signature of the "+what, want, odd,
			"sign with a JOSE library, or ask for r and s side by side (RFC 7518 s3.4): dsaEncoding ieee-p1363 in Node, SHA256withECDSAinP1363Format in Java")
	}
	return control.Expected("signature of the "+what, want, "one that does not verify")
}

// checkTyp (RFC 10070; RFC 8725 s3.11).
func (c *caller) checkTyp() (string, error) {
	typ := c.assertion.Header.Typ
	if c.assertion.CheckTyp(control.AssertionTypNew) != nil {
		return typ, control.ExpectedFix("typ of the client assertion", control.AssertionTypNew, typ, "set the header typ")
	}
	return typ, nil
}

// checkSubject (RFC 7523 s3-1, s3-2; OIDC Core s9).
func (c *caller) checkSubject() (string, error) {
	if c.claims.Issuer != c.id {
		return c.id, control.Expected("iss of the client assertion", c.id, c.claims.Issuer)
	}
	if c.claims.Subject != c.id {
		return c.id, control.Expected("sub of the client assertion", c.id, c.claims.Subject)
	}
	return c.id, nil
}

// checkAudience is the rule before 2025: the issuer, the token endpoint or the endpoint that was
// called, alone or among others (RFC 7523 s3-3; RFC 9126 s2).
func (c *caller) checkAudience() (string, error) {
	for _, aud := range c.claims.Audience.Values {
		if aud == c.s.issuer || aud == c.s.at.token || aud == c.at || aud != "" && aud == c.s.alias(c.at) {
			return aud, nil
		}
	}
	aud := audienceText(c.claims.Audience)
	return aud, control.ExpectedFix("aud of the client assertion", c.s.issuer, aud, "use the issuer of the metadata")
}

// checkAudienceIsIssuer is the rule since: the issuer, as a string, and nothing else (SP 5.3.2.1-8).
func (c *caller) checkAudienceIsIssuer() (string, error) {
	if c.claims.Audience.IsOnly(c.s.issuer) {
		return c.s.issuer, nil
	}
	aud := audienceText(c.claims.Audience)
	return aud, control.ExpectedFix("aud of the client assertion", "the string "+c.s.issuer, aud,
		"use the issuer of the metadata, as a string and not in an array")
}

// checkExpiry (RFC 7523 s3-4).
func (c *caller) checkExpiry() (string, error) {
	if exp := c.claims.Expires; exp == 0 || !c.now.Before(time.Unix(exp, 0)) {
		return "", control.Expected("exp of the client assertion", "a moment in the future", moment(exp, c.now))
	}
	return "", nil
}

// checkIssuedAt (SP 5.3.2.1-13). Neither iat nor nbf is obligatory (OIDC Core s9): an assertion without
// them is not dated ahead.
func (c *caller) checkIssuedAt() (string, error) {
	for _, at := range []struct {
		claim string
		unix  int64
	}{{"iat", c.claims.IssuedAt}, {"nbf", c.claims.NotPrior}} {
		if time.Unix(at.unix, 0).Sub(c.now) > assertionAhead {
			return "", control.ExpectedFix(at.claim+" of the client assertion", "at most 60 s ahead", moment(at.unix, c.now),
				setTheClock(at.unix, c.now, "set the clock of the client"))
		}
	}
	return "", nil
}

// checkLifetime counts from the client's own iat, so that a clock a little fast or slow changes
// nothing; an assertion without one counts from now.
func (c *caller) checkLifetime() (string, error) {
	from := c.now
	if c.claims.IssuedAt != 0 {
		from = time.Unix(c.claims.IssuedAt, 0)
	}
	if life := time.Unix(c.claims.Expires, 0).Sub(from); c.claims.Expires == 0 || life > assertionLifetime {
		return "", control.Expected("lifetime of the client assertion", "at most 60 s", moment(c.claims.Expires, from))
	}
	return "", nil
}

// spendJTI remembers an assertion until it expires (RFC 7523 s3-7). One without jti cannot be
// remembered, so it is refused.
func (c *caller) spendJTI() (string, error) {
	jti := c.claims.JTI
	if jti == "" {
		return "", control.Expected("jti of the client assertion", "a fresh identifier", "")
	}
	until := time.Unix(c.claims.Expires, 0)
	if !until.After(c.now) { // no exp, and the profile does not mind
		until = c.now.Add(time.Hour)
	}
	if limit := c.now.Add(keep); until.After(limit) {
		until = limit
	}
	if !c.s.seen.add(c.jtiDigest(), c.now, until) {
		return jti, control.ExpectedFix("jti of the client assertion", "one that was not used before", jti,
			"make a new assertion for every request")
	}
	c.spent = true
	return jti, nil
}

// unspend takes it back: another one-time check has refused the same request.
func (c *caller) unspend() {
	if c.spent {
		c.s.seen.remove(c.jtiDigest())
		c.spent = false
	}
}

func (c *caller) jtiDigest() digest {
	return digestOf("assertion\x00" + c.claims.Issuer + "\x00" + c.claims.JTI)
}
