package fhirmock

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

const (
	testIssuer = "https://as.thiefbox.test"
	testBase   = "https://fhir.thiefbox.test/fhir"
)

// world is an API of two nodes, an authorization server that only publishes and introspects, a client
// key and a thief's.
type world struct {
	tb            testing.TB
	clock         *clock.Clock
	dice          *dice.Dice
	policy        *party.Policy
	a, b          *API
	people        *People
	records       *Records
	as            *fakeAS
	client, thief *fapi.Key

	mu  sync.Mutex
	log []event.Body
}

// fakeAS answers for the authorization server and counts what it is asked.
type fakeAS struct {
	issuer  string
	key     *fapi.Key
	keys    []fapi.Public
	revoked map[string]bool // by token
	down    bool
	clock   *clock.Clock

	spoilAnswer func(*fapi.SignedIntrospection)
	answerKey   *fapi.Key

	mu    sync.Mutex
	asked map[string]int // by path
}

func (s *fakeAS) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.down {
		return nil, fmt.Errorf("connection refused")
	}
	w := httptest.NewRecorder()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[r.URL.Path]++
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		_ = json.NewEncoder(w).Encode(fapi.Metadata{Issuer: s.issuer, JWKSURI: testIssuer + "/jwks", IntrospectionEndpoint: testIssuer + "/introspect", ScopesSupported: []string{"openid", "fhirUser"}})
	case "/jwks":
		_, _ = w.Write(fapi.JWKS(s.keys...))
	case "/introspect":
		if id, secret, ok := r.BasicAuth(); !ok || id != "fhir" || secret != "s3cret" {
			w.WriteHeader(http.StatusUnauthorized)
			break
		}
		s.introspect(w, r)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
	return w.Result(), nil
}

// introspect answers as it is asked to: signed, if the caller wants that.
func (s *fakeAS) introspect(w *httptest.ResponseRecorder, r *http.Request) {
	token := r.PostFormValue("token")
	var claims fapi.AccessToken
	answer := fapi.Introspection(nil, "")
	if t, err := fapi.ParseJWT(token); err == nil && !s.revoked[token] && t.Claims(&claims) == nil {
		answer = fapi.Introspection(&claims, "DPoP")
	}
	if r.Header.Get("Accept") != "application/token-introspection+jwt" {
		_, _ = w.Write(answer)
		return
	}
	c := fapi.SignedIntrospection{Issuer: s.issuer, Audience: fapi.Audience{Values: []string{"fhir"}}, IssuedAt: s.clock.Now().Unix(), Answer: answer}
	if s.spoilAnswer != nil {
		s.spoilAnswer(&c)
	}
	key := s.key
	if s.answerKey != nil {
		key = s.answerKey
	}
	signed, err := c.Sign(key)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_, _ = io.WriteString(w, signed)
}

func testKey(tb testing.TB, name string) *fapi.Key {
	tb.Helper()
	k, err := fapi.NewES256Key(name, dice.New(1).Fork(name))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func testCanary(patient string) string {
	sum := sha256.Sum256([]byte(patient))
	return "canary-" + hex.EncodeToString(sum[:8])
}

// strictest is the profile with every control on.
func strictest(tb testing.TB) control.Profile {
	p := profile(tb, "hardened+entitlement")
	p.Dialect.SignedIntrospection = true
	return p.Full()
}

func profile(tb testing.TB, name string) control.Profile {
	tb.Helper()
	p, err := control.ProfileNamed(name)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func newWorld(tb testing.TB, p control.Profile) *world {
	tb.Helper()
	return worldOver(tb, p, Everybody(), NewRecords(Everybody()))
}

// worldOver is a world with a population and records of its own.
func worldOver(tb testing.TB, p control.Profile, people *People, records *Records) *world {
	tb.Helper()
	w := &world{tb: tb, clock: clock.Virtual(clock.Epoch), dice: dice.New(7), policy: party.NewPolicy(p),
		client: testKey(tb, "client"), thief: testKey(tb, "thief")}
	key := testKey(tb, "as-1")
	w.as = &fakeAS{issuer: testIssuer, key: key, keys: []fapi.Public{key.Public()}, revoked: map[string]bool{}, clock: w.clock, asked: map[string]int{}}
	shared := NewReplayMemory()
	w.people, w.records = people, records
	w.a, w.b = w.node("fhir/a", shared), w.node("fhir/b", shared)
	return w
}

func (w *world) node(name string, shared *ReplayMemory) *API {
	w.tb.Helper()
	api, err := New(Config{
		Party: &party.Party{Name: name, Policy: w.policy, Clock: w.clock, Dice: w.dice.Fork(name), Tell: w.tell},
		Base:  testBase, Issuer: testIssuer, HTTP: &http.Client{Transport: w.as}, ID: "fhir", Secret: "s3cret",
		Callers: map[string]Caller{"berg": {Practitioner: "berg"}, "bakke": {Practitioner: "bakke"}, "lund": {Practitioner: "lund"}, "p03": {Patient: "p03"}, "t001104": {Patient: "t001104"}, "supplier": {Organization: "flaksvagoy"}},
		Shared:  shared, People: w.people, Records: w.records, Canary: testCanary,
	})
	if err != nil {
		w.tb.Fatal(err)
	}
	return api
}

func (w *world) tell(_ context.Context, b event.Body) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, b)
}

