package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// authorizationURL is where the browser goes to begin the flow: the request itself, or after pushing
// it a reference to it (SP 5.3.3.2-2).
func (p *protocol) authorizationURL(ctx context.Context, f *flow, redirectURI string) (string, error) {
	if f.at.AuthorizationEndpoint == "" {
		return "", fmt.Errorf("metadata of %s names no authorization_endpoint", f.at.Issuer)
	}
	d := p.party.Dialect()
	request := authorizationRequest(f, redirectURI)
	if d.CodeBinding && d.Constraint == control.DPoP {
		request.Set("dpop_jkt", p.dpop.Thumbprint()) // RFC 9449 s10
	}
	if d.Response == control.JWTResponse {
		request.Set("response_mode", "jwt") // JARM s2.3.4
	}
	if d.Request == control.SignedRequest {
		var err error
		if request, err = p.signRequest(f, request); err != nil {
			return "", err
		}
	}
	if d.Request != control.PlainRequest {
		uri, err := p.push(ctx, f, request)
		if err != nil {
			return "", err
		}
		request = url.Values{"client_id": {f.reg.ClientID}, "request_uri": {uri}}
	}
	return withQuery(f.at.AuthorizationEndpoint, request), nil
}

// authorizationRequest never names an API: what a person agrees to covers every API, and each access
// token is narrowed to one when it is asked for (RFC 8707 s2.2).
func authorizationRequest(f *flow, redirectURI string) url.Values {
	v := url.Values{
		"response_type": {"code"},
		"client_id":     {f.reg.ClientID},
		"redirect_uri":  {redirectURI},
		"scope":         {f.scope},
		"state":         {f.state},
	}
	if f.nonce != "" {
		v.Set("nonce", f.nonce)
	}
	for name := range f.extra {
		v[name] = f.extra[name]
	}
	if f.verifier != "" {
		v.Set("code_challenge", fapi.Hash(f.verifier))
		v.Set("code_challenge_method", "S256")
	}
	return v
}

func (p *protocol) push(ctx context.Context, f *flow, request url.Values) (string, error) {
	endpoint := f.at.PushedAuthorizationRequestEndpoint
	rep, err := p.post(ctx, call{reg: f.reg, at: f.at, endpoint: endpoint, name: "pushed_authorization_request_endpoint", form: request})
	if err != nil {
		return "", err
	}
	if rep.status != http.StatusCreated { // RFC 9126 s2.2
		return "", refusedBy(endpoint, rep)
	}
	requestURI, err := fapi.ParsePushed(rep.body)
	if err != nil || requestURI == "" {
		return "", fmt.Errorf("expected a request_uri from %s, got %.80q", endpoint, rep.body)
	}
	return requestURI, nil
}

// withQuery adds parameters to an endpoint, which may have some of its own (RFC 6749 s3.1).
func withQuery(endpoint string, v url.Values) string {
	separator := "?"
	if strings.Contains(endpoint, "?") {
		separator = "&"
	}
	return endpoint + separator + v.Encode()
}
