package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// call is one request to an endpoint of an authorization server that authenticates its callers.
type call struct {
	reg      *Registration
	at       *provider
	endpoint string // URL from the metadata
	name     string // its name there, for the error if there is none
	form     url.Values
	prove    bool // with a DPoP proof
}

// post makes the call. When the server asks for a nonce, it is made once more, with a new proof and a
// new assertion: the first assertion may count as used (RFC 9449 s8; OIDC Core s9 on jti).
func (p *protocol) post(ctx context.Context, c call) (*reply, error) {
	if c.endpoint == "" {
		return nil, fmt.Errorf("metadata of %s names no %s", c.at.Issuer, c.name)
	}
	rep, err := p.postOnce(ctx, c)
	if err == nil && c.prove && asksNonceAS(rep) {
		rep, err = p.postOnce(ctx, c)
	}
	return rep, err
}

func (p *protocol) postOnce(ctx context.Context, c call) (*reply, error) {
	basic, err := p.authenticate(c)
	if err != nil {
		return nil, err
	}
	req, err := party.Post(ctx, c.endpoint, encoded(c.form))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if basic {
		// RFC 6749 s2.3.1: both halves are form-encoded before they are joined.
		req.SetBasicAuth(url.QueryEscape(c.reg.ClientID), url.QueryEscape(c.reg.Secret))
	}
	if c.prove {
		if err := p.prove(req, c.endpoint, ""); err != nil {
			return nil, err
		}
	}
	return p.do(req)
}

// encoded is url.Values.Encode in one piece.
func encoded(form url.Values) []byte {
	names, size := make([]string, 0, len(form)), 0
	for name, values := range form {
		names = append(names, name)
		for _, v := range values {
			size += len(name) + len(v) + len(v)/8 + len("=&") // with some characters escaped
		}
	}
	slices.Sort(names)
	b := make([]byte, 0, size)
	for _, name := range names {
		escaped := party.Escape(name)
		for _, v := range form[name] {
			if len(b) > 0 {
				b = append(b, '&')
			}
			b = append(append(append(b, escaped...), '='), party.Escape(v)...)
		}
	}
	return b
}

// authenticate adds the client's credentials to the form, by the method it has registered. It returns
// true if they go into the header instead.
func (p *protocol) authenticate(c call) (basic bool, err error) {
	switch control.ClientAuth(c.reg.AuthMethod) {
	case control.ClientSecretBasic:
		return true, nil
	case control.ClientSecretPost:
		c.form.Set("client_id", c.reg.ClientID)
		c.form.Set("client_secret", c.reg.Secret)
		return false, nil
	case control.TLSClientAuth, control.SelfSignedTLSClientAuth: // RFC 8705 s2
		c.form.Set("client_id", c.reg.ClientID)
		return false, nil
	}
	assertion, err := p.assertion(c.reg, c.at)
	if err != nil {
		return false, fmt.Errorf("signing a client assertion: %w", err)
	}
	c.form.Set("client_id", c.reg.ClientID)
	c.form.Set("client_assertion_type", fapi.AssertionType)
	c.form.Set("client_assertion", assertion)
	return false, nil
}

// assertion makes a client assertion. Its audience is the issuer (SP 5.3.3.1-5), or in the old dialect
// the token endpoint, as the metadata names them. For one that is only ever asked of by metadata the
// difference is small; for one whose metadata lies it is everything (CVE-2025-27370).
func (p *protocol) assertion(reg *Registration, at *provider) (string, error) {
	d := p.party.Dialect()
	audience := at.Issuer
	if d.AssertionAudience == control.AudienceEndpoint {
		audience = at.TokenEndpoint
	}
	lifetime := d.AssertionLifetime
	if lifetime <= 0 {
		lifetime = time.Minute
	}
	a := fapi.NewAssertion(reg.ClientID, audience, p.party.Clock.Now(), lifetime, p.party.Dice.ID())
	if d.AssertionAudience == control.AudienceArray {
		a.Audience = fapi.Audience{Values: []string{at.Issuer, at.TokenEndpoint}, Array: true}
	}
	return a.Sign(reg.Key, d.AssertionTyp)
}

// asksNonceAS tells whether an authorization server wants the request again with its nonce
// (RFC 9449 s8).
func asksNonceAS(rep *reply) bool {
	if rep.status != http.StatusBadRequest || rep.header.Get("DPoP-Nonce") == "" {
		return false
	}
	return oauthError(rep).Error == "use_dpop_nonce"
}

func oauthError(rep *reply) fapi.TokenResponse {
	e, _ := fapi.ParseTokenResponse(rep.body) // an answer that is not JSON has no error code
	return e
}

// refusedBy makes the error for an answer that is not the success it should be.
func refusedBy(endpoint string, rep *reply) error {
	e := oauthError(rep)
	return &UpstreamError{URL: fapi.WithoutQuery(endpoint), Status: rep.status, Code: e.Error, Description: e.ErrorDescription}
}

// revoke tells the server that a token is no longer needed (RFC 7009).
func (p *protocol) revoke(ctx context.Context, reg *Registration, at *provider, token, hint string) error {
	form := url.Values{"token": {token}, "token_type_hint": {hint}}
	rep, err := p.post(ctx, call{reg: reg, at: at, endpoint: at.RevocationEndpoint, name: "revocation_endpoint", form: form})
	if err != nil {
		return err
	}
	if rep.status != http.StatusOK {
		return refusedBy(at.RevocationEndpoint, rep)
	}
	return nil
}
