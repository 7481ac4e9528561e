package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"thiefbox/sim/fapi"
)

// authorization is an authorization request of an app, ready to be opened in a browser.
type authorization struct {
	url      string
	verifier string
	redirect string
}

// authorize prepares an authorization request: pushed, if the server takes that. change, if not nil,
// edits the parameters first.
func (a *app) authorize(ctx context.Context, scope, resource string, change func(url.Values)) (authorization, error) {
	z := authorization{verifier: a.g.Random(), redirect: a.creds.RedirectURI}
	form := url.Values{
		"response_type": {"code"}, "client_id": {a.creds.ClientID}, "redirect_uri": {z.redirect}, "scope": {scope},
		"state": {a.g.Random()}, "code_challenge": {fapi.Hash(z.verifier)}, "code_challenge_method": {"S256"},
	}
	if resource != "" {
		form.Set("resource", resource)
	}
	if a.meta.RequireSignedRequest { // then its answers are signed too (FAPI 2.0 MS)
		form.Set("response_mode", "jwt")
	}
	if change != nil {
		change(form)
	}
	if a.meta.PushedAuthorizationRequestEndpoint == "" || !a.meta.RequirePAR {
		z.url = a.meta.AuthorizationEndpoint + "?" + form.Encode()
		return z, nil
	}
	if a.meta.RequireSignedRequest && a.auth != nil {
		object, err := a.requestObject(form).Sign(a.auth, fapi.TypRequest)
		if err != nil {
			return z, err
		}
		form = url.Values{"request": {object}}
	}
	uri, err := a.push(ctx, form, nil)
	z.url = a.front(uri)
	return z, err
}

// requestObject makes a request object as the server wants it.
func (a *app) requestObject(parameters url.Values) fapi.RequestObject {
	now := a.g.Now()
	return fapi.RequestObject{
		Issuer: a.creds.ClientID, Audience: fapi.Audience{Values: []string{a.meta.Issuer}}, JTI: a.g.Random(),
		IssuedAt: now.Unix(), NotPrior: now.Unix(), Expires: now.Add(5 * time.Minute).Unix(), Parameters: parameters,
	}
}

// front is the URL that opens a pushed request.
func (a *app) front(requestURI string) string {
	return a.meta.AuthorizationEndpoint + "?" + url.Values{"client_id": {a.creds.ClientID}, "request_uri": {requestURI}}.Encode()
}

// push sends an authorization request to the PAR endpoint. It returns ErrStopped if that is refused.
func (a *app) push(ctx context.Context, form url.Values, spoil func(*http.Request, url.Values)) (string, error) {
	ans, err := a.call(ctx, a.meta.PushedAuthorizationRequestEndpoint, form, spoil)
	if err != nil {
		return "", err
	}
	if !ans.ok() {
		return "", ErrStopped
	}
	var pushed struct {
		RequestURI string `json:"request_uri"`
	}
	if err := json.Unmarshal(ans.body, &pushed); err != nil || pushed.RequestURI == "" {
		return "", fmt.Errorf("expected a request_uri, got %q: %w", ans.body, err)
	}
	return pushed.RequestURI, nil
}

// signIn gets the app a token for the thief himself: he opens the request in his own browser, signs
// in and agrees.
func (a *app) signIn(ctx context.Context, scope, resource string) (fapi.TokenResponse, error) {
	return a.signInAs(ctx, scope, resource, nil)
}

// signInAs is signIn with parameters of the request changed.
func (a *app) signInAs(ctx context.Context, scope, resource string, change func(url.Values)) (fapi.TokenResponse, error) {
	z, err := a.authorize(ctx, scope, resource, change)
	if err != nil {
		return fapi.TokenResponse{}, err
	}
	page, err := a.g.Browser().Visit(ctx, z.url, z.redirect)
	if err != nil {
		return fapi.TokenResponse{}, err
	}
	code := answerOf(page.URL).Get("code")
	if code == "" {
		return fapi.TokenResponse{}, ErrStopped
	}
	return a.redeem(ctx, code, z, resource)
}

// redeem exchanges a code for tokens.
func (a *app) redeem(ctx context.Context, code string, z authorization, resource string) (fapi.TokenResponse, error) {
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {z.redirect}, "code_verifier": {z.verifier},
	}
	if resource != "" {
		form.Set("resource", resource)
	}
	return a.token(ctx, form, nil)
}

// answerOf is what an authorization response says, whether its parameters stand in the URL or in a JWT (JARM).
func answerOf(rawURL string) url.Values {
	q := queryOf(rawURL)
	if claims, ok := signedAnswer(q.Get("response")); ok {
		return url.Values{"code": {claims.Code}, "state": {claims.State}, "iss": {claims.Issuer}, "error": {claims.Error}}
	}
	return q
}

// signedAnswer reads a signed authorization response, which is not encrypted: whoever sees it reads it.
func signedAnswer(compact string) (claims fapi.AuthorizationResponse, ok bool) {
	t, err := fapi.ParseJWT(compact)
	if err != nil {
		return claims, false
	}
	return claims, t.Claims(&claims) == nil
}

// withCode is an authorization response with another code in it. A signed one he cannot change, and so he
// writes it anew, without a signature, in plain parameters.
func withCode(response *url.URL, code string) string {
	changed := *response
	q := answerOf(response.String())
	q.Set("code", code)
	q.Del("error")
	changed.RawQuery = q.Encode()
	return changed.String()
}

func queryOf(rawURL string) url.Values {
	u, err := url.Parse(rawURL)
	if err != nil {
		return url.Values{}
	}
	return u.Query()
}
