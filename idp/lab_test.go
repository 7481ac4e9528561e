package idp

import (
	"context"
	"crypto/x509"
	"encoding/json"
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

// The laboratory: one server, two APIs, three clients and two people, and verbs to speak to it
// correctly. A test spoils one thing, on a line of its own.

const (
	testIssuer = "https://as.example"
	testMTLS   = "https://mtls.as.example"
	fhirAPI    = "https://fhir.example/fhir"
	labAPI     = "https://lab.example/fhir"
)

// lab is a server under test, and what it told the log.
type lab struct {
	*Server
	t      testing.TB
	clock  *clock.Clock
	policy *party.Policy
	dice   *dice.Dice
	ehr    *app // registered for everything
	other  *app // likewise, with keys of its own
	reader *app // registered for sign-in alone
	// Two that have certificates, whatever the others do: one of the authority, one of its own making.
	tls, own *app

	mu   sync.Mutex
	told []event.Body
}

// key makes a key pair once for all tests; equal names give equal keys.
func key(name string) *fapi.Key {
	made, _ := testKeys.LoadOrStore(name, sync.OnceValue(func() *fapi.Key {
		k, err := fapi.NewES256Key(name, dice.New(1).Fork(name))
		if err != nil {
			panic(err)
		}
		return k
	}))
	return made.(func() *fapi.Key)()
}

var testKeys sync.Map

func profile(t testing.TB, name string) control.Profile {
	t.Helper()
	p, err := control.ProfileNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// strict is a profile under which every control of the server is on and honest clients can live.
func strict(t testing.TB) control.Profile {
	p := profile(t, "hardened")
	p.Dialect.Request, p.Dialect.Response, p.Dialect.SignedIntrospection = control.SignedRequest, control.JWTResponse, true
	return p.Full()
}

// unsigned is as strict, where requests and answers are not signed.
func unsigned(t testing.TB) control.Profile { return profile(t, "hardened").Full() }

func newLab(t testing.TB, p control.Profile) *lab { return newLabAt(t, p, testIssuer) }

func newLabAt(t testing.TB, p control.Profile, issuer string) *lab {
	t.Helper()
	return newLabWith(t, p, issuer, func(*Config) {})
}

// newLabWith lets a test change the configuration.
func newLabWith(t testing.TB, p control.Profile, issuer string, change func(*Config)) *lab {
	t.Helper()
	l := &lab{t: t, clock: clock.Virtual(clock.Epoch), policy: party.NewPolicy(p), dice: dice.New(7)}
	l.ehr, l.other, l.reader = l.newApp("ehr", p.Dialect), l.newApp("other", p.Dialect), l.newApp("reader", p.Dialect)
	d := p.Dialect
	d.ClientAuth, d.Constraint = control.TLSClientAuth, control.MTLS
	l.tls = l.newApp("tls", d)
	d.ClientAuth = control.SelfSignedTLSClientAuth
	l.own = l.newApp("own", d)
	c := l.config(issuer)
	change(&c)
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	l.Server = s
	return l
}

func (l *lab) config(issuer string) Config {
	return Config{
		Issuer: issuer,
		Party:  &party.Party{Name: "as", Policy: l.policy, Clock: l.clock, Dice: l.dice.Fork("as"), Tell: l.tell},
		Clients: []Client{l.ehr.registration(allGrants), l.other.registration(allGrants), l.reader.registration(allGrants[:1]),
			l.tls.registration(allGrants), l.own.registration(allGrants)},
		MTLSBase: testMTLS, Authorities: []*x509.Certificate{testAuthority().Certificate},
		Users: []User{
			{Subject: "berg", Username: "kberg", Password: "correct horse", Name: "Kari Berg", Code: "246810", FHIRUser: "Practitioner/berg",
				Claims: map[string]any{claimPID: "12838510068", claimHPR: "222200068", claimHPRMore: map[string]any{"hpr_number": 222200068}}},
			{Subject: "lund", Username: "olund", Password: "battery staple", Name: "Ola Lund"},
		},
		Directory:   panels{},
		DetailTypes: []DetailType{PatientRecord(), Organisation(), Journal(), Attest(Register{Organisation: func(n string) string { return map[string]string{"999900001": "The clinic"}[n] }})},
		Resources:   []Resource{{Identifier: fhirAPI, ID: "fhir-api", Secret: "fhir secret", Claims: NationalClaims()}, {Identifier: labAPI, ID: "lab-api", Secret: "lab secret"}},
		Key:         func() *fapi.Key { return key("as-1") },
	}
}

var allGrants = []string{grantAuthorizationCode, grantClientCredentials, grantRefreshToken, grantTokenExchange}

func (l *lab) tell(_ context.Context, b event.Body) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, b)
}

