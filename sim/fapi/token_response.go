package fapi

import (
	"encoding/json"
	"fmt"
)

// TokenResponse is the token endpoint's success or error (RFC 6749 s5).
type TokenResponse struct {
	AccessToken  string `json:"access_token,omitempty"`
	TokenType    string `json:"token_type,omitempty"`
	ExpiresIn    int64  `json:"expires_in,omitempty"` // seconds
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
	// Details are the authorization details that were granted (RFC 9396 s7), IssuedType the type of a token that
	// was exchanged for (RFC 8693 s2.2.1).
	Details    json.RawMessage `json:"authorization_details,omitempty"`
	IssuedType string          `json:"issued_token_type,omitempty"`
	// HelseID's own: the scopes that were dropped, and how long the refresh token lives, in seconds.
	RejectedScope    string `json:"rejected_scope,omitempty"`
	RefreshExpiresIn int64  `json:"rt_expires_in,omitempty"`
	*Launch
	Error            string `json:"error,omitempty"`
	ErrorDescription string `json:"error_description,omitempty"`
}

// ParseTokenResponse reads an answer of the token endpoint, strictly: see parseObject.
func ParseTokenResponse(answer []byte) (TokenResponse, error) {
	o, err := parseObject(string(answer))
	if err != nil {
		return TokenResponse{}, err
	}
	c := claims{object: o}
	r := TokenResponse{
		AccessToken: c.text("access_token"), TokenType: c.text("token_type"), ExpiresIn: c.date("expires_in"),
		RefreshToken: c.text("refresh_token"), IDToken: c.text("id_token"), Scope: c.text("scope"),
		Details: c.json("authorization_details"), IssuedType: c.text("issued_token_type"),
		RejectedScope: c.text("rejected_scope"), RefreshExpiresIn: c.date("rt_expires_in"), Launch: c.launch(),
		Error: c.text("error"), ErrorDescription: c.text("error_description"),
	}
	if c.err != nil {
		return TokenResponse{}, fmt.Errorf("token response: %w", c.err)
	}
	return r, nil
}

// JSON writes the answer.
func (r TokenResponse) JSON() []byte {
	return r.compose(make([]byte, 0, 384+len(r.AccessToken)+len(r.IDToken)))
}

func (r TokenResponse) compose(to []byte) []byte {
	c := composer{b: to}
	c.text("access_token", r.AccessToken)
	c.text("token_type", r.TokenType)
	c.number("expires_in", r.ExpiresIn)
	c.text("refresh_token", r.RefreshToken)
	c.text("id_token", r.IDToken)
	c.text("scope", r.Scope)
	c.json("authorization_details", r.Details)
	c.text("issued_token_type", r.IssuedType)
	c.text("rejected_scope", r.RejectedScope)
	c.number("rt_expires_in", r.RefreshExpiresIn)
	r.Launch.composeInto(&c)
	c.text("error", r.Error)
	c.text("error_description", r.ErrorDescription)
	return c.end()
}
