package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// app is a client in the thief's hands: his own, or one whose credentials he has stolen. It speaks
// correctly; techniques spoil what it says.
type app struct {
	g     Ground
	meta  fapi.Metadata
	creds fapi.Credentials
	auth  *fapi.Key     // for client assertions; nil with a secret
	key   *fapi.Key     // for proofs
	tls   *fapi.KeyPair // shown on every connection; nil for none
	nonce map[string]string
	// emergency goes with each request to an API as its purpose of use; empty for none.
	emergency string
}

// newApp discovers the honest authorization server. creds may be empty: the app then authenticates by
// naming a client_id only.
func newApp(ctx context.Context, g Ground, creds fapi.Credentials) (*app, error) {
	meta, err := discover(ctx, g, g.Target().Issuer)
	if err != nil {
		return nil, err
	}
	a := &app{g: g, meta: meta, creds: creds, key: g.Key("dpop"), nonce: map[string]string{}}
	if len(creds.JWK) > 0 {
		if a.auth, err = g.ReadKey(creds.JWK); err != nil {
			return nil, fmt.Errorf("the key of %s: %w", creds.ClientID, err)
		}
	}
	if len(creds.DPoPJWK) > 0 {
		if a.key, err = g.ReadKey(creds.DPoPJWK); err != nil {
			return nil, fmt.Errorf("the DPoP key of %s: %w", creds.ClientID, err)
		}
	}
	if creds.Certificate != "" {
		if a.tls, err = fapi.ParseKeyPair([]byte(creds.Certificate), creds.TLSJWK); err != nil {
			return nil, fmt.Errorf("the certificate of %s: %w", creds.ClientID, err)
		}
		a.meta = a.meta.PreferAliases()
	}
	return a, nil
}

// ownApp is the client the thief registered honestly.
func ownApp(ctx context.Context, g Ground) (*app, error) {
	var c fapi.Credentials
	if err := stolenJSON(g, event.OwnClient, &c); err != nil {
		return nil, err
	}
	return newApp(ctx, g, c)
}

func discover(ctx context.Context, g Ground, issuer string) (m fapi.Metadata, err error) {
	a, err := send(g, get(ctx, issuer+"/.well-known/openid-configuration"))
	if err != nil {
		return m, err
	}
	if m, err = fapi.ParseMetadata(a.body); err != nil || !a.ok() {
		return m, fmt.Errorf("expected metadata at %s, got status %d: %w", issuer, a.status, err)
	}
	return m, nil
}

// assertion makes a client assertion as the client's registration wants it.
func (a *app) assertion() fapi.Assertion {
	audience := a.meta.Issuer
	if a.creds.AssertionAudience == "token_endpoint" {
		audience = a.meta.TokenEndpoint
	}
	return fapi.NewAssertion(a.creds.ClientID, audience, a.g.Now(), 10*time.Second, a.g.Random())
}

// authenticate adds the client's credentials to a request's form or header.
func (a *app) authenticate(form url.Values) (basic *url.Userinfo, err error) {
	form.Set("client_id", a.creds.ClientID)
	switch {
	case a.creds.AuthMethod == "client_secret_basic":
		form.Del("client_id")
		return url.UserPassword(url.QueryEscape(a.creds.ClientID), url.QueryEscape(a.creds.Secret)), nil
	case a.creds.AuthMethod == "client_secret_post":
		form.Set("client_secret", a.creds.Secret)
	case a.auth != nil:
		signed, err := a.assertion().Sign(a.auth, a.creds.AssertionTyp)
		if err != nil {
			return nil, err
		}
		addAssertion(form, signed)
	}
	return nil, nil
}

func addAssertion(form url.Values, assertion string) {
	form.Set("client_assertion_type", fapi.AssertionType)
	form.Set("client_assertion", assertion)
}

// proof makes the claims of a proof for a request, with the nonce its server last asked for.
func (a *app) proof(method, rawURL, token string) fapi.Proof {
	p := fapi.NewProof(method, rawURL, token, a.g.Now(), a.g.Random())
	p.Nonce = a.nonce[origin(rawURL)]
	return p
}

