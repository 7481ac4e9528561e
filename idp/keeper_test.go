package idp

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

// shelf is a Keeper in memory, which can fail.
type shelf struct {
	mu      sync.Mutex
	records map[entry]Change
	broken  error
}

func (k *shelf) Keep(changes []Change) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.broken != nil {
		return k.broken
	}
	for _, c := range changes {
		if c.Value == nil {
			delete(k.records, entry{c.Kind, c.Key})
		} else {
			k.records[entry{c.Kind, c.Key}] = c
		}
	}
	return nil
}

func (k *shelf) Kept(see func(Change) error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range k.records {
		if err := see(c); err != nil {
			return err
		}
	}
	return nil
}

// keeping is a lab whose server keeps, and registers clients.
func keeping(t testing.TB, p control.Profile) (*lab, *shelf) {
	t.Helper()
	k := &shelf{records: map[entry]Change{}}
	return newLabWith(t, p, testIssuer, func(c *Config) { keepOn(c, k) }), k
}

func keepOn(c *Config, k Keeper) {
	c.Keeper, c.Registration = k, &Registration{Token: initialToken, Scope: "openid user/*.rs system/*.rs"}
}

// restart puts another server in the place of the lab's, which has nothing but what was kept.
func (l *lab) restart(k Keeper) {
	l.t.Helper()
	c := l.config(testIssuer)
	keepOn(&c, k)
	c.Party.Dice = l.dice.Fork("as, again")
	s, err := New(c)
	if err != nil {
		l.t.Fatal(err)
	}
	l.Server = s
}

// Whatever was answered holds after the server was killed: nothing is written down at the end.
func TestRestart(t *testing.T) {
	l, k := keeping(t, strict(t))
	tokens, gone := signIn(t, l), signIn(t, l)
	if a := l.ehr.revoke(gone.RefreshToken); !a.succeeded() {
		t.Fatalf("expected to revoke, got %s", a.fault)
	}
	f := l.ehr.newFlow()
	code, _ := f.code()
	used := l.ehr.newFlow()
	spent, _ := used.code()
	yield := used.redeem(spent).str(t, "access_token")
	pushed := l.ehr.newFlow()
	start, _ := pushed.begin()
	a := l.json(http.MethodPost, testIssuer+"/register", initialToken, ownMetadata(""))
	uri, token := a.str(t, "registration_client_uri"), a.str(t, "registration_access_token")
	l.Unregister("reader")

	l.restart(k)
	if a := l.ehr.refresh(tokens.RefreshToken); !a.succeeded() {
		t.Errorf("expected the refresh token to work, refused by %q (%s)", a.by, a.fault)
	}
	for token, want := range map[string]bool{tokens.AccessToken: true, gone.AccessToken: false, yield: true} {
		if got := string(l.introspect("fhir-api", "fhir secret", token).body) != inactive; got != want {
			t.Errorf("expected active to be %t, got %t", want, got)
		}
	}
	if a := f.redeem(code); !a.succeeded() {
		t.Errorf("expected the code to work, refused by %q (%s)", a.by, a.fault)
	}
	used.redeem(spent).expect(t, control.ASCodeOnce, 400, "invalid_grant")
	if got := string(l.introspect("fhir-api", "fhir secret", yield).body); got != inactive {
		t.Errorf("expected the second use of a code to withdraw what the first one yielded, got %s", got)
	}
	if code, a := pushed.approve(start); code == "" {
		t.Errorf("expected the pushed request to lead to a code, got %d %s", a.StatusCode, a.fault)
	}
	if a := l.json(http.MethodGet, uri, token, ""); a.StatusCode != http.StatusOK || a.str(t, "client_name") != "New" {
		t.Errorf("expected the registration, got %d %s", a.StatusCode, a.body)
	}
	if l.client("reader") != nil {
		t.Error("expected a client that was taken out to stay out")
	}
}

