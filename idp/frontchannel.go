package idp

import (
	"context"
	"net/http"
	"net/url"

	"thiefbox/sim/control"
)

// Tokens in the front channel (RFC 6749 s4.2) are not for anybody: response_type is code (SP 5.3.2.2-1; BCP s2.1.2). What a
// server does that has not forgotten how to issue them is here, to show why: nobody authenticates, the token is
// bound to no key, and it stands in a URL.

const (
	responseCode  = "code"
	responseToken = "token"
)

var answerResponseType = control.Answer{Status: http.StatusBadRequest, Code: "unsupported_response_type", Safe: "the response type must be code"}

// checkResponseType (SP 5.3.2.2-1).
func (r *request) checkResponseType() (string, error) {
	if r.responseType != responseCode {
		return r.responseType, control.ExpectedFix("response_type", responseCode, r.responseType, "use the authorization code flow")
	}
	return r.responseType, nil
}

// readResponseType refuses, whatever the profile, what this server could not even do.
func readResponseType(f form) (string, error) {
	t := f.get("response_type")
	if t != responseCode && t != responseToken {
		return t, newFault(answerResponseType, "expected response_type code, got "+quoteOrNothing(t)).because("RFC 6749 s3.1.1, s4.1.1", "send response_type=code: an ID token comes with the answer of the token endpoint, for the scope openid")
	}
	return t, nil
}

// tokenAnswer is the authorization response that holds a token (RFC 6749 s4.2.2). It goes into the query, where the
// client asked for that, and where the code would be. There is no caller and no proof.
func (s *Server) tokenAnswer(ctx context.Context, g *grant) (url.Values, error) {
	t := &tokenRequest{ctx: ctx, now: s.now(), caller: &caller{client: g.client}}
	life := s.accessTokenLifetime()
	a := &award{grant: g, scope: g.scope, audience: g.resources, details: g.details}
	if err := s.grantDetails(a); err != nil {
		return nil, err
	}
	token, err := s.issueAccessToken(t, a, life)
	if err != nil {
		return nil, err
	}
	return url.Values{"access_token": {token}, "token_type": {"Bearer"}, "scope": {string(g.scope)}}, nil
}
