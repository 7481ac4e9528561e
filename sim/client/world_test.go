package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"thiefbox/sim/clock"
	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

const (
	ehrURL   = "https://ehr.test"
	asURL    = "https://as.test"
	rogueURL = "https://rogue.test"
	fhirBase = "https://fhir.test/fhir"
	labBase  = "https://lab.test/fhir"
)

// hosts is a network: handlers by host, nothing else.
type hosts struct {
	mu sync.Mutex
	m  map[string]http.Handler
}

func (h *hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	handler := h.m[r.URL.Host]
	h.mu.Unlock()
	if handler == nil {
		return nil, errors.New("no such host: " + r.URL.Host)
	}
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, in)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// fakeAPI is a FHIR API that knows the honest server's tokens.
type fakeAPI struct {
	base   string
	as     *fakeAS
	nonce  string
	status map[string]int // by path below the base
	mu     sync.Mutex
	seen   map[string]bool
	stepUp string   // the challenge to requests for documents; empty for none
	got    []string // "200 /Patient/p01"
	closed bool     // to whoever does not break the glass
	said   []string // purposes
	// encounters counts those of a patient and somebody who took part; nil where nobody asks.
	encounters func(patient, who string) int
}

func (a *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix("https://"+r.Host+r.URL.RequestURI(), a.base)
	status := a.serve(w, r, path)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.got = append(a.got, fmt.Sprintf("%d %s", status, path))
}

func (a *fakeAPI) serve(w http.ResponseWriter, r *http.Request, path string) int {
	given, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	claims, ok := a.as.valid(token)
	want := scheme(a.as.dialect())
	switch {
	case given != want:
		return challenge(w, want, "invalid_request")
	case !ok:
		return challenge(w, want, "invalid_token")
	case a.as.dialect().PerAPITokens && !claims.Audience.IsOnly(a.base):
		return challenge(w, want, "invalid_token")
	}
	if want == "DPoP" {
		a.mu.Lock()
		p, err := checkProof(r, fapi.WithoutQuery(a.base+path), token, a.as.clock, a.seen)
		a.mu.Unlock()
		if err != nil || p.Key.Thumbprint != claims.JKT() {
			return challenge(w, want, "invalid_dpop_proof")
		}
		if a.nonce != "" && p.Claims.Nonce != a.nonce {
			w.Header().Set("DPoP-Nonce", a.nonce)
			return challenge(w, want, "use_dpop_nonce")
		}
	}
	if a.stepUp != "" && strings.HasPrefix(path, "/DocumentReference") {
		w.Header().Set("WWW-Authenticate", a.stepUp)
		w.WriteHeader(401)
		return 401
	}
	if purpose := r.Header.Get(headerPurpose); purpose != "" {
		a.said = append(a.said, path+" "+purpose)
		w.Header().Set(headerPurpose, breaksGlass)
	} else if a.closed && strings.HasPrefix(path, "/Patient/") {
		w.WriteHeader(404)
		return 404
	}
	if status := a.status[path]; status != 0 {
		w.WriteHeader(status)
		return status
	}
	w.Header().Set("Content-Type", "application/fhir+json")
	if q := r.URL.Query(); a.encounters != nil && q.Get("_summary") == "count" {
		_, _ = fmt.Fprintf(w, `{"resourceType":"Bundle","type":"searchset","total":%d}`, a.encounters(q.Get("patient"), q.Get("participant")))
		return 200
	}
	if r.Method == http.MethodPost && r.Header.Get("Content-Type") == "application/fhir+json" {
		w.WriteHeader(201)
		_, _ = io.WriteString(w, `{"resourceType":"Observation","id":"obs-1"}`)
		return 201
	}
	_, _ = io.WriteString(w, fhirBody(path))
	return 200
}

func challenge(w http.ResponseWriter, scheme, code string) int {
	w.Header().Set("WWW-Authenticate", scheme+` realm="fhir", error="`+code+`", error_description="no"`)
	w.WriteHeader(401)
	return 401
}

// requests returns what was asked since the last call.
func (a *fakeAPI) requests() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	got := a.got
	a.got = nil
	return got
}

const resourceJSON = `{"resourceType":%q,"id":%q,"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">%s of %s &amp; narrative-%s</div>"},"extension":[{"url":"x","valueString":"canary-%s"}]%s}`

func fhirBody(path string) string {
	if path == "/Patient/_search" {
		return `{"resourceType":"Bundle","type":"searchset","entry":[{"resource":` + fmt.Sprintf(resourceJSON, "Patient", "p01", "Patient", "p01", "p01", "p01", "") + `}]}`
	}
	if id, found := strings.CutPrefix(path, "/Patient/"); found {
		return fmt.Sprintf(resourceJSON, "Patient", id, "Patient", id, id, id, `,"name":[{"family":"Nordmann","given":["Kari","<i>"]}],"birthDate":"1980-02-03"`)
	}
	kind, patient, _ := strings.Cut(strings.TrimPrefix(path, "/"), "?patient=")
	patient, _, _ = strings.Cut(patient, "&")
	entry := `{"resource":` + fmt.Sprintf(resourceJSON, kind, kind+"-1", kind, patient, patient, patient, "") + `}`
	if kind == "AllergyIntolerance" {
		entry = ""
	}
	return `{"resourceType":"Bundle","type":"searchset","entry":[` + entry + `]}`
}

// world is an EHR between a small honest server and two APIs.
type world struct {
	t         testing.TB
	net       *hosts
	clock     *clock.Clock
	dice      *dice.Dice
	log       *event.Log
	party     *party.Party
	as, rogue *fakeAS
	fhir, lab *fakeAPI
	ehr       *EHR
	dpop      *fapi.Key
}