// An assertion and a proof that were used are used after the restart, too; and what has expired is not read back.
func TestRestartRemembersWhatItSaw(t *testing.T) {
	l, k := keeping(t, strict(t))
	replay := l.ehr.reuseAssertion()
	if a := l.ehr.clientCredentials(replay); !a.succeeded() {
		t.Fatalf("expected a token, got %s", a.fault)
	}
	l.restart(k)
	l.ehr.clientCredentials(replay).expect(t, control.ASAssertionJTI, 401, "invalid_client")
	l.clock.Advance(48 * time.Hour)
	l.restart(k)
	if n := l.seen.len() + l.accessTokens.len() + len(k.records); n != 0 {
		t.Errorf("expected what has expired to be gone, got %d records", n)
	}
}

// What an operator decided holds after the restart, and so does every nonce.
func TestRestartRemembersDecisions(t *testing.T) {
	k := &shelf{records: map[entry]Change{}}
	with := func(c *Config) { keepOn(c, k); c.NonceKey = []byte("kept beside the keys, 32 bytes..") }
	l := newLabWith(t, strict(t).Without(control.ASSenderConstrained), testIssuer, with)
	nonce := l.Nonces()[0]
	l.Disable("reader")
	l.Deny("a-thumbprint")
	l.Oblige("ehr", control.ASSenderConstrained)
	if !l.SetKeys("ehr", []fapi.Public{key("ehr-2").Public()}, nil) {
		t.Fatal("expected a client ehr")
	}
	c := l.config(testIssuer)
	with(&c)
	c.Party.Dice = l.dice.Fork("as, again")
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Barred(); !slices.Equal(got.Clients, []string{"reader"}) || !slices.Equal(got.Keys, []string{"a-thumbprint"}) {
		t.Errorf("got %+v", got)
	}
	if got := s.client("ehr").Keys[0].ID; got != "ehr-2" {
		t.Errorf("expected the new key of the client, got %s", got)
	}
	if got := s.operations.Load().duties["ehr"].String(); got != control.SetOf(control.ASSenderConstrained).String() {
		t.Errorf("expected the duty of the client, got %s", got)
	}
	if s.Nonces()[0] != nonce {
		t.Error("expected a nonce from before to be good")
	}
	s.Bar(Barred{Keys: []string{"b"}})
	if got := s.Barred(); len(got.Clients) != 0 || !slices.Equal(got.Keys, []string{"b"}) {
		t.Errorf("expected the door to be closed on that one alone, got %+v", got)
	}
}

// Who cannot be kept for is told so, and not that all is well.
func TestKeeperThatFails(t *testing.T) {
	l, k := keeping(t, strict(t))
	l.ehr.nonce = l.nonces.current(l.clock.Now())
	k.broken = errors.New("the disk is full")
	w := &silent{header: http.Header{}, status: http.StatusOK}
	l.ServeHTTP(w, l.ehr.prepare(pathToken, url.Values{"grant_type": {grantClientCredentials}}).request())
	if w.status != http.StatusServiceUnavailable || w.header.Get("Content-Type") != "application/json" {
		t.Errorf("expected 503, got %d %v", w.status, w.header)
	}
	k.broken = nil
	if a := l.ehr.clientCredentials(); !a.succeeded() || len(k.records) < 3 {
		t.Errorf("expected all to be well again, got %d and %d records", a.StatusCode, len(k.records))
	}
}

// Every field of what is kept is in its record, or here with the reason why not.
func TestRecordsAreWhole(t *testing.T) {
	apart := "remembered kept grant mu" // the ledger's own, and what stands in a record of its own
	for _, pair := range []struct{ value, record any }{
		{grant{}, grantRecord{}}, {request{}, requestRecord{}}, {code{}, codeRecord{}}, {refreshToken{}, refreshRecord{}}, {issued{}, accessRecord{}},
		{session{}, sessionRecord{}}, {demands{}, requestRecord{}},
	} {
		have := fields(reflect.TypeOf(pair.record))
		for _, name := range fields(reflect.TypeOf(pair.value)) {
			if !slices.Contains(have, name) && !strings.Contains(apart+" demands key", name) { // key: of the record
				t.Errorf("expected %T to hold %s of %T, which would be lost in a restart", pair.record, name, pair.value)
			}
		}
	}
}

func fields(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		names = append(names, strings.ToLower(t.Field(i).Name))
	}
	return names
}
