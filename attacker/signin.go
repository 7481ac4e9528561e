package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

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
	if change != nil {
		change(form)
	}
	if a.meta.PushedAuthorizationRequestEndpoint == "" || !a.meta.RequirePAR {
		z.url = a.meta.AuthorizationEndpoint + "?" + form.Encode()
		return z, nil
	}
	uri, err := a.push(ctx, form, nil)
	z.url = a.front(uri)
	return z, err
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
	z, err := a.authorize(ctx, scope, resource, nil)
	if err != nil {
		return fapi.TokenResponse{}, err
	}
	page, err := a.g.Browser().Visit(ctx, z.url, z.redirect)
	if err != nil {
		return fapi.TokenResponse{}, err
	}
	code := queryOf(page.URL).Get("code")
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

func queryOf(rawURL string) url.Values {
	u, err := url.Parse(rawURL)
	if err != nil {
		return url.Values{}
	}
	return u.Query()
}
