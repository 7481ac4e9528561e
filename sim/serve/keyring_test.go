package serve

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/fapi"
)

func (a *app) published() string {
	a.t.Helper()
	set, err := fapi.ParseJWKS(a.get(a.issuer.URL + "/jwks").body)
	if err != nil {
		a.t.Fatal(err)
	}
	var kids []string
	for _, k := range set {
		kids = append(kids, k.ID)
	}
	return strings.Join(kids, " ")
}

// A client with a token from before goes on; what verifies tokens finds both keys, also after a restart, and the
// old one no longer than was said.
func TestRotation(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Config{Dir: dir, HTTPSPort: -1})
	i := issuer(t, s, "fapi2-dpop")
	a := newApp(t, s, i, "machine")
	before := a.ownToken().member("access_token")
	expect(t, a.read("/Patient/p01", before), 200, "Patient")
	old := i.tenant.key().ID
	expect(t, a.json(http.MethodPost, pathRotate, `{"overlap": "10m"}`), 200, "published_until")
	next := i.tenant.key().ID
	if got := a.published(); next == old || got != next+" "+old {
		t.Errorf("expected the new key %s and the old %s, got %s", next, old, got)
	}
	after := a.ownToken().member("access_token")
	if parsed, err := fapi.ParseJWT(after); err != nil || parsed.Header.Kid != next {
		t.Errorf("expected a token signed by %s, got %+v, %v", next, parsed.Header, err)
	}
	for _, token := range []string{before, after} {
		expect(t, a.read("/Patient/p01", token), 200, "Patient")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = start(t, Config{Dir: dir, HTTPSPort: -1})
	i = issuer(t, s, "fapi2-dpop")
	a = newApp(t, s, i, "machine")
	if got := a.published(); got != next+" "+old {
		t.Errorf("expected the same keys, got %s", got)
	}
	i.Advance(11 * time.Minute)
	if got := a.published(); got != next {
		t.Errorf("expected the old key to be gone, got %s", got)
	}
}

// In an emergency a token of the lost key is worth nothing, here and at the API.
func TestEmergencyRotation(t *testing.T) {
	s := start(t, Config{HTTPSPort: -1})
	a := newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	lost := a.ownToken().member("access_token")
	expect(t, a.read("/Patient/p01", lost), 200, "Patient")
	expect(t, a.json(http.MethodPost, pathRotate, `{"overlap": 0}`), 200, `"retired": []`)
	expect(t, a.read("/Patient/p01", lost), 401, "")
	expect(t, a.read("/Patient/p01", a.ownToken().member("access_token")), 200, "Patient")
	for _, wrong := range []string{`{"overlap": "-1s"}`, `{"alg": "PS256"}`, `{"alg": "../x"}`, `{"kid": "x"}`} {
		expect(t, a.json(http.MethodPost, pathRotate, wrong), 400, "expected")
	}
}

// A file that cannot be read is left alone, and the error says what to do.
func TestRetiredKeysThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	start(t, Config{Dir: dir, HTTPSPort: -1})
	if err := os.WriteFile(filepath.Join(dir, defaultProfile, retiredFile), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Config{Dir: dir, HTTPSPort: -1, Now: time.Now}); err == nil || !strings.Contains(err.Error(), retiredFile+": ") {
		t.Errorf("expected to be told which file, got %v", err)
	}
}

// Whom an operator has barred stays outside until he is let in.
func TestBarred(t *testing.T) {
	s := start(t, Config{HTTPSPort: -1})
	a := newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	expect(t, a.json(http.MethodPut, pathBarred, `{"clients": ["machine"]}`), 200, `"machine"`)
	expect(t, a.ownToken(), 401, "invalid_client")
	expect(t, a.json(http.MethodPut, pathBarred, `{"keys": ["`+a.dpop.Thumbprint()+`"]}`), 200, a.dpop.Thumbprint())
	expect(t, a.ownToken(), 400, "invalid_dpop_proof")
	expect(t, a.json(http.MethodPut, pathBarred, `{}`), 200, `"clients": []`)
	expect(t, a.ownToken(), 200, "access_token")
	expect(t, a.json(http.MethodPut, pathBarred, `{"client": "machine"}`), 400, "expected")
}

// What a killed server has seen, offered and been told holds at the next start: a proof is used once.
func TestProofsAndNoncesAreKept(t *testing.T) {
	for _, separate := range []bool{false, true} {
		c := Config{Dir: t.TempDir(), Keep: true, HTTPSPort: -1, Profile: "hardened", SeparateReplay: separate}
		s := start(t, c)
		c.HTTPPort = s.http
		i := issuer(t, s, "hardened")
		a := newApp(t, s, i, "machine")
		minted, err := i.Mint(Mint{Client: "machine"})
		if err != nil {
			t.Fatal(err)
		}
		proof, _, err := i.proofFor(i.Client("machine"), http.MethodGet, i.FHIR+"/Patient/p01", minted.AccessToken, "", "")
		if err != nil {
			t.Fatal(err)
		}
		again := func() answer {
			r := a.request(http.MethodGet, i.FHIR+"/Patient/p01", nil)
			r.Header.Set("Authorization", minted.Authorization)
			r.Header.Set("DPoP", proof)
			return a.do(r)
		}
		expect(t, again(), 200, "Patient")
		nonce, secret := i.as.Nonces()[0], i.tenant.secret
		a.http.CloseIdleConnections()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = start(t, c)
		i = issuer(t, s, "hardened")
		if got := i.as.Nonces(); got[0] != nonce && got[1] != nonce {
			t.Error("expected the nonces from before")
		}
		if i.tenant.secret != secret {
			t.Error("expected the API to be known by the same secret")
		}
		expect(t, again(), 401, "")
		if told := i.Diagnoses(); len(told) != 1 || told[0].What != "jti" {
			t.Errorf("expected the proof to be known, got %+v", told)
		}
	}
}