// rulings returns what the controls said since the last call of forget.
func (w *world) rulings() []event.Ruling {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []event.Ruling
	for _, b := range w.log {
		if r, ok := b.(event.Ruling); ok {
			out = append(out, r)
		}
	}
	return out
}

// refusedBy names the control that refused, "malformed" for a refusal without one, or "".
func (w *world) refusedBy() string {
	by := ""
	for _, r := range w.rulings() {
		if r.Outcome == string(control.Refused) || r.Outcome == string(control.Challenged) {
			by = r.Control
		}
	}
	for _, b := range w.log {
		if _, ok := b.(event.Refused); ok && by == "" {
			by = "malformed"
		}
	}
	return by
}

func (w *world) accesses() []event.Access {
	var out []event.Access
	for _, b := range w.log {
		if a, ok := b.(event.Access); ok {
			out = append(out, a)
		}
	}
	return out
}

func (w *world) forget() { w.log = nil }

// try is a request in the making. honest makes one that every control likes; a test spoils one thing.
type try struct {
	w           *world
	method      string
	target      string // below the base: "/Patient/p01"
	form        url.Values
	claims      fapi.AccessToken
	tokenHeader fapi.Header
	tokenKey    *fapi.Key
	scheme      string
	proof       fapi.Proof
	proofKey    *fapi.Key
	proofTyp    string
	noProof     bool

	// Makers that a test replaces to forge.
	makeToken func(*try) string
	makeProof func(*try) string
	// touch has the last word on the finished request.
	touch func(*http.Request)
}

func (w *world) honest(method, target string) *try {
	now := w.clock.Now()
	t := &try{
		w: w, method: method, target: target, scheme: "DPoP", tokenKey: w.as.key, proofKey: w.client, proofTyp: fapi.TypProof,
		tokenHeader: fapi.Header{Typ: fapi.TypAccessToken, Kid: w.as.key.ID},
		claims: fapi.AccessToken{Issuer: testIssuer, Subject: "berg", Audience: fapi.Audience{Values: []string{testBase}}, ClientID: "ehr",
			Scope: "openid user/*.rs", IssuedAt: now.Unix(), Expires: now.Add(time.Minute).Unix(), JTI: "token-1",
			Confirmation: &fapi.Confirmation{JKT: w.client.Thumbprint()}},
		makeToken: func(t *try) string { return sign(t.w.tb, t.tokenHeader, t.claims, t.tokenKey) },
		makeProof: func(t *try) string {
			return sign(t.w.tb, fapi.Header{Typ: t.proofTyp, JWK: t.proofKey.Public().JWK}, t.proof, t.proofKey)
		},
	}
	t.proof = fapi.Proof{JTI: w.dice.ID(), HTM: method, HTU: fapi.WithoutQuery(testBase + target), IAT: now.Unix(), Nonce: w.a.nonces.at(now).current}
	return t
}

func sign(tb testing.TB, h fapi.Header, claims any, key *fapi.Key) string {
	s, err := fapi.Sign(h, claims, key)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func (t *try) request() *http.Request {
	token := t.makeToken(t)
	if t.proof.ATH == "" {
		t.proof.ATH = fapi.Hash(token)
	}
	var r *http.Request
	if t.form != nil {
		r = httptest.NewRequest(t.method, testBase+t.target, strings.NewReader(t.form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		r = httptest.NewRequest(t.method, testBase+t.target, nil)
	}
	r.Header.Set("Authorization", t.scheme+" "+token)
	if !t.noProof {
		r.Header.Set("DPoP", t.makeProof(t))
	}
	if t.touch != nil {
		t.touch(r)
	}
	return r
}

func (t *try) send() *httptest.ResponseRecorder { return t.w.send(t.w.a, t.request()) }

func (w *world) send(api http.Handler, r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	api.ServeHTTP(rec, r)
	return rec
}

func wantStatus(tb testing.TB, rec *httptest.ResponseRecorder, status int) {
	tb.Helper()
	if rec.Code != status {
		tb.Fatalf("expected status %d, got %d: %s", status, rec.Code, rec.Body)
	}
}

func decode(tb testing.TB, rec *httptest.ResponseRecorder) map[string]any {
	tb.Helper()
	var m map[string]any
	if err := json.NewDecoder(bytes.NewReader(rec.Body.Bytes())).Decode(&m); err != nil {
		tb.Fatalf("body is not JSON: %v: %s", err, rec.Body)
	}
	return m
}
