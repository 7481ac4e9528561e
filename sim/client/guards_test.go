package client

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

type fapiTokenResponse = fapi.TokenResponse

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

// Each control of the client stands in exactly one guard, in the order of the catalogue.
func TestGuardsAreTheCatalogue(t *testing.T) {
	var want []*control.Control
	for _, c := range control.All() {
		if c.Owner == control.Client {
			want = append(want, c)
		}
	}
	if got := Guards(); !slices.Equal(got, want) {
		t.Errorf("expected %v, got %v", want, got)
	}
}

// wrong is an answer that is correct but for one thing, and the control that notices.
var wrong = []struct {
	name    string
	control *control.Control
	spoil   func(*world)
	// without is what becomes of the sign-in if the control is off: who is signed in, empty if it fails
	// for another reason.
	without string
}{
	{"metadata of another issuer", control.ClientMetadataIssuer, func(w *world) {
		w.as.spoilMetadata = func(m *fapi.Metadata) { m.Issuer = rogueURL }
	}, ""}, // the client then expects rogue's answers
	{"metadata with a slash", control.ClientMetadataIssuer, func(w *world) {
		w.as.spoilMetadata = func(m *fapi.Metadata) { m.Issuer += "/" }
	}, ""},
	{"metadata without issuer", control.ClientMetadataIssuer, func(w *world) {
		w.as.spoilMetadata = func(m *fapi.Metadata) { m.Issuer = "" }
	}, ""},
	{"no state", control.ClientState, func(w *world) {
		w.as.spoilAnswer = func(v url.Values) { v.Del("state") }
	}, "berg"},
	{"another state", control.ClientState, func(w *world) {
		w.as.spoilAnswer = func(v url.Values) { v.Set("state", v.Get("state")+"x") }
	}, "berg"},
	{"no iss", control.ClientIss, func(w *world) {
		w.as.spoilAnswer = func(v url.Values) { v.Del("iss") }
	}, "berg"},
	{"another iss", control.ClientIss, func(w *world) {
		w.as.spoilAnswer = func(v url.Values) { v.Set("iss", rogueURL) }
	}, "berg"},
	{"iss with another case", control.ClientIss, func(w *world) {
		w.as.spoilAnswer = func(v url.Values) { v.Set("iss", "https://AS.test") }
	}, "berg"},
	{"iss with something after it", control.ClientIss, func(w *world) {
		w.as.spoilAnswer = func(v url.Values) { v.Set("iss", asURL+".evil.test") }
	}, "berg"},
	{"no token_type", control.ClientTokenType, func(w *world) {
		w.as.spoilTokens = func(r *fapi.TokenResponse) { r.TokenType = "" }
	}, "berg"},
	{"an unbound token", control.ClientTokenType, func(w *world) {
		w.as.spoilTokens = func(r *fapi.TokenResponse) { r.TokenType = "Bearer" }
	}, "berg"},
	{"ID token of another key", control.ClientIDTokenSignature, func(w *world) {
		w.as.signID = func(id fapi.IDToken) string { return must(id.Sign(w.dpop)) }
	}, "berg"},
	{"ID token of another key under our kid", control.ClientIDTokenSignature, func(w *world) {
		w.as.signID = func(id fapi.IDToken) string {
			return must(fapi.Sign(fapi.Header{Kid: w.as.key.ID}, id, w.dpop))
		}
	}, "berg"},
	{"unsigned ID token", control.ClientIDTokenSignature, func(w *world) {
		w.as.signID = func(id fapi.IDToken) string { return must(fapi.ForgeUnsigned(fapi.Header{}, id)) }
	}, "berg"},
	{"ID token by HMAC with the public key", control.ClientIDTokenSignature, func(w *world) {
		w.as.signID = func(id fapi.IDToken) string {
			return must(fapi.ForgeHMAC(fapi.Header{Kid: w.as.key.ID}, id, w.as.key.Public()))
		}
	}, "berg"},
	{"ID token altered", control.ClientIDTokenSignature, func(w *world) {
		w.as.signID = func(id fapi.IDToken) string {
			parts := strings.Split(must(id.Sign(w.as.key)), ".")
			id.Subject = "chief"
			parts[1] = strings.Split(must(id.Sign(w.as.key)), ".")[1]
			return strings.Join(parts, ".")
		}
	}, "chief"},
	{"no keys", control.ClientIDTokenSignature, func(w *world) { w.as.spoilStatus["/jwks"] = 500 }, "berg"},
	{"no jwks_uri", control.ClientIDTokenSignature, func(w *world) {
		w.as.spoilMetadata = func(m *fapi.Metadata) { m.JWKSURI = "" }
	}, "berg"},
	{"ID token of another issuer", control.ClientIDTokenIssuer, spoilID(func(id *fapi.IDToken) { id.Issuer = rogueURL }), rogueURL + "|berg"},
	{"ID token without iss", control.ClientIDTokenIssuer, spoilID(func(id *fapi.IDToken) { id.Issuer = "" }), "berg"},
	{"ID token for another client", control.ClientIDTokenAudience, spoilID(func(id *fapi.IDToken) { id.Audience.Values[0] = "portal" }), "berg"},
	{"ID token for another client too", control.ClientIDTokenAudience, spoilID(func(id *fapi.IDToken) {
		id.Audience = fapi.Audience{Values: []string{"ehr", "portal"}, Array: true}
	}), "berg"},
	{"ID token without aud", control.ClientIDTokenAudience, spoilID(func(id *fapi.IDToken) { id.Audience = fapi.Audience{} }), "berg"},
	{"expired ID token", control.ClientIDTokenExpiry, spoilID(func(id *fapi.IDToken) { id.Expires -= int64(6 * time.Minute / time.Second) }), "berg"},
	{"ID token without exp", control.ClientIDTokenExpiry, spoilID(func(id *fapi.IDToken) { id.Expires = 0 }), "berg"},
	{"another nonce", control.ClientIDTokenNonce, spoilID(func(id *fapi.IDToken) { id.Nonce = "n-0S6_WzA2Mj" }), "berg"},
	{"no nonce", control.ClientIDTokenNonce, spoilID(func(id *fapi.IDToken) { id.Nonce = "" }), "berg"},
	{"no ID token", control.ClientIDTokenSignature, func(w *world) {
		w.as.signID = func(fapi.IDToken) string { return "" }
	}, ""}, // every other check of the ID token notices too
	{"access token of another issuer", control.ClientTokenIssuer, func(w *world) {
		w.as.spoilAccess = func(c *fapi.AccessToken) { c.Issuer = rogueURL }
	}, "berg"},
	{"access token without iss", control.ClientTokenIssuer, func(w *world) {
		w.as.spoilAccess = func(c *fapi.AccessToken) { c.Issuer = "" }
	}, "berg"},
	{"access token that cannot be read", control.ClientTokenIssuer, func(w *world) {
		w.as.spoilTokens = func(r *fapi.TokenResponse) { r.AccessToken = "opaque" }
	}, "berg"},
}

