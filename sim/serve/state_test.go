package serve

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// TestServeToBeKilled is no test: it is the process that TestKill kills.
func TestServeToBeKilled(t *testing.T) {
	if flag.NArg() != 2 {
		t.Skip("for TestKill")
	}
	port, err := strconv.Atoi(flag.Arg(1))
	if err != nil {
		t.Fatal(err)
	}
	dir := flag.Arg(0)
	err = Run(t.Context(), Config{Dir: dir, Keep: true, HTTPSPort: -1, HTTPPort: port, ReadyFile: filepath.Join(dir, "ready"), Now: time.Now}, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
}

// victim is a server in a process of its own, and the one client of it.
type victim struct {
	t    *testing.T
	dir  string
	port int
	cmd  *exec.Cmd
}

func (v *victim) start() {
	v.t.Helper()
	ready := filepath.Join(v.dir, "ready")
	_ = os.Remove(ready) // of the one that was killed
	v.cmd = exec.Command(os.Args[0], "-test.run=^TestServeToBeKilled$", "--", v.dir, strconv.Itoa(v.port))
	var out bytes.Buffer
	v.cmd.Stdout, v.cmd.Stderr = &out, &out
	if err := v.cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		if _, err := os.Stat(ready); err == nil {
			return
		}
		if time.Now().After(deadline) {
			v.kill()
			v.t.Fatalf("expected the server to start, got %s", out.String())
		}
	}
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait() // it says that it was killed
}

func (v *victim) app() *app {
	v.t.Helper()
	key, err := readKey(filepath.Join(v.dir, defaultProfile, "web-app.jwk"))
	if err != nil {
		v.t.Fatal(err)
	}
	profile, err := control.ProfileNamed(defaultProfile)
	if err != nil {
		v.t.Fatal(err)
	}
	d := dice.Secure()
	dpop, err := fapi.NewES256Key("dpop", d)
	if err != nil {
		v.t.Fatal(err)
	}
	origin := "http://localhost:" + strconv.Itoa(v.port)
	i := &Issuer{URL: origin + "/" + defaultProfile, FHIR: origin + "/" + defaultProfile + "/fhir", Name: defaultProfile, origin: origin, tenant: &tenant{policy: party.NewPolicy(profile)}}
	a := &app{t: v.t, issuer: i, client: &Client{ID: "web-app", Key: key}, dpop: dpop, dice: d, nonces: map[string]string{}, typ: "client-authentication+jwt",
		http: &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	v.t.Cleanup(a.http.CloseIdleConnections)
	return a
}

// answered is what a client was told before the server was killed.
type answered struct {
	tokens, pushed, clients []string
}

// newVictim starts a server of its own, which always has the same port and folder.
func newVictim(t *testing.T) *victim {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{t: t, dir: t.TempDir(), port: l.Addr().(*net.TCPAddr).Port}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	v.start()
	t.Cleanup(v.kill)
	return v
}

// TestKill kills a server in mid-traffic, starts it again, and expects everything that it had answered.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	v := newVictim(t)

	a := v.app()
	tokens := a.redeem(a.code("berg").Get("code"))
	expect(t, tokens, http.StatusOK, "refresh_token")
	spent := a.code("berg").Get("code")
	expect(t, a.redeem(spent), http.StatusOK, "access_token")
	revoked := a.ownToken().member("access_token")
	expect(t, a.back("/revoke", url.Values{"token": {revoked}}), http.StatusOK, "")
	if _, gone := a.try("/_thiefbox/clock", `{"advance": "5s"}`); gone {
		t.Fatal("expected the clock to move")
	}

	apps := make([]*app, 4)
	told := make([]answered, len(apps))
	var all sync.WaitGroup
	for n := range apps {
		apps[n] = v.app()
		all.Go(func() { apps[n].traffic(&told[n]) })
	}
	time.Sleep(400 * time.Millisecond)
	v.kill()
	all.Wait()
	v.start()

	for n, one := range apps {
		for _, token := range told[n].tokens {
			expect(t, one.read("/Patient?_count=1", token), http.StatusOK, "Bundle")
		}
		for _, uri := range told[n].pushed {
			page := one.get(one.issuer.URL + "/authorize?" + url.Values{"client_id": {"web-app"}, "request_uri": {uri}}.Encode())
			expect(t, page, http.StatusOK, "Sign in")
		}
		known := one.get(one.issuer.URL + "/_thiefbox/clients")
		for _, id := range told[n].clients {
			expect(t, known, http.StatusOK, `"`+id+`"`)
		}
		t.Logf("client %d was answered %d tokens, %d pushed requests, %d registrations", n, len(told[n].tokens), len(told[n].pushed), len(told[n].clients))
	}
	expect(t, a.back("/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.member("refresh_token")}}), http.StatusOK, "access_token")
	expect(t, a.read("/Patient?_count=1", revoked), http.StatusUnauthorized, "")
	expect(t, a.redeem(spent), http.StatusBadRequest, "invalid_grant")
	expect(t, a.get(a.issuer.URL+"/_thiefbox/clock"), http.StatusOK, `"ahead": "5s"`)
}

// traffic goes on until the server is gone, and remembers what it was answered.
func (a *app) traffic(told *answered) {
	for n := 0; ; n++ {
		id := "app-" + a.dice.ID()[:8]
		metadata, err := json.Marshal(map[string]any{"client_id": id, "token_endpoint_auth_method": "private_key_jwt",
			"grant_types": []string{"client_credentials"}, "scope": "system/*.rs", "jwks": json.RawMessage(fapi.JWKS(a.client.Key.Public()))})
		if err != nil {
			a.t.Error(err)
			return
		}
		token, gone := a.try("/token", a.authenticated(url.Values{"grant_type": {"client_credentials"}, "scope": {"system/*.rs"}}).Encode())
		if gone {
			return
		}
		told.tokens = append(told.tokens, token.member("access_token"))
		pushed, gone := a.try("/par", a.authenticated(url.Values{
			"response_type": {"code"}, "redirect_uri": {redirectURI}, "scope": {"openid"}, "state": {"s"},
			"code_challenge": {fapi.Hash(sampleVerifier)}, "code_challenge_method": {"S256"},
		}).Encode())
		if gone {
			return
		}
		told.pushed = append(told.pushed, pushed.member("request_uri"))
		if _, gone := a.try("/_thiefbox/clients", string(metadata)); gone {
			return
		}
		told.clients = append(told.clients, id)
	}
}

// try posts, once more if a nonce is asked for, and says whether the server is gone.
func (a *app) try(path, body string) (got answer, gone bool) {
	for {
		r := a.request(http.MethodPost, a.issuer.URL+path, url.Values{})
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		if strings.HasPrefix(body, "{") {
			r.Header.Set("Content-Type", "application/json")
		} else {
			a.proof(r, "as", "")
		}
		resp, err := a.http.Do(r)
		if err != nil {
			return got, true
		}
		content, err := io.ReadAll(resp.Body)
		if resp.Body.Close() != nil || err != nil {
			return got, true
		}
		got = answer{resp, content}
		if n := resp.Header.Get("DPoP-Nonce"); n != "" {
			a.nonces["as"] = n
		}
		if got.member("error") == "use_dpop_nonce" { // which does not burn the assertion
			continue
		}
		if resp.StatusCode >= 300 {
			a.t.Errorf("expected an answer from %s, got %d %s", path, resp.StatusCode, content)
			return got, true
		}
		return got, false
	}
}
