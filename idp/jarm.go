package idp

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// Signed authorization responses (JARM): the answer as one parameter, which is a JWT. An error is answered
// as it was asked for, too.

// responseLifetime is how long one is good: long enough for a slow browser (JARM s2.1 says ten minutes at most).
const responseLifetime = 10 * time.Minute

// responseModes are those there are. For a code, jwt stands for query.jwt (JARM s2.3.4).
var responseModes = []string{"query", "jwt", "query.jwt"}

// readResponseMode knows the modes that put the answer into the query, which is where a code belongs.
// Fragments and posted forms are for what must not stand in a URL; no answer of this server's is.
func (r *request) readResponseMode(mode string) error {
	switch mode {
	case "", "query":
		return nil
	case "jwt", "query.jwt":
		r.signed = true
		return nil
	}
	return malformed("expected response_mode query, jwt or query.jwt, got %s", quoteOrNothing(mode)).because("OAuth 2.0 Multiple Response Types s2.1; JARM s2.3", "leave response_mode out for an answer in the query, or send jwt for a signed one: a code goes into no fragment and no posted form here")
}

// checkResponseMode (FAPI 2.0 MS 5.4.1, and 5.3.3 for what one client is registered for).
func (r *request) checkResponseMode() (string, error) {
	switch may := r.client.ResponseModes; {
	case len(may) > 0 && r.signed && !slices.Contains(may, "jwt") && !slices.Contains(may, "query.jwt"):
		return "jwt", control.ExpectedFix("response_mode of "+r.client.ID, strings.Join(may, " or "), "jwt", "register the client for response_modes jwt")
	case len(may) > 0 && !r.signed && !slices.Contains(may, "query"):
		return "query", control.ExpectedFix("response_mode of "+r.client.ID, strings.Join(may, " or "), "a plain response", "ask for a signed response with response_mode=jwt, or register the client for response_modes query")
	case r.signed:
		return "jwt", nil
	case r.mustSign:
		return "query", control.ExpectedFix("response_mode", "jwt", "a plain response", "ask for a signed response with response_mode=jwt")
	}
	return "query, which will do", nil
}

// signResponse puts an answer into a JWT. The issuer is named in there, and nowhere else (FAPI 2.0 MS 5.4.1).
func (s *Server) signResponse(q *request, answer url.Values) (url.Values, error) {
	response, err := fapi.AuthorizationResponse{
		Issuer: s.issuer, Audience: audienceClaim([]string{q.client.ID}), Expires: s.now().Add(responseLifetime).Unix(),
		Code: answer.Get("code"), State: q.state, Error: answer.Get("error"), Description: answer.Get("error_description"),
	}.Sign(s.keys.signer(q.client.ResponseAlg))
	if err != nil {
		return nil, fmt.Errorf("signing an authorization response: %w", err)
	}
	return url.Values{"response": {response}}, nil
}
