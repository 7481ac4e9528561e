package idp

import (
	"slices"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// redemption is a code in the hands of somebody who wants tokens for it.
type redemption struct {
	*code
	caller     *Client
	redirectTo string // redirect_uri of the token request
	verifier   string
	now        time.Time
}

var codeGuards = []control.Guard[redemption]{
	{Control: control.ASCodeClient, Check: (*redemption).checkClient, Answer: answerGrant},
	{Control: control.ASCodeLifetime, Check: (*redemption).checkLifetime, Answer: answerGrant},
	{Control: control.ASCodeRedirectURI, Check: (*redemption).checkRedirectURI, Answer: answerGrant},
	{Control: control.ASPKCEUnexpected, Check: (*redemption).checkUnexpected, Answer: answerGrant},
	{Control: control.ASPKCEVerifier, Check: (*redemption).checkVerifier, Answer: answerGrant},
}

// codeOnce runs at the very end of a request: see spend.
var codeOnce = []control.Guard[redemption]{
	{Control: control.ASCodeOnce, Check: (*redemption).spend, Answer: answerGrant},
}

// checkClient (RFC 6749 s4.1.3).
func (r *redemption) checkClient() (string, error) {
	if r.caller.ID != r.client.ID {
		return r.caller.ID, control.Expected("client of the code", r.client.ID, r.caller.ID)
	}
	return r.caller.ID, nil
}

// checkLifetime (SP 5.3.2.1-11).
func (r *redemption) checkLifetime() (string, error) {
	if r.now.Sub(r.issued) > r.lifetime {
		return "", control.Expected("age of the code", "at most "+r.lifetime.String(), r.now.Sub(r.issued).Truncate(time.Second).String())
	}
	return "", nil
}

// checkRedirectURI (RFC 6749 s4.1.3).
func (r *redemption) checkRedirectURI() (string, error) {
	if r.redirectTo != r.redirectURI {
		return r.redirectTo, control.Expected("redirect_uri", r.redirectURI+", as in the authorization request", r.redirectTo)
	}
	return r.redirectTo, nil
}

// checkUnexpected (BCP s4.8.2): the client thinks it sent a challenge, so somebody took it out.
func (r *redemption) checkUnexpected() (string, error) {
	if r.challenge == "" && r.verifier != "" {
		return "", control.Expected("code_verifier", "none, since the request had no code_challenge", "one")
	}
	return "", nil
}

// checkVerifier (RFC 7636 s4.6).
func (r *redemption) checkVerifier() (string, error) {
	if r.challenge == "" {
		return "", nil
	}
	proven := r.verifier
	if r.method == "S256" {
		proven = fapi.Hash(r.verifier)
	}
	if r.verifier == "" || !equalSecrets(proven, r.challenge) {
		return r.challenge, control.Expected("code_verifier", "one whose "+r.method+" is "+r.challenge, r.verifier)
	}
	return r.challenge, nil
}

// spend marks the code as used. A second try also withdraws what the first one yielded, for one of the
// two was not the client's own (RFC 6749 s4.1.2). That is no event.Withdrawn: nobody asked for it.
func (r *redemption) spend() (string, error) {
	if r.spent.CompareAndSwap(false, true) {
		r.changed()
		return "", nil
	}
	r.withdraw()
	return "", control.Expected("code", "one that was not used before", "one that was, whose tokens are now withdrawn")
}

// redeemCode is the authorization_code grant (RFC 6749 s4.1.3).
func (s *Server) redeemCode(t *tokenRequest) (*award, error) {
	secret := t.form.get("code")
	if secret == "" {
		return nil, malformed("expected a code, got nothing").because("RFC 6749 s4.1.3", "send the code of the authorization response in the body")
	}
	c, ok := s.codes.get(digestOf(secret), t.now)
	if !ok {
		return nil, unusable("expected a code that this server issued, got an unknown one").because("RFC 6749 s4.1.3, s5.2", "redeem the code at the issuer of the authorization response (iss), within its life, percent-decoded once")
	}
	r := &redemption{code: c, caller: t.caller.client, redirectTo: t.form.get("redirect_uri"), verifier: t.form.get("code_verifier"), now: t.now}
	if err := party.Enforce(t.ctx, s.party, r, codeGuards); err != nil {
		return nil, err
	}
	audience, err := s.audienceFor(t.form, c.resources)
	if err != nil {
		return nil, err
	}
	details, err := s.detailsFor(t, c.details)
	if err != nil {
		return nil, err
	}
	return &award{
		grant: c.grant, scope: c.scope, audience: audience, details: details, code: r,
		refresh: c.scope.Has("offline_access") || c.scope.Has("online_access") || slices.Contains(c.client.GrantTypes, grantRefreshToken),
		idToken: c.scope.Has("openid"),
	}, nil
}