func origin(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// proves tells whether the app sends proofs. One whose tokens are bound to its certificate has no use
// for them.
func (a *app) proves() bool { return a.tls == nil || !a.creds.CertificateBound }

// send is the app's own send: with its certificate, if it has one.
func (a *app) send(r *http.Request) (answer, error) {
	if a.tls == nil {
		return send(a.g, r)
	}
	return received(a.g.DoWith(a.tls, r))
}

// call posts a form to the authorization server with the app's credentials and a proof, and once more
// if the server asks for a nonce. spoil, if not nil, has the last word over each request.
func (a *app) call(ctx context.Context, endpoint string, form url.Values, spoil func(*http.Request, url.Values)) (answer, error) {
	return a.withNonce(endpoint, func() (*http.Request, error) {
		f := url.Values{}
		for k, v := range form {
			f[k] = append([]string(nil), v...)
		}
		basic, err := a.authenticate(f)
		if err != nil {
			return nil, err
		}
		r := post(ctx, endpoint, f)
		if a.proves() {
			proof, err := a.proof(http.MethodPost, endpoint, "").Sign(a.key)
			if err != nil {
				return nil, err
			}
			r.Header.Set("DPoP", proof)
		}
		if basic != nil {
			password, _ := basic.Password()
			r.SetBasicAuth(basic.Username(), password)
		}
		if spoil != nil {
			before := f.Encode()
			if spoil(r, f); f.Encode() != before {
				header := r.Header
				r = post(ctx, endpoint, f)
				r.Header = header
			}
		}
		return r, nil
	})
}

// withNonce sends what build makes; if the server asks for a nonce, it builds again with that nonce.
func (a *app) withNonce(rawURL string, build func() (*http.Request, error)) (answer, error) {
	for try := 0; ; try++ {
		r, err := build()
		if err != nil {
			return answer{}, err
		}
		ans, err := a.send(r)
		if err != nil {
			return ans, err
		}
		if fresh := ans.header.Get("DPoP-Nonce"); fresh != "" {
			a.nonce[origin(rawURL)] = fresh
		}
		if try > 0 || !ans.asksForNonce() {
			return ans, nil
		}
	}
}

// token asks the token endpoint. It returns ErrStopped if no access token came.
func (a *app) token(ctx context.Context, form url.Values, spoil func(*http.Request, url.Values)) (t fapi.TokenResponse, err error) {
	ans, err := a.call(ctx, a.meta.TokenEndpoint, form, spoil)
	if err != nil {
		return t, err
	}
	return readToken(ans)
}

func readToken(ans answer) (t fapi.TokenResponse, err error) {
	if !ans.ok() {
		return t, ErrStopped
	}
	if t, err = fapi.ParseTokenResponse(ans.body); err != nil || t.AccessToken == "" {
		return t, fmt.Errorf("expected a token response, got %q: %w", ans.body, err)
	}
	return t, nil
}

// read asks the API for something with a token, under the scheme the token's type calls for.
func (a *app) read(ctx context.Context, rawURL string, t fapi.TokenResponse) (answer, error) {
	return a.withNonce(rawURL, func() (*http.Request, error) { return a.asking(ctx, rawURL, t) })
}

// asking is the request of a read, with the nonce its server last asked for.
func (a *app) asking(ctx context.Context, rawURL string, t fapi.TokenResponse) (*http.Request, error) {
	r := get(ctx, rawURL)
	if a.emergency != "" {
		r.Header.Set("Purpose-Of-Use", a.emergency)
	}
	if t.TokenType == "Bearer" {
		return withToken(r, "Bearer", t.AccessToken, ""), nil
	}
	proof, err := a.proof(http.MethodGet, rawURL, t.AccessToken).Sign(a.key)
	return withToken(r, "DPoP", t.AccessToken, proof), err
}

// noCredentials is a client that has none.
var noCredentials fapi.Credentials

const hour = time.Hour

// bound is a token response for a token that needs proofs.
func bound(token string) fapi.TokenResponse {
	return fapi.TokenResponse{AccessToken: token, TokenType: "DPoP"}
}

// victimsCredentials are the honest client's, with its stolen key.
func victimsCredentials(g Ground) (fapi.Credentials, error) {
	var c fapi.Credentials
	if err := stolenJSON(g, event.ClientKey, &c); err != nil {
		return c, err
	}
	c.DPoPJWK = nil // the key for proofs was not in the backup
	if c.AuthMethod == "private_key_jwt" {
		c.Certificate, c.TLSJWK = "", nil // nor was the certificate, if it is not what the client authenticates with
	}
	return c, nil
}

// addVictimsKey adds the stolen key that the honest client's tokens are bound to: for proofs, or for TLS.
func addVictimsKey(g Ground, c *fapi.Credentials) error {
	stolen := g.Stolen(event.DPoPKey)
	if len(stolen) == 0 {
		return nil // the tokens are bound to none
	}
	var held fapi.Credentials
	if err := json.Unmarshal(stolen, &held); err != nil {
		return fmt.Errorf("the stolen %s: %w", event.DPoPKey, err)
	}
	if held.Certificate == "" {
		c.DPoPJWK = stolen
		return nil
	}
	c.Certificate, c.TLSJWK, c.CertificateBound = held.Certificate, held.TLSJWK, held.CertificateBound
	return nil
}
