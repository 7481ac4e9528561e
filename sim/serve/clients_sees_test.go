package serve

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
)

func anyOrganization(string) (string, error) { return "", nil }

// A client that was registered by hand sees the patients of the organization that it was registered for, and nobody
// without one, which the refusal explains.
func TestWhoseDataARegisteredClientSees(t *testing.T) {
	s := start(t, Config{Profile: "hardened+entitlement"})
	i := issuer(t, s, "x")
	a := newApp(t, s, i, "machine")
	register := func(more string) {
		t.Helper()
		a.client = i.Client("machine")
		expect(t, a.json(http.MethodPost, pathClients, metadataOf("own", a.client.Key, more)), 200, `"own"`)
		a.client = &Client{ID: "own", Key: a.client.Key}
	}
	patients := s.people.Entitled(i.tenant.callers()["machine"]) // of granfjelldal
	register("")
	expect(t, a.read("/Patient/"+patients[0], a.ownToken().member("access_token")), 404, "not yours to see")
	expect(t, a.get(i.URL+pathWhy), 200, "organization, where it is registered")
	register(`,"organization":"granfjelldal"`)
	token := a.ownToken().member("access_token")
	expect(t, a.read("/Patient/"+patients[0], token), 200, patients[0])
	cast := newApp(t, s, i, "machine")
	expect(t, a.read("/Patient?_summary=count", token), 200, string(cast.read("/Patient?_summary=count", cast.ownToken().member("access_token")).body))
	expect(t, a.json(http.MethodPost, pathClients, metadataOf("own", a.client.Key, `,"organization":"granfjell"`)), 400, `expected an organization that is here (`)

	// Who registers itself acts for whom the settings say.
	for _, c := range []struct {
		settings string
		status   int
	}{{`{"registered_for":""}`, 404}, {`{"registered_for":"granfjelldal"}`, 200}} {
		expect(t, a.json(http.MethodPatch, pathSettings, c.settings), 200, strings.Trim(c.settings, "{}")[:16])
		a.client = &Client{ID: a.registered(i.Client("machine").Key), Key: i.Client("machine").Key}
		if got := a.read("/Patient/"+patients[0], a.ownToken().member("access_token")); got.StatusCode != c.status {
			t.Errorf("%s: expected %d, got %d %s", c.settings, c.status, got.StatusCode, got.body)
		}
	}
	expect(t, a.json(http.MethodPatch, pathSettings, `{"registered_for":"nowhere"}`), 400, "registered_for: expected an organization")
}

// The file says the same, and a mistake in it is told with its place.
func TestWhoseDataAClientOfTheFileSees(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clients.yaml")
	write := func(organization string) {
		t.Helper()
		text := "clients:\n  - client_id: own\n    token_endpoint_auth_method: private_key_jwt\n    grant_types: [client_credentials]\n    scope: system/*.rs\n    jwks_file: own.jwks\n" + organization
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	key, err := fapi.NewES256Key("own", dice.Secure())
	if err == nil {
		err = os.WriteFile(filepath.Join(filepath.Dir(file), "own.jwks"), fapi.JWKS(key.Public()), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	write("    organization: flaksvagoy\n")
	s := start(t, Config{Profile: "hardened+entitlement", ClientsFile: file})
	i := issuer(t, s, "x")
	a := newApp(t, s, i, "machine")
	a.client = &Client{ID: "own", Key: key}
	theirs := s.people.Entitled(i.tenant.callers()["second-app"])
	token := a.ownToken().member("access_token")
	expect(t, a.read("/Patient/"+theirs[0], token), 200, theirs[0])
	write("    organization: granfjelldal\n    client_name: changed\n")
	if got := a.read("/Patient/"+theirs[0], token); got.StatusCode != 404 {
		t.Errorf("expected the change to count at once, got %d %s", got.StatusCode, got.body)
	}
	write("    organization: nowhere\n")
	if _, err := Start(t.Context(), Config{Now: s.config.Now, HTTPSPort: -1, ClientsFile: file}); err == nil || !strings.Contains(err.Error(), "clients.yaml:2:5: client own: expected an organization that is here") {
		t.Errorf("expected the mistake and its place, got %v", err)
	}
}

func metadataOf(id string, key *fapi.Key, more string) string {
	return `{"client_id":"` + id + `","token_endpoint_auth_method":"private_key_jwt","grant_types":["client_credentials"],"scope":"system/*.rs","jwks":` + string(fapi.JWKS(key.Public())) + more + `}`
}

// registered has a client register itself, and returns its id.
func (a *app) registered(key *fapi.Key) string {
	a.t.Helper()
	r, err := http.NewRequest(http.MethodPost, a.issuer.URL+"/register", strings.NewReader(metadataOf("x", key, "")))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+a.issuer.tenant.initial)
	got := a.do(r)
	expect(a.t, got, 201, "client_id")
	return got.member("client_id")
}
