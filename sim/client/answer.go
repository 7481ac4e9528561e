package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// answer is a token response on trial.
type answer struct {
	ctx      context.Context // of the request that is being served
	protocol *protocol
	reg      *Registration
	at       *provider // who is believed to have answered
	now      time.Time
	dialect  control.Dialect
	nonce    string // that the ID token must repeat; empty if none was sent

	response fapi.TokenResponse
	id       *fapi.JWT // nil if no ID token came
	claims   fapi.IDToken
	keys     []fapi.Public // of the server, for the ID token
	noKeys   error         // why there are none
}

// typeGuards and originGuards judge every token response. identityGuards (idtoken.go) come between
// them where somebody signs in.
var (
	typeGuards = []control.Guard[answer]{
		{Control: control.ClientTokenType, Check: checkTokenType, Answer: signInFailed},
	}
	originGuards = []control.Guard[answer]{
		{Control: control.ClientTokenIssuer, Check: checkTokenIssuer, Answer: signInFailed},
	}
)

// signInFailed is all that a stranger may learn from a refusal of the client's.
var signInFailed = control.Answer{Status: http.StatusBadRequest, Code: "invalid_request", Safe: "The sign-in could not be completed."}

// checkTokenType: RFC 9449 s5: a server that does not know DPoP answers Bearer, and the token is then
// not bound. Without the check, the token is used as what it says it is. Compared without case (RFC
// 6749 s5.1).
func checkTokenType(a *answer) (string, error) {
	want := scheme(a.dialect)
	if strings.EqualFold(a.response.TokenType, want) {
		return a.response.TokenType, nil
	}
	return a.response.TokenType, control.Expected("token_type", want, a.response.TokenType)
}

// checkTokenIssuer looks into the access token, as SP 6.3 suggests against the cuckoo's token. Without
// it the client adds its own proof to whatever token it was handed.
func checkTokenIssuer(a *answer) (string, error) {
	claims, err := accessClaims(a.response.AccessToken)
	if err != nil {
		return "", control.Expected("access token", "a JWT whose issuer can be read", err.Error())
	}
	if claims.Issuer == a.at.Issuer {
		return claims.Issuer, nil
	}
	return claims.Issuer, control.Expected("issuer of the access token", a.at.Issuer, claims.Issuer)
}

func accessClaims(compact string) (*fapi.AccessToken, error) {
	t, err := fapi.ParseJWT(compact)
	if err != nil {
		return nil, err
	}
	var claims fapi.AccessToken
	return &claims, t.Claims(&claims)
}

// scheme is the type of token the dialect is about, and its HTTP authentication scheme.
func scheme(d control.Dialect) string {
	if d.Constraint == control.DPoP {
		return "DPoP"
	}
	return "Bearer"
}

// ask makes a token request and takes its answer apart. Nothing about it is believed yet.
func (p *protocol) ask(ctx context.Context, reg *Registration, at *provider, form url.Values, api string) (*answer, error) {
	d := p.party.Dialect()
	if d.PerAPITokens && api != "" {
		form.Set("resource", api) // RFC 8707 s2.2
	}
	c := call{reg: reg, at: at, endpoint: at.TokenEndpoint, name: "token_endpoint", form: form, prove: d.Constraint == control.DPoP}
	rep, err := p.post(ctx, c)
	if err != nil {
		return nil, err
	}
	if rep.status != http.StatusOK {
		return nil, refusedBy(at.TokenEndpoint, rep)
	}
	a := &answer{ctx: ctx, protocol: p, reg: reg, at: at, now: p.party.Clock.Now(), dialect: d}
	return a, a.parse(rep.body)
}

func (a *answer) parse(body []byte) error {
	var err error
	if a.response, err = fapi.ParseTokenResponse(body); err != nil {
		return fmt.Errorf("expected a token response from %s: %w", a.at.TokenEndpoint, err)
	}
	if a.response.AccessToken == "" {
		return fmt.Errorf("expected an access_token from %s, got none", a.at.TokenEndpoint)
	}
	if a.response.IDToken == "" {
		return nil
	}
	if a.id, err = fapi.ParseJWT(a.response.IDToken); err != nil {
		return fmt.Errorf("ID token of %s: %w", a.at.Issuer, err)
	}
	return a.id.Claims(&a.claims)
}

// guard judges an answer.
type guard = control.Guard[answer]

// accept runs guard lists over the answer. The error is a *control.Refusal.
func (a *answer) accept(lists ...[]guard) error {
	for _, guards := range lists {
		if err := party.Enforce(a.ctx, a.protocol.party, a, guards); err != nil {
			return err
		}
	}
	return nil
}

// subject is who the answer says has signed in: by the ID token, or if none came by the access token.
func (a *answer) subject() (string, error) {
	if a.id != nil && a.claims.Subject != "" {
		return a.claims.Subject, nil
	}
	if claims, err := accessClaims(a.response.AccessToken); err == nil && claims.Subject != "" {
		return claims.Subject, nil
	}
	return "", errors.New("expected an ID token that says who has signed in, got none, and the access token does not say either")
}

// token is what a client keeps of an answer.
type token struct {
	access  string
	scheme  string // how it is presented: DPoP or Bearer
	scope   string
	expires time.Time // zero if the server did not say
}

// token believes the type the server named; what else it might name is presented as the dialect has it.
func (a *answer) token() token {
	t := token{access: a.response.AccessToken, scope: a.response.Scope, scheme: scheme(a.dialect)}
	for _, known := range []string{"Bearer", "DPoP"} {
		if strings.EqualFold(a.response.TokenType, known) {
			t.scheme = known
		}
	}
	if a.response.ExpiresIn > 0 {
		t.expires = a.now.Add(time.Duration(a.response.ExpiresIn) * time.Second)
	}
	return t
}

// clientCredentials gets a token in the client's own name (RFC 6749 s4.4).
func (p *protocol) clientCredentials(ctx context.Context, reg *Registration, scope, api string) (token, error) {
	at, err := p.discover(ctx, reg.Issuer)
	if err != nil {
		return token{}, err
	}
	a, err := p.ask(ctx, reg, at, url.Values{"grant_type": {"client_credentials"}, "scope": {scope}}, api)
	if err != nil {
		return token{}, err
	}
	if err := a.accept(typeGuards, originGuards); err != nil {
		return token{}, err
	}
	return a.token(), nil
}