func spoilID(change func(*fapi.IDToken)) func(*world) {
	return func(w *world) { w.as.spoilID = change }
}

func must(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}

// full is the hardened dialect with every control of the client on that it can satisfy.
func full(t testing.TB) control.Profile { return profile(t, "hardened").Full() }

func TestWrongByOneThing(t *testing.T) {
	for _, c := range wrong {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, full(t))
			c.spoil(w)
			b := w.browser()
			status := b.attempt(asURL)
			if got := w.refusals(); !reflect.DeepEqual(got, []string{c.control.ID}) || status != http.StatusBadRequest {
				t.Errorf("expected %s to refuse, got %d %v\n%s", c.control, status, got, w.diagnosis())
			}
			if got := b.subject(); got != "" || len(w.signedIn()) != 0 {
				t.Errorf("expected nobody to be signed in, got %q", got)
			}

			w = newWorld(t, full(t).Without(c.control))
			c.spoil(w)
			b = w.browser()
			b.attempt(asURL)
			if got := b.subject(); got != c.without {
				t.Errorf("without the control: expected %q to be signed in, got %q\n%s", c.without, got, w.diagnosis())
			}
		})
	}
}

// attempt signs in as far as it goes.
func (b *browser) attempt(issuer string) int {
	status, authorize, _ := b.get(ehrURL + "/login?issuer=" + url.QueryEscape(issuer))
	if authorize == "" {
		return status
	}
	_, callback, _ := b.get(authorize)
	status, _, _ = b.get(callback)
	return status
}

