package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

const appBack = "https://app.test/back"

func newAppIn(w *world, scope string) *App {
	w.t.Helper()
	a, err := NewApp(AppConfig{
		Party: w.party, HTTP: &http.Client{Transport: w.net}, Registration: w.register(w.as, "app"),
		RedirectURI: appBack, Scope: scope, API: fhirBase, DPoPKey: w.dpop,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// arrive goes through an app's sign-in up to the callback.
func arrive(w *world, a *App) error {
	w.t.Helper()
	ctx := context.Background()
	if err := a.Discover(ctx); err != nil {
		return err
	}
	to, err := a.Begin(ctx)
	if err != nil {
		return err
	}
	_, back, _ := w.browser().get(to)
	u, err := url.Parse(back)
	if err != nil || back == "" {
		w.t.Fatalf("expected to be sent back, got %q, %v", back, err)
	}
	return a.Arrive(ctx, u.RawQuery)
}

func redeem(w *world, a *App) (Grant, error) {
	if err := arrive(w, a); err != nil {
		return Grant{}, err
	}
	return a.Redeem(context.Background())
}

// An app goes the whole way under every profile and under every single ablation, and what it passes is
// what the EHR passes.
func TestAppJourney(t *testing.T) {
	for _, p := range control.Profiles() {
		for _, without := range append([]*control.Control{nil}, Guards()...) {
			profile := p.Full()
			if without != nil {
				profile = profile.Without(without)
			}
			w := newWorld(t, profile)
			a := newAppIn(w, SignInScope)
			g, err := redeem(w, a)
			if err != nil || g.Subject != "berg" || !g.Refreshes || g.Lifetime == 0 || g.TokenType != scheme(p.Dialect) {
				t.Fatalf("%s: got %+v, %v\n%s", p.Name, g, err, w.diagnosis())
			}
			if g, err = a.Refresh(t.Context()); err != nil || !g.Refreshes {
				t.Fatalf("%s: refresh: got %+v, %v", p.Name, g, err)
			}
			if body, err := a.Read(t.Context(), fhirBase+"/Patient/p07"); err != nil || len(body) == 0 {
				t.Fatalf("%s: read: got %s, %v", p.Name, body, err)
			}
			w.as.noFaults(t)
		}
	}
}

// An app without openid asks for no ID token, sends no nonce, and believes nobody about a person.
func TestAppWithoutSignIn(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	a := newAppIn(w, "user/*.rs")
	g, err := redeem(w, a)
	if err != nil || g.Subject != "" {
		t.Errorf("got %+v, %v", g, err)
	}
	for _, pushed := range w.as.pushed {
		if pushed.Has("nonce") || pushed.Get("scope") != "user/*.rs" {
			t.Errorf("expected no nonce, got %v", pushed)
		}
	}
	own := newAppIn(w, SystemScope)
	if err := own.Discover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if g, err := own.Own(t.Context()); err != nil || g.Refreshes {
		t.Errorf("got %+v, %v", g, err)
	}
	if _, err := own.Refresh(t.Context()); !errors.Is(err, errNoRefresh) {
		t.Errorf("expected nothing to refresh with, got %v", err)
	}
}

// No guard of the EHR's is missing from the app: each stops it when the server is wrong by one thing.
func TestAppSkipsNoCheck(t *testing.T) {
	wrong := map[*control.Control]func(*world){
		control.ClientMetadataIssuer: func(w *world) { w.as.spoilMetadata = func(m *fapi.Metadata) { m.Issuer += "/" } },
		control.ClientState:          func(w *world) { w.as.spoilAnswer = func(v url.Values) { v.Del("state") } },
		control.ClientIss:            func(w *world) { w.as.spoilAnswer = func(v url.Values) { v.Set("iss", rogueURL) } },
		control.ClientTokenType: func(w *world) {
			w.as.spoilTokens = func(r *fapi.TokenResponse) { r.TokenType = "Bearer" }
		},
		control.ClientIDTokenSignature: func(w *world) {
			w.as.signID = func(claims fapi.IDToken) string { return must(claims.Sign(w.rogue.key)) }
		},
		control.ClientIDTokenIssuer:   spoilID(func(c *fapi.IDToken) { c.Issuer = rogueURL }),
		control.ClientIDTokenAudience: spoilID(func(c *fapi.IDToken) { c.Audience = fapi.Audience{Values: []string{"app", "other"}, Array: true} }),
		control.ClientIDTokenExpiry:   spoilID(func(c *fapi.IDToken) { c.Expires = 0 }),
		control.ClientIDTokenNonce:    spoilID(func(c *fapi.IDToken) { c.Nonce = "another" }),
		control.ClientTokenIssuer:     func(w *world) { w.as.spoilAccess = func(c *fapi.AccessToken) { c.Issuer = rogueURL } },
	}
	ruled := map[*control.Control]bool{}
	refuses := func(p control.Profile, c *control.Control, spoil func(*world)) {
		ruled[c] = true
		w := newWorld(t, p)
		spoil(w)
		_, err := redeem(w, newAppIn(w, SignInScope))
		if refusal := control.RefusalOf(err); refusal == nil || refusal.Control != c {
			t.Errorf("expected %s to refuse, got %v", c.ID, err)
		}
	}
	for c, spoil := range wrong {
		refuses(full(t), c, spoil)
	}
	for _, c := range wrongResponses {
		refuses(signing(t), c.control, c.spoil)
	}
	for _, c := range Guards() {
		// These judge links into pages, what an app was opened on, what was fetched for whom and what a page shows; an app without pages has none of them.
		ofPages := []*control.Control{control.ClientOnward, control.ClientCallbackOnward, control.ClientAPI, control.ClientLaunchContext, control.ClientFHIRUser,
			control.ClientGatewayObject, control.ClientActiveContent, control.ClientForeignReference}
		if !ruled[c] && !slices.Contains(ofPages, c) {
			t.Errorf("expected a server that is wrong about %s", c.ID)
		}
	}
}

// The response is used once, and its error is passed on.
func TestAppArrivals(t *testing.T) {
	w := newWorld(t, full(t))
	a := newAppIn(w, SignInScope)
	if err := arrive(w, a); err != nil {
		t.Fatal(err)
	}
	if err := a.Arrive(t.Context(), "code=x&state=y&iss="+url.QueryEscape(asURL)); control.RefusalOf(err) == nil {
		t.Errorf("expected a second response to be refused, got %v", err)
	}
	w.as.spoilAnswer = func(v url.Values) { v.Del("code"); v.Set("error", "access_denied") }
	if err := arrive(w, a); err == nil || control.RefusalOf(err) != nil {
		t.Errorf("expected the server's error, got %v", err)
	}
	for name, err := range map[string]error{
		"a response that cannot be read": a.Arrive(t.Context(), "%"),
		"begin":                          second(newAppIn(w, "").Begin(t.Context())),
		"redeem":                         second(newAppIn(w, "").Redeem(t.Context())),
		"read":                           second(newAppIn(w, "").Read(t.Context(), fhirBase)),
		"no client":                      second(NewApp(AppConfig{})),
		"no party":                       second(NewApp(AppConfig{Registration: w.register(w.as, "x")})),
	} {
		if err == nil {
			t.Errorf("%s: expected an error", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Several keys may share a kid: the one that made the signature is among them (SP 5.4.3).
func TestKeysThatShareAKid(t *testing.T) {
	w := newWorld(t, full(t))
	decoy, err := fapi.NewES256Key(w.as.key.ID, w.dice.Fork("decoy"))
	if err != nil {
		t.Fatal(err)
	}
	rsa, err := fapi.NewRSAKey(w.as.key.ID, "PS256")
	if err != nil {
		t.Fatal(err)
	}
	w.net.m["as.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/jwks" {
			_, _ = rw.Write(fapi.JWKS(rsa.Public(), decoy.Public(), w.as.key.Public()))
			return
		}
		w.as.ServeHTTP(rw, r)
	})
	w.browser().mustSignIn()
}
