package serve

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write puts a resource.
func (a *app) write(path, token, resource string) answer {
	a.t.Helper()
	return a.send(http.MethodPut, path, token, resource)
}

// send brings a resource to the FHIR API, once more if a nonce is asked for.
func (a *app) send(method, path, token, resource string) answer {
	a.t.Helper()
	for try := 0; ; try++ {
		r := a.request(method, a.issuer.FHIR+path, nil)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(resource)), int64(len(resource))
		r.Header.Set("Content-Type", "application/fhir+json")
		r.Header.Set("Authorization", "DPoP "+token)
		a.proof(r, "fhir", token)
		got := a.do(r)
		if n := got.Header.Get("DPoP-Nonce"); n != "" {
			a.nonces["fhir"] = n
		}
		if !strings.Contains(got.Header.Get("WWW-Authenticate"), "use_dpop_nonce") || try > 0 {
			return got
		}
	}
}

func (a *app) writersToken() string {
	got := a.back("/token", url.Values{"grant_type": {"client_credentials"}, "scope": {"system/*.cruds"}})
	expect(a.t, got, 200, "access_token")
	return got.member("access_token")
}

const written = `{"resourceType":"Observation","id":"mine","status":"final","code":{"text":"kept"},"subject":{"reference":"Patient/p01"}}`

// What a client wrote is there at the next start, and at every origin; a reset forgets it.
func TestRecordsAreKept(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Config{Dir: dir, Keep: true})
	a := newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	expect(t, a.write("/Observation/mine", a.writersToken(), written), 201, "kept")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, Config{Dir: dir, Keep: true})
	a = newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	expect(t, a.read("/Observation/mine", a.writersToken()), 200, "kept")
	other, err := s.issuerAt(s.PlainOrigin(), "fapi2-dpop")
	if err != nil {
		t.Fatal(err)
	}
	b := newApp(t, s, other, "machine")
	expect(t, b.read("/Observation/mine", b.writersToken()), 200, "kept")
	if err := s.Reset("fapi2-dpop"); err != nil {
		t.Fatal(err)
	}
	a = newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	expect(t, a.read("/Observation/mine", a.writersToken()), 404, "no such record")
}

// A file that cannot be used is left as it is, and the answer says what to do.
func TestRecordsThatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Config{Dir: dir, Keep: true})
	i := issuer(t, s, "fapi2-dpop")
	path := filepath.Join(dir, "fapi2-dpop", recordsFile)
	if err := os.WriteFile(path, []byte(strings.Repeat("x", 8192)), 0o600); err != nil {
		t.Fatal(err)
	}
	a := newApp(t, s, i, "machine")
	expect(t, a.read("/Patient/p01", a.writersToken()), 500, "move it away")
}

// Without Keep the keys stay and the records go: what a restart leaves is all or nothing of what happened.
func TestRecordsAreNotKeptUnasked(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Config{Dir: dir})
	a := newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	expect(t, a.write("/Observation/mine", a.writersToken(), written), 201, "kept")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, Config{Dir: dir})
	a = newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	expect(t, a.read("/Observation/mine", a.writersToken()), 404, "no such record")
}