// A client that believes the metadata's name believes everything that comes under it.
func TestMetadataOfAnotherIssuerIsBelieved(t *testing.T) {
	w := newWorld(t, full(t).Without(control.ClientMetadataIssuer))
	w.rogue.spoilMetadata = func(m *fapi.Metadata) { m.Issuer = asURL }
	w.rogue.spoilAnswer = func(v url.Values) { v.Set("iss", asURL) }
	w.rogue.spoilID = func(id *fapi.IDToken) { id.Issuer, id.Subject = asURL, "berg" }
	w.rogue.spoilAccess = func(c *fapi.AccessToken) { c.Issuer = asURL }
	// Rogue's own checks are not the point, but its assertions are: they are addressed to the honest one.
	w.rogue.clients["ehr"].AuthMethod = string(control.ClientSecretPost)
	w.rogue.clients["ehr"].Secret = ""
	b := w.browser()
	if b.attempt(rogueURL); b.subject() != "berg" {
		t.Errorf("expected rogue to pass for the honest server, got %q\n%s", b.subject(), w.diagnosis())
	}
}

// The old dialect's assertions are addressed to whatever the metadata calls the token endpoint.
func TestAssertionAudienceComesFromMetadata(t *testing.T) {
	w := newWorld(t, profile(t, "pre-2025"))
	w.rogue.spoilMetadata = func(m *fapi.Metadata) { m.TokenEndpoint = asURL + "/token" }
	var sent url.Values
	w.net.m["rogue.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/par" {
			_ = r.ParseForm()
			sent = r.PostForm
		}
		w.rogue.ServeHTTP(rw, r)
	})
	w.browser().attempt(rogueURL)
	if err := w.as.assertion(w.as.clients["ehr"], sent.Get("client_assertion")); err != nil {
		t.Errorf("expected an assertion that is good at the honest server, got %v", err)
	}
}

// C-10: the thief's own answer, delivered by another browser. The check of state refuses it; without
// the check the victim is signed in as the thief, in every dialect.
func TestLoginCSRF(t *testing.T) {
	for _, p := range control.Profiles() {
		for _, signedInBefore := range []bool{false, true} {
			for _, on := range []bool{true, false} {
				use := p.Full()
				if !on {
					use = use.Without(control.ClientState)
				}
				w := newWorld(t, use)
				victim, thief := w.browser(), w.browser()
				want := ""
				if signedInBefore {
					victim.mustSignIn()
					want = "berg"
				}
				w.as.subject = "mallory"
				callback := thief.begin(asURL)
				victim.get(callback)
				if !on {
					want = "mallory"
				}
				if got := victim.subject(); got != want {
					t.Errorf("%s, control on %t: expected the victim to be %q, got %q\n%s", p.Name, on, want, got, w.diagnosis())
				}
				if !on {
					continue
				}
				if got := w.refusals(); !reflect.DeepEqual(got, []string{control.ClientState.ID}) {
					t.Errorf("%s: expected client/state to refuse, got %v", p.Name, got)
				}
				// The refusal has burnt nothing: the thief can still sign in himself.
				if thief.get(callback); thief.subject() != "mallory" {
					t.Errorf("%s: expected the thief's own sign-in to work, got %v", p.Name, w.refusals())
				}
			}
		}
	}
}