// since returns what was told after the first n events.
func (l *lab) since(n int) []event.Body {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]event.Body(nil), l.told[n:]...)
}

// tellings filters what was told by type.
func tellings[B event.Body](bodies []event.Body) (out []B) {
	for _, b := range bodies {
		if b, ok := b.(B); ok {
			out = append(out, b)
		}
	}
	return out
}

// answer is a response, and who refused if anybody did.
type answer struct {
	*http.Response
	body  []byte
	by    string // id of the control that refused, empty if none did
	fault string // diagnosis of a refusal that no control made
}

func (a answer) json(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(a.body, &m); err != nil {
		t.Fatalf("expected JSON, got %q: %v", a.body, err)
	}
	return m
}

func (a answer) str(t testing.TB, member string) string {
	t.Helper()
	s, _ := a.json(t)[member].(string)
	return s
}

// location is the query of the redirect, or what the signed answer in it says.
func (a answer) location(t testing.TB) url.Values {
	t.Helper()
	u, err := url.Parse(a.Header.Get("Location"))
	if err != nil || a.StatusCode != http.StatusSeeOther {
		t.Fatalf("expected a redirect with status 303, got %d to %q (%s)\n%s", a.StatusCode, u, a.fault+a.by, a.body)
	}
	q := u.Query()
	if !q.Has("response") {
		return q
	}
	if len(q) > 1 && !(len(q) == 2 && q.Has("tenant")) { // the app's redirect URI has one of its own
		t.Errorf("expected nothing beside a signed answer, got %s", u)
	}
	claims := claimsOf[fapi.AuthorizationResponse](t, q.Get("response"))
	q = url.Values{}
	for name, value := range map[string]string{"code": claims.Code, "state": claims.State, "iss": claims.Issuer, "error": claims.Error, "error_description": claims.Description} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// succeeded tells whether the request was granted.
func (a answer) succeeded() bool {
	return a.by == "" && a.fault == "" && a.StatusCode < 400
}

// do sends a request and notes who refused it.
func (l *lab) do(r *http.Request) answer {
	l.t.Helper()
	l.mu.Lock()
	before := len(l.told)
	l.mu.Unlock()
	w := httptest.NewRecorder()
	l.ServeHTTP(w, r)
	a := answer{Response: w.Result()}
	a.body, _ = io.ReadAll(a.Body)
	for _, b := range l.since(before) {
		switch b := b.(type) {
		case event.Ruling:
			if b.Outcome != string(control.Pass) && b.Outcome != string(control.Off) {
				a.by = b.Control
			}
		case event.Refused:
			a.fault = b.Detail
		}
	}
	if a.StatusCode >= 500 {
		l.t.Errorf("expected no fault of the server's own, got %d: %s", a.StatusCode, a.fault)
	}
	return a
}

func (l *lab) get(rawURL string) answer {
	l.t.Helper()
	return l.do(httptest.NewRequest(http.MethodGet, rawURL, nil))
}

func postRequest(rawURL string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, rawURL, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// expect fails the test unless the answer is a refusal by the control, or by none if id is empty.
func (a answer) expect(t testing.TB, c *control.Control, status int, code string) {
	t.Helper()
	id := ""
	if c != nil {
		id = c.ID
	}
	if a.by != id || a.StatusCode != status {
		t.Fatalf("expected a refusal by %q with status %d, got %q with %d (%s)\n%s", id, status, a.by, a.StatusCode, a.fault, a.body)
	}
	if code != "" && a.str(t, "error") != code {
		t.Fatalf("expected the error %q, got %s", code, a.body)
	}
}

func minute(n int) time.Duration { return time.Duration(n) * time.Minute }