func profile(t testing.TB, name string) control.Profile {
	t.Helper()
	p, err := control.ProfileNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newWorld(t testing.TB, p control.Profile) *world {
	t.Helper()
	w := &world{t: t, net: &hosts{m: map[string]http.Handler{}}, clock: clock.Virtual(clock.Epoch), dice: dice.New(1)}
	w.log = event.NewLog(w.clock.Now)
	w.party = w.newParty("ehr", p)
	w.as = newFakeAS(asURL, "berg", w.party.Dialect, w.clock, w.dice.Fork("as"))
	w.rogue = newFakeAS(rogueURL, "mallory", w.party.Dialect, w.clock, w.dice.Fork("rogue"))
	w.fhir = &fakeAPI{base: fhirBase, as: w.as, seen: map[string]bool{}, status: map[string]int{}}
	w.lab = &fakeAPI{base: labBase, as: w.as, seen: map[string]bool{}, status: map[string]int{}}
	var err error
	if w.dpop, err = fapi.NewES256Key("", w.dice.Fork("dpop")); err != nil {
		t.Fatal(err)
	}
	w.ehr, err = NewEHR(EHRConfig{
		Party: w.party, URL: ehrURL, HTTP: &http.Client{Transport: w.net}, FHIRBase: fhirBase, LabBase: labBase, DPoPKey: w.dpop,
		Issuers: []Registration{w.register(w.as, "ehr"), w.register(w.rogue, "ehr")}, Name: "Nordlys EHR",
	})
	if err != nil {
		t.Fatal(err)
	}
	for host, h := range map[string]http.Handler{"ehr.test": w.ehr, "as.test": w.as, "rogue.test": w.rogue, "fhir.test": w.fhir, "lab.test": w.lab} {
		w.net.m[host] = h
	}
	return w
}

func (w *world) newParty(name string, p control.Profile) *party.Party {
	return &party.Party{Name: name, Policy: party.NewPolicy(p), Clock: w.clock, Dice: w.dice.Fork(name),
		Tell: func(ctx context.Context, b event.Body) { w.log.Tell(ctx, b) }}
}

// register makes a registration by the dialect's method and tells the server.
func (w *world) register(as *fakeAS, id string) Registration {
	w.t.Helper()
	key, err := fapi.NewES256Key(id+"-1", w.dice.Fork(id))
	if err != nil {
		w.t.Fatal(err)
	}
	r := Registration{Label: "Sign-in at " + as.issuer, Credentials: fapi.Credentials{
		Issuer: as.issuer, ClientID: id, AuthMethod: string(w.party.Dialect().ClientAuth), Secret: "p:ss w&rd+" + id, JWK: key.PrivateJWK()}}
	kept := r
	kept.Key = key
	as.clients[id] = &kept
	return r
}

// browser is a person's browser: it keeps cookies and follows no redirect by itself.
type browser struct {
	w    *world
	http *http.Client
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{w, &http.Client{Transport: w.net, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// get opens a URL and returns the status, where it redirects to, and the page.
func (b *browser) get(url string) (status int, location, body string) {
	return b.do(http.MethodGet, url)
}

func (b *browser) do(method, url string) (status int, location, body string) {
	return b.send(method, url, nil)
}

func (b *browser) send(method, url string, form url.Values) (status int, location, body string) {
	b.w.t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(form.Encode()))
	if err != nil {
		b.w.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := b.http.Do(req)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(page)
}

// begin starts a sign-in and goes through with it until the server's answer, which it does not deliver.
func (b *browser) begin(issuer string) (callback string) {
	b.w.t.Helper()
	_, authorize, body := b.get(ehrURL + "/login?issuer=" + url.QueryEscape(issuer))
	if authorize == "" {
		b.w.t.Fatalf("login did not redirect: %s", body)
	}
	_, callback, body = b.get(authorize)
	if callback == "" {
		b.w.t.Fatalf("authorize did not redirect: %s", body)
	}
	return callback
}

// signIn signs in and returns the status of the callback.
func (b *browser) signIn(issuer string) (int, string) {
	b.w.t.Helper()
	status, _, body := b.get(b.begin(issuer))
	return status, body
}

func (b *browser) mustSignIn() {
	b.w.t.Helper()
	if status, body := b.signIn(asURL); status != http.StatusSeeOther {
		b.w.t.Fatalf("expected the sign-in to succeed, got %d: %s\n%s", status, body, b.w.diagnosis())
	}
}

// subject is who the EHR takes the browser for, empty if nobody.
func (b *browser) subject() string {
	_, _, body := b.get(ehrURL + "/")
	_, rest, found := strings.Cut(body, `<strong id="subject">`)
	if !found {
		return ""
	}
	name, _, _ := strings.Cut(rest, "<")
	return name
}

// refusals lists the controls that refused and the codes of other refusals, in order.
func (w *world) refusals() []string {
	var all []string
	for _, e := range w.log.Events() {
		switch b := e.Body.(type) {
		case event.Ruling:
			if b.Outcome == string(control.Refused) {
				all = append(all, b.Control)
			}
		case event.Refused:
			all = append(all, b.Code)
		}
	}
	return all
}

func (w *world) diagnosis() string {
	var lines []string
	for _, e := range w.log.Events() {
		switch b := e.Body.(type) {
		case event.Ruling:
			lines = append(lines, b.Control+" "+b.Outcome+" "+b.Saw+" "+b.Cause)
		case event.Refused:
			lines = append(lines, b.Code+" "+b.Detail)
		}
	}
	return strings.Join(lines, "\n")
}

func (w *world) signedIn() []string {
	var all []string
	for _, e := range w.log.Events() {
		if b, ok := e.Body.(event.SignedIn); ok {
			all = append(all, b.Client+":"+b.Subject)
		}
	}
	return all
}