// Without the check of state, a client tries its luck: with the flow this browser began last, else
// with none at all. What then stops the answer is somebody else's control.
func TestCarelessState(t *testing.T) {
	p := full(t).Without(control.ClientState)
	w := newWorld(t, p)
	victim, thief := w.browser(), w.browser()
	w.as.subject = "mallory"
	callback := thief.begin(asURL)
	victim.begin(asURL) // her own flow is pending: its verifier is sent
	if status, _, _ := victim.get(callback); status != http.StatusBadGateway || !strings.Contains(w.diagnosis(), "invalid_grant") {
		t.Errorf("expected the server to refuse the verifier, got %d\n%s", status, w.diagnosis())
	}

	w = newWorld(t, p)
	w.as.subject = "mallory"
	code := mustURL(w.browser().begin(asURL)).Query().Get("code")
	stateless := ehrURL + "/callback?" + url.Values{"code": {code}, "iss": {asURL}}.Encode()
	victim = w.browser()
	victim.get(stateless) // no flow: no verifier is sent, which the server notices
	if !slices.Contains(w.refusals(), "upstream") {
		t.Errorf("expected the server to miss the verifier, got %v", w.refusals())
	}

	p.Dialect.PKCE = false
	w = newWorld(t, p)
	w.as.subject = "mallory"
	code = mustURL(w.browser().begin(asURL)).Query().Get("code")
	stateless = ehrURL + "/callback?" + url.Values{"code": {code}, "iss": {asURL}}.Encode()
	victim = w.browser()
	if victim.get(stateless); !slices.Equal(w.refusals(), []string{control.ClientIDTokenNonce.ID}) {
		t.Errorf("expected the nonce to notice, got %v", w.refusals())
	}
}

// An answer is used once, also when it arrives several times at once.
func TestStateIsUsedOnce(t *testing.T) {
	w := newWorld(t, full(t))
	b := w.browser()
	callback := b.begin(asURL)
	const n = 16
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		answers = map[int]int{}
	)
	for range n {
		wg.Go(func() {
			status, _, _ := b.get(callback)
			mu.Lock()
			defer mu.Unlock()
			answers[status]++
		})
	}
	wg.Wait()
	if answers[http.StatusSeeOther] != 1 || answers[http.StatusBadRequest] != n-1 {
		t.Errorf("expected one sign-in and %d refusals, got %v", n-1, answers)
	}
	if w.as.fetches["/token"] != 1 {
		t.Errorf("expected one token request, got %d", w.as.fetches["/token"])
	}
	for _, r := range w.refusals() {
		if r != control.ClientState.ID {
			t.Errorf("expected client/state to refuse, got %s", r)
		}
	}
}

// An answer that is refused after its state matched has not used the state up.
func TestRefusedAnswerBurnsNothing(t *testing.T) {
	w := newWorld(t, full(t))
	b := w.browser()
	callback := b.begin(asURL)
	if status, _, _ := b.get(callback + "x"); status != http.StatusBadRequest { // spoils state, the last parameter
		t.Errorf("expected another state to be refused, got %d", status)
	}
	if status, _, _ := b.get(strings.Replace(callback, "as.test", "rogue.test", 1)); status != http.StatusBadRequest {
		t.Errorf("expected another iss to be refused, got %d", status)
	}
	if want := []string{control.ClientState.ID, control.ClientIss.ID}; !slices.Equal(w.refusals(), want) {
		t.Errorf("expected %v, got %v", want, w.refusals())
	}
	if status, _, _ := b.get(callback); status != http.StatusSeeOther {
		t.Errorf("expected the right answer to be taken, got %d\n%s", status, w.diagnosis())
	}
}

