package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// AppConfig is what an app needs to know.
type AppConfig struct {
	Party        *party.Party
	HTTP         *http.Client
	Registration Registration
	// RedirectURI is where the person is sent back to; empty for an app that acts in its own name.
	RedirectURI string
	Scope       string
	// API is what tokens are asked for, where the dialect asks for one per API (RFC 8707). Empty leaves
	// it to the server.
	API string
	// Launch is the handle that an EHR opened the app with (SMART App Launch); empty for an app that is opened by
	// itself. With a scope that begins with launch, API is the FHIR API that the app is opened at.
	Launch  string
	DPoPKey *fapi.Key // for proofs; nil takes the registration's
}

// App is a client with one person before it, who goes through one sign-in, a step at a time: Discover,
// Begin, Arrive, Redeem or, in its own name, Discover and Own; then Refresh and Read. Each step is what
// the EHR does too, judged by the same guards. It is not safe for concurrent use.
type App struct {
	protocol *protocol
	config   AppConfig
	reg      *Registration
	at       *provider
	flows    flows
	arrived  *arrival
	token    token
	refresh  string
}

// NewApp returns an app. The error says which field of the configuration is wrong.
func NewApp(c AppConfig) (*App, error) {
	reg, err := c.Registration.prepare()
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	p, err := newProtocol(c.Party, c.HTTP, reg, c.DPoPKey)
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	return &App{protocol: p, config: c, reg: reg}, nil
}

// Grant is what the app holds after a step, for a person to read.
type Grant struct {
	TokenType, Scope string
	// Lifetime is how long the server says the token lives; zero if it did not say.
	Lifetime time.Duration
	// Subject is who signed in; empty if nobody did.
	Subject   string
	Patient   string // whom the app was opened on; empty for nobody
	Refreshes bool   // a refresh token came
}

// The browser of an app is the person's own, and only the app's own state tells whose answer it is.
const appBrowser = "the person's own"

var errOrder = errors.New("app: expected the steps in their order")

// Discover reads the issuer's metadata.
func (a *App) Discover(ctx context.Context) (err error) {
	a.at, err = a.protocol.discover(ctx, a.reg.Issuer)
	return err
}

// Begin makes an authorization request, pushes it, and returns where the browser goes.
func (a *App) Begin(ctx context.Context) (authorizationURL string, err error) {
	if a.at == nil {
		return "", errOrder
	}
	dice, d := a.protocol.party.Dice, a.protocol.party.Dialect()
	f := &flow{state: dice.Token(), browser: appBrowser, reg: a.reg, at: a.at, scope: a.config.Scope, begun: a.protocol.party.Clock.Now()}
	if d.PKCE {
		f.verifier = dice.Token()
	}
	if a.signsIn() {
		f.nonce = dice.Token()
	}
	if a.opens() {
		f.extra = url.Values{}
		a.protocol.openAt(f, a.config.API, a.config.Launch)
	}
	to, err := a.protocol.authorizationURL(ctx, f, a.config.RedirectURI)
	if err != nil {
		return "", err
	}
	a.flows.add(f)
	return to, nil
}

// signsIn tells whether the app wants to know who the person is (OIDC Core s3.1.2.1).
func (a *App) signsIn() bool { return fapi.Scope(a.config.Scope).Has("openid") }

// opens tells whether the app asks to be opened on a record (SMART App Launch).
func (a *App) opens() bool {
	s := fapi.Scope(a.config.Scope)
	return a.config.API != "" && (s.Has("launch") || s.Has("launch/patient") || s.Has("launch/encounter"))
}

// Arrive judges the authorization response: the query of the URL the browser came back to.
func (a *App) Arrive(ctx context.Context, rawQuery string) error {
	got, err := parseArrival(rawQuery)
	if err != nil {
		return err
	}
	got.browser, got.now, got.pending, got.home = appBrowser, a.protocol.party.Clock.Now(), &a.flows, a.reg
	got.dialect = a.protocol.party.Dialect()
	if err := a.protocol.admit(ctx, got); err != nil {
		return err
	}
	if got.problem != "" {
		return fmt.Errorf("%s answered the authorization request with %q", got.believed(), got.problem)
	}
	a.arrived = got
	return nil
}

// Redeem exchanges the code for tokens, and judges them: the ID token too if somebody signs in.
func (a *App) Redeem(ctx context.Context) (Grant, error) {
	if a.arrived == nil || a.arrived.flow == nil {
		return Grant{}, errOrder
	}
	got, err := a.protocol.exchange(ctx, a.arrived.flow, a.arrived.code, a.config.RedirectURI, a.config.API)
	if err != nil {
		return Grant{}, err
	}
	lists := [][]guard{typeGuards, identityGuards, originGuards}
	if !a.signsIn() {
		lists = [][]guard{typeGuards, originGuards}
	}
	if err := got.accept(lists...); err != nil {
		return Grant{}, err
	}
	if a.opens() && fapi.Scope(a.config.Scope).Has("fhirUser") {
		if err := party.Enforce(ctx, a.protocol.party, placementOf(got, &flow{api: a.config.API}), placeGuards); err != nil {
			return Grant{}, err
		}
	}
	g := a.keep(got)
	if got.response.Launch != nil {
		g.Patient = got.response.Patient
	}
	if a.signsIn() {
		g.Subject = got.claims.Subject
	}
	return g, nil
}

// keep takes what the answer brought. A server may rotate the refresh token.
func (a *App) keep(got *answer) Grant {
	a.token = got.token()
	if got.response.RefreshToken != "" {
		a.refresh = got.response.RefreshToken
	}
	return a.grant()
}

func (a *App) grant() Grant {
	g := Grant{TokenType: a.token.scheme, Scope: a.token.scope, Refreshes: a.refresh != ""}
	if !a.token.expires.IsZero() {
		g.Lifetime = a.token.expires.Sub(a.protocol.party.Clock.Now()).Round(time.Second)
	}
	return g
}

// Own gets a token in the app's own name (RFC 6749 s4.4).
func (a *App) Own(ctx context.Context) (g Grant, err error) {
	a.token, err = a.protocol.clientCredentials(ctx, a.reg, a.config.Scope, a.config.API)
	if err != nil {
		return Grant{}, err
	}
	return a.grant(), nil
}

// Refresh gets another access token for the refresh token (RFC 6749 s6).
func (a *App) Refresh(ctx context.Context) (Grant, error) {
	if a.refresh == "" {
		return Grant{}, errNoRefresh
	}
	got, err := a.protocol.ask(ctx, a.reg, a.at, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {a.refresh}}, a.config.API)
	if err != nil {
		return Grant{}, err
	}
	if err := got.accept(typeGuards, originGuards); err != nil {
		return Grant{}, err
	}
	return a.keep(got), nil
}

// Read gets a resource with the latest token. Any status but 200 is an *UpstreamError.
func (a *App) Read(ctx context.Context, address string) ([]byte, error) {
	if a.token.access == "" {
		return nil, errOrder
	}
	return a.protocol.read(ctx, a.token, address)
}
