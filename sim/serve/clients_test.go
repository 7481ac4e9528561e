package serve

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
)

const sampleFile = `# ours
clients:
  - client_id: mine
    token_endpoint_auth_method: private_key_jwt
    grant_types: [client_credentials]
    scope: system/*.rs
    jwks_file: mine.jwks
    organization: granfjelldal
  - client_id: elsewhere
    token_endpoint_auth_method: client_secret_post
    client_secret: made-up
    grant_types: [client_credentials]
    scope: system/*.rs
    issuers: [y]
`

// Clients of a file are there, only where they should be; the file is read again when it changes, and a
// mistake in it changes nothing.
func TestClientsFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "clients.yaml")
	saved := time.Now()
	save := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		saved = saved.Add(time.Second) // file systems tell time coarsely
		if err := os.Chtimes(name, saved, saved); err != nil {
			t.Fatal(err)
		}
	}
	key, err := fapi.NewES256Key("mine", dice.New(1))
	if err != nil {
		t.Fatal(err)
	}
	save(filepath.Join(dir, "mine.jwks"), string(fapi.JWKS(key.Public())))
	save(file, sampleFile)
	s := start(t, Config{ClientsFile: file})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	a.client = &Client{ID: "mine", Key: key}
	expect(t, a.ownToken(), 200, "access_token")
	expect(t, a.json(http.MethodGet, pathClients, ""), 200, `"client_id": "mine"`)
	if got := a.json(http.MethodGet, pathClients, ""); strings.Contains(string(got.body), "elsewhere") {
		t.Error("expected a client of another issuer to be left out")
	}

	save(file, strings.Replace(sampleFile, "jwks_file", "jwks_fiel", 1))
	expect(t, a.ownToken(), 200, "access_token")
	why := a.issuer.Diagnoses()
	if last := why[len(why)-1]; !strings.Contains(last.Cause, "clients.yaml:7:5") || !strings.Contains(last.Cause, "stay as they were") {
		t.Errorf("expected the place of the mistake, got %q", last.Cause)
	}
	if more := a.issuer.Diagnoses(); len(more) != len(why) {
		t.Error("expected a mistake to be told once")
	}
	save(file, "clients: []")
	expect(t, a.ownToken(), 401, "invalid_client")
}

// A client that is registered for names gets tokens for names, and with them names.
func TestClientOfTheFileForElements(t *testing.T) {
	dir := t.TempDir()
	key, err := fapi.NewES256Key("mine", dice.New(1))
	if err != nil {
		t.Fatal(err)
	}
	const file = `clients:
  - client_id: mine
    token_endpoint_auth_method: private_key_jwt
    grant_types: [client_credentials]
    jwks_file: mine.jwks
    organization: granfjelldal
    authorization_details_types: [patient_record]
    record_elements: [Patient.name]
`
	for name, content := range map[string]string{"mine.jwks": string(fapi.JWKS(key.Public())), "clients.yaml": file} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, Config{ClientsFile: filepath.Join(dir, "clients.yaml")})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	a.client = &Client{ID: "mine", Key: key}
	const whole = `[{"type":"patient_record","identifier":"p01","actions":["read"],"datatypes":["Patient"]`
	expect(t, a.back("/token", url.Values{"grant_type": {"client_credentials"}, "authorization_details": {whole + "}]"}}), 400, "invalid_authorization_details")
	got := a.back("/token", url.Values{"grant_type": {"client_credentials"}, "authorization_details": {whole + `,"elements":["Patient.name"]}]`}})
	expect(t, got, 200, "access_token")
	read := a.read("/Patient/p01", got.member("access_token"))
	expect(t, read, 200, "SUBSETTED")
	if strings.Contains(string(read.body), "birthDate") {
		t.Errorf("expected a name alone, got %s", read.body)
	}
}

func TestClientsFileMistakes(t *testing.T) {
	key, err := fapi.NewES256Key("mine", dice.New(1))
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) ([]byte, error) {
		if name != "mine.jwks" {
			return nil, os.ErrNotExist
		}
		return fapi.JWKS(key.Public()), nil
	}
	if _, err := readClients("f.yaml", []byte(sampleFile), beside{read, nil, anyOrganization}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ old, new, want string }{
		{"scope: system", "scopes: system", `f.yaml:6:5: unknown field "scopes"`},
		{"elsewhere", "mine", "f.yaml:9:5: client mine: expected each client_id once"},
		{"    client_secret: made-up\n", "", "f.yaml:9:5: client elsewhere: expected a secret"},
		{"client_id: mine", "client_name: mine", "f.yaml:3:5: client number 1: expected a client_id"},
		{"[client_credentials]", "[password]", "f.yaml:3:5: client mine: expected a grant type"},
		{"jwks_file: mine.jwks", "jwks: {keys: [{kty: oct, k: x}]}", "expected public keys"},
		{"jwks_file: mine.jwks", "jwks_file: mine.jwks\n    jwks: {keys: []}", "got both"},
		{"mine.jwks", "nowhere.jwks", "f.yaml:3:5: client mine: file does not exist"},
		{"scope: system/*.rs", "record_elements: [name]", `f.yaml:3:5: client mine: expected elements such as "Patient.name", got "name"`},
		{sampleFile, "clients: [", "f.yaml:1:"},
		{sampleFile, "clients: {}", "f.yaml:1:"},
		{sampleFile, "klients: []", "unknown field"},
	} {
		_, err := readClients("f.yaml", []byte(strings.Replace(sampleFile, test.old, test.new, 1)), beside{read, nil, anyOrganization})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("expected %q, got %v", test.want, err)
		}
	}
	if _, err := Start(t.Context(), Config{Now: time.Now, HTTPSPort: -1, ClientsFile: "/nowhere.yaml"}); err == nil {
		t.Error("expected a file that is not there to be refused at the start")
	}
}

func FuzzClientsFile(f *testing.F) {
	f.Add(sampleFile)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := readClients("f.yaml", []byte(text), beside{func(string) ([]byte, error) { return fapi.JWKS(), nil }, nil, anyOrganization})
		if e := (*FileError)(nil); err != nil && !errors.As(err, &e) {
			t.Errorf("expected a place, got %v", err)
		}
	})
}

func TestRegisteringAndRevoking(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	expect(t, a.json(http.MethodPost, pathClients, `{"client_id":"own","token_endpoint_auth_method":"private_key_jwt","grant_types":["client_credentials"],"scope":"system/*.rs","jwks":`+
		string(fapi.JWKS(a.client.Key.Public()))+`}`), 200, `"own"`)
	a.client = &Client{ID: "own", Key: a.client.Key}
	token := a.ownToken().member("access_token")
	expect(t, a.read("/Patient/p01", token), 200, "Patient")
	expect(t, a.json(http.MethodPost, pathRevoke, `{"client":"own"}`), 200, `"revoked": 1`)
	if got := a.read("/Patient/p01", token); got.StatusCode != 401 {
		t.Errorf("expected the token to be withdrawn, got %d", got.StatusCode)
	}
	expect(t, a.json(http.MethodPost, pathRevoke, `{}`), 400, "which tokens")
	expect(t, a.json(http.MethodPost, pathClients, `{"client_id":"own","redirect_uris":["http://evil.test"]}`), 400, "https")
	expect(t, a.json(http.MethodPost, pathClients, `{}`), 400, "client_id")
}