// Two tabs of one browser do not get in each other's way, in whatever order they finish, with the
// check of state or without.
func TestTwoTabs(t *testing.T) {
	for _, p := range []control.Profile{full(t), full(t).Bare()} {
		w := newWorld(t, p)
		b := w.browser()
		first, second := b.begin(asURL), b.begin(asURL)
		for _, callback := range []string{first, second} {
			if status, _, body := b.get(callback); status != http.StatusSeeOther {
				t.Errorf("expected both tabs to sign in, got %d %s\n%s", status, body, w.diagnosis())
			}
		}
	}
}

// A sign-in that is left lying expires.
func TestFlowExpires(t *testing.T) {
	w := newWorld(t, full(t))
	b := w.browser()
	callback := b.begin(asURL)
	w.clock.Advance(flowLifetime + time.Second)
	if b.get(callback); !slices.Equal(w.refusals(), []string{control.ClientState.ID}) {
		t.Errorf("expected an expired sign-in to be refused, got %v", w.refusals())
	}
}

// The server's refusal reaches the person tersely and uses up the sign-in.
func TestServerRefusesSignIn(t *testing.T) {
	w := newWorld(t, full(t))
	w.as.spoilAnswer = func(v url.Values) { v.Del("code"); v.Set("error", "access_denied<script>") }
	b := w.browser()
	callback := b.begin(asURL)
	status, _, body := b.get(callback)
	if status != http.StatusForbidden || !strings.Contains(body, "You were not signed in.") || strings.Contains(body, "access_denied") {
		t.Errorf("expected a terse page, got %d %s", status, body)
	}
	b.get(callback)
	if want := []string{"authorization_refused", control.ClientState.ID}; !slices.Equal(w.refusals(), want) {
		t.Errorf("expected %v, got %v", want, w.refusals())
	}
}

// The tokens of the refresh and client_credentials grants are judged too, by what applies to them.
func TestOtherGrantsAreJudged(t *testing.T) {
	for c, spoil := range map[*control.Control]func(*world){
		control.ClientTokenType: func(w *world) {
			w.as.spoilTokens = func(r *fapi.TokenResponse) { r.TokenType = "Bearer" }
		},
		control.ClientTokenIssuer: func(w *world) {
			w.as.spoilAccess = func(c *fapi.AccessToken) { c.Issuer = rogueURL }
		},
	} {
		w := newWorld(t, full(t))
		b := w.browser()
		b.mustSignIn()
		spoil(w)
		b.get(ehrURL + "/patients/p07") // refreshes for the laboratory
		err := w.ehr.Work(t.Context())
		if refusal := control.RefusalOf(err); refusal == nil || refusal.Control != c {
			t.Errorf("expected %s to refuse the nightly job's token, got %v", c, err)
		}
		if got := w.refusals(); len(got) < 2 || got[0] != c.ID || got[len(got)-1] != c.ID {
			t.Errorf("expected %s to refuse twice, got %v", c, got)
		}
	}
}

// A token that says it is a bearer token is used as one by a client that does not look at its type.
func TestUnboundTokenIsUsedAsSuch(t *testing.T) {
	w := newWorld(t, full(t).Without(control.ClientTokenType))
	w.as.spoilTokens = func(r *fapi.TokenResponse) { r.TokenType = "bearer" }
	b := w.browser()
	b.mustSignIn()
	var authorization, proof string
	w.net.m["fhir.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		authorization, proof = r.Header.Get("Authorization"), r.Header.Get("DPoP")
		_, _ = rw.Write([]byte(fhirBody("/Patient/p07")))
	})
	b.get(ehrURL + "/patients/p07")
	if !strings.HasPrefix(authorization, "Bearer ") || proof != "" {
		t.Errorf("expected a bearer token without proof, got %.20q and %.20q", authorization, proof)
	}
}

// An ID token that did not come fails each check of it, not the first alone.
func TestAbsentIDTokenFailsEveryCheck(t *testing.T) {
	for _, g := range identityGuards {
		w := newWorld(t, full(t).Bare().With(g.Control))
		w.as.signID = func(fapi.IDToken) string { return "" }
		b := w.browser()
		if b.attempt(asURL); b.subject() != "" || !slices.Equal(w.refusals(), []string{g.Control.ID}) {
			t.Errorf("expected %s to refuse, got %v", g.Control, w.refusals())
		}
	}
}

// With the checks of the ID token off, the client believes the access token if no ID token came, and
// gives up only if nothing says who it is.
func TestWhoIsBelievedWithoutIDToken(t *testing.T) {
	w := newWorld(t, full(t).Bare())
	w.as.signID = func(fapi.IDToken) string { return "" }
	b := w.browser()
	if b.attempt(asURL); b.subject() != "berg" {
		t.Errorf("expected berg by the access token, got %q", b.subject())
	}
	w.as.spoilTokens = func(r *fapi.TokenResponse) { r.AccessToken = "opaque" }
	b = w.browser()
	if b.attempt(asURL); b.subject() != "" || !slices.Contains(w.refusals(), "upstream") {
		t.Errorf("expected nobody, got %q", b.subject())
	}
}

// A server that rotates its key is asked for the new one; the national profile's RS256 is taken only
// there.
func TestIDTokenKeys(t *testing.T) {
	w := newWorld(t, full(t))
	w.browser().mustSignIn()
	w.browser().mustSignIn()
	if n := w.as.fetches["/jwks"]; n != 1 {
		t.Errorf("expected the keys to be fetched once, got %d", n)
	}
	var err error
	if w.as.key, err = fapi.NewES256Key("as-2", w.dice.Fork("as-2")); err != nil {
		t.Fatal(err)
	}
	w.browser().mustSignIn()
	if n := w.as.fetches["/jwks"]; n != 2 {
		t.Errorf("expected the keys to be fetched again, got %d", n)
	}

	rsa, err := fapi.NewRSAKey("as-3", "RS256")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"helseid": http.StatusSeeOther, "hardened": http.StatusBadRequest} {
		w := newWorld(t, profile(t, name).Full())
		w.as.key = rsa
		if got := w.browser().attempt(asURL); got != want {
			t.Errorf("%s: expected %d for an ID token with RS256, got %d", name, want, got)
		}
	}
}

// The token endpoint's answer is taken apart before any control sees it.
func TestMalformedTokenResponses(t *testing.T) {
	for name, spoil := range map[string]func(*fapi.TokenResponse){
		"no access token":      func(r *fapi.TokenResponse) { r.AccessToken = "" },
		"ID token of one part": func(r *fapi.TokenResponse) { r.IDToken = "e30" },
		"claims of a wrong type": func(r *fapi.TokenResponse) {
			r.IDToken = must(fapi.ForgeUnsigned(fapi.Header{}, map[string]any{"exp": "soon"}))
		},
	} {
		w := newWorld(t, full(t).Bare())
		w.as.spoilTokens = spoil
		if status := w.browser().attempt(asURL); status != http.StatusBadGateway || !slices.Equal(w.refusals(), []string{"upstream"}) {
			t.Errorf("%s: expected 502, got %d %v", name, status, w.refusals())
		}
	}
}

func TestUpstreamErrorSaysWhatCame(t *testing.T) {
	err := error(&UpstreamError{URL: asURL + "/token", Status: 400, Code: "invalid_grant", Description: "unknown code"})
	if want := "expected https://as.test/token to answer with success, got 400 invalid_grant (unknown code)"; err.Error() != want {
		t.Errorf("expected %q, got %q", want, err)
	}
	var upstream *UpstreamError
	if !errors.As(failureOf(err), &upstream) {
		t.Error("expected the cause to be kept")
	}
}
