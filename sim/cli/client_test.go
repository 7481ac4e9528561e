package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/serve"
)

// rig is a server, and where the client finds what it needs of it.
type rig struct {
	*testing.T
	data   string
	server *serve.Server
	issuer *serve.Issuer
}

func newRig(t *testing.T) rig {
	t.Helper()
	data := t.TempDir()
	s := serve.InTest(t, serve.Config{Now: time.Now, Dir: filepath.Join(data, "serve")})
	i, err := s.Issuer("fapi2-dpop")
	if err != nil {
		t.Fatal(err)
	}
	return rig{t, data, s, i}
}

// as runs the client under an id of the server's and returns what it said.
func (r rig) as(id string, stdin io.Reader, stdout io.Writer, args ...string) (status int, errs string) {
	r.Helper()
	var e bytes.Buffer
	a := newApp(Env{
		Args:  append([]string{"client", "--data", r.data, "--issuer", r.issuer.URL, "--client-id", id, "--key", r.issuer.Client(id).JWKFile}, args...),
		Stdin: stdin, Stdout: stdout, Stderr: &e, Getenv: func(string) string { return "" }, Now: time.Now,
		IsTerminal: func(any) bool { return false }, Width: func() int { return 0 },
	})
	return a.main(r.Context()), e.String()
}

func (r rig) says(id string, args ...string) (int, string) {
	r.Helper()
	var out bytes.Buffer
	status, errs := r.as(id, strings.NewReader(""), &out, args...)
	return status, out.String() + errs
}

// A machine's whole day: metadata, a token, a record; and it is written down.
func TestClientInItsOwnName(t *testing.T) {
	r := newRig(t)
	log := filepath.Join(t.TempDir(), "log")
	status, said := r.says("machine", "--grant", "client_credentials", "--scope", "system/*.rs", "--resource", r.issuer.FHIR+"/Patient/p01", "--log", log)
	if status != exitExpected || !strings.Contains(said, "passed client/metadata-issuer") || !strings.Contains(said, "resource    read, ") {
		t.Errorf("got %d\n%s", status, said)
	}
	written, err := os.ReadFile(log)
	if err != nil || !bytes.Contains(written, []byte("client/token-type")) || !bytes.Contains(written, []byte("/token")) || !bytes.Contains(written, []byte(`"exchange":3`)) {
		t.Errorf("expected rulings and messages in the log, got %s, %v", written, err)
	}
	if bytes.Contains(written, []byte("eyJ")) {
		t.Errorf("expected no token, assertion or proof in the log, got %s", written)
	}
}

// Every combination of authentication and binding, with the certificate at the endpoints for it.
func TestClientWithACertificate(t *testing.T) {
	r := newRig(t)
	for _, tt := range [][4]string{
		{"mtls-app", "tls_client_auth", "mtls", r.issuer.MTLS}, {"web-app", "private_key_jwt", "mtls", r.issuer.MTLS},
		{"self-signed-app", "self_signed_tls_client_auth", "mtls", r.issuer.MTLS},
		{"oidf-mtls-dpop-1", "tls_client_auth", "dpop", r.issuer.URL}, {"web-app", "private_key_jwt", "dpop", r.issuer.URL},
	} {
		c := r.issuer.Client(tt[0])
		status, said := r.says(tt[0], "--cert", c.CertificateFile, "--cert-key", c.TLSKeyFile, "--auth", tt[1], "--sender-constraint", tt[2],
			"--grant", "client_credentials", "--scope", "system/*.rs", "--resource", tt[3]+"/fhir/Patient/p01")
		if status != exitExpected || !strings.Contains(said, "resource    read, ") {
			t.Errorf("%+v: got %d\n%s", tt, status, said)
		}
	}
	other := r.issuer.Client("web-app")
	for want, args := range map[string][]string{
		"invalid_client": {"--cert", other.CertificateFile, "--cert-key", other.TLSKeyFile, "--profile", "fapi2-mtls"},
		"does not match": {"--cert", other.CertificateFile}, "--cert: open": {"--cert", "nowhere"}, "--cert-key: open": {"--cert", other.CertificateFile, "--cert-key", "nowhere"},
		"expected a client certificate": {"--profile", "fapi2-mtls"}, "--auth: expected one of": {"--auth", "none"}, "--sender-constraint: expected": {"--sender-constraint", "none"},
	} {
		if status, said := r.says("mtls-app", append(args, "--grant", "client_credentials")...); status == exitExpected || !strings.Contains(said, want) {
			t.Errorf("%v: expected %q, got %d\n%s", args, want, status, said)
		}
	}
}

var (
	interactionIn = regexp.MustCompile(`name="?interaction"? value="?([^">]+)`)
	opened        = regexp.MustCompile(`(?m)^https://\S+/authorize\?\S+$`)
)

// person signs in at the URL that the client prints, and returns the address she ends at.
func (r rig) person(said string) *url.URL {
	r.Helper()
	jar, _ := cookiejar.New(nil)
	h := r.server.Client()
	h.Jar = jar
	r.Cleanup(h.CloseIdleConnections)
	page := r.body(h.Get(opened.FindString(said)))
	r.body(h.PostForm(r.issuer.URL+"/authorize/sign-in", url.Values{"person": {"berg"}, "interaction": {interactionIn.FindStringSubmatch(page)[1]}}))
	page = r.body(h.Get(opened.FindString(said))) // she is signed in now
	resp, err := h.PostForm(r.issuer.URL+"/authorize/consent", url.Values{"decision": {"allow"}, "interaction": {interactionIn.FindStringSubmatch(page)[1]}})
	r.body(resp, err)
	to, err := resp.Location()
	if err != nil {
		r.Fatal(err)
	}
	return to
}

func (r rig) body(resp *http.Response, err error) string {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		r.Fatal(err)
	}
	return string(b)
}

// A person signs in by her browser, which comes back to the client's own socket.
func TestClientWithAPerson(t *testing.T) {
	r := newRig(t)
	read, write := io.Pipe()
	var said strings.Builder
	ended := make(chan int, 1)
	go func() {
		status, _ := r.as("web-app", strings.NewReader(""), write, "--scope", "openid offline_access user/*.rs", "--resource", r.issuer.FHIR+"/Patient/p01")
		_ = write.Close()
		ended <- status
	}()
	for b := make([]byte, 1<<10); !opened.MatchString(said.String()); {
		n, err := read.Read(b)
		if err != nil {
			t.Fatalf("expected a URL to open, got %s", &said)
		}
		said.Write(b[:n])
	}
	to := r.person(said.String())
	elsewhere := *to
	elsewhere.Path = "/favicon.ico"
	for address, want := range map[string]int{elsewhere.String(): http.StatusNotFound, to.String(): http.StatusOK} {
		resp, err := http.Get(address)
		if r.body(resp, err); resp.StatusCode != want {
			t.Errorf("%s: expected %d, got %s", address, want, resp.Status)
		}
	}
	rest, _ := io.ReadAll(read)
	said.Write(rest)
	if status := <-ended; status != exitExpected {
		t.Errorf("got %d", status)
	}
	for _, part := range []string{"signed in as berg", "passed client/state, client/iss", "refresh     DPoP", "client/id-token-nonce", "resource    read, "} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("expected %q, got\n%s", part, &said)
		}
	}
}

// Where the client cannot listen, the person pastes the address. What is no answer to it is refused.
func TestClientPasted(t *testing.T) {
	r := newRig(t)
	for pasted, want := range map[string]string{
		"https://app.test/cb?code=x&state=y": "REFUSED by client/state", "nonsense": "FAILED: expected the address", "https://app.test/cb?a=b": "expected code or error",
	} {
		var out bytes.Buffer
		status, _ := r.as("oidf-1", strings.NewReader(pasted+"\n"), &out, "--redirect", r.issuer.Client("oidf-1").RedirectURIs[0], "--scope", "user/*.rs")
		if status != exitSurprise || !strings.Contains(out.String(), want) {
			t.Errorf("expected %q, got %d\n%s", want, status, &out)
		}
	}
}

// Every refusal says what to do about it.
func TestClientExplains(t *testing.T) {
	r := newRig(t)
	plain := httptest.NewServer(http.RedirectHandler("/again", http.StatusFound))
	defer plain.Close()
	var lost *httptest.Server // its metadata sends the client to another machine
	lost = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": lost.URL, "token_endpoint": "https://192.0.2.1/token"})
	}))
	defer lost.Close()
	own := []string{"--grant", "client_credentials"}
	for want, args := range map[string][]string{
		"`thiefbox explain client/metadata-issuer`": {"--issuer", r.issuer.URL + "/"},
		"_thiefbox/why":             append(own, "--scope", "user/*.rs"),
		"leave --follow out":        {"--follow", "--redirect", "http://127.0.0.1/callback", "--scope", "openid"},
		"--beyond-loopback permits": {"--issuer", "http://192.0.2.1"},
		"--ca FILE trusts":          append(own, "--data", t.TempDir()),
		"got 302":                   {"--issuer", plain.URL},
		"got 192.0.2.1:443":         append(own, "--issuer", lost.URL),
	} {
		id := "machine"
		if strings.Contains(want, "follow") {
			id = "web-app"
		}
		if status, said := r.says(id, args...); status != exitSurprise || !strings.Contains(said, want) {
			t.Errorf("%v: expected %q, got %d\n%s", args, want, status, said)
		}
	}
}

// --follow goes where the server sends it, until that is back to the client.
func TestClientFollows(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{"/start": "/next", "/next": "https://app.test/cb?code=c&state=s", "/loop": "/loop"}[r.URL.Path]
		http.Redirect(w, r, to, http.StatusFound)
	}))
	defer server.Close()
	a := newApp(Env{Stdout: io.Discard, Getenv: func(string) string { return "" }})
	h, err := a.dialer(nil, false)
	if err != nil {
		t.Fatal(err)
	}
	back, err := a.wayBack(&clientFlags{follow: true, redirect: "https://app.test/cb", grant: grantCode}, h)
	if err != nil {
		t.Fatal(err)
	}
	if query, err := back.wait(t.Context(), server.URL+"/start"); err != nil || query != "code=c&state=s" {
		t.Errorf("got %q, %v", query, err)
	}
	for _, path := range []string{"/loop", "\n"} {
		if _, err := back.wait(t.Context(), server.URL+path); err == nil {
			t.Errorf("%q: expected an error", path)
		}
	}
}

func TestClientMistakes(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	all := []string{"--issuer", "http://localhost:1", "--client-id", "a", "--key", broken}
	for _, tt := range []struct {
		args   []string
		status int
		says   string
	}{
		{nil, exitUsage, "expected --issuer, --client-id and --key"},
		{append(all, "--grant", "password"), exitUsage, "--grant: expected one of"},
		{append(all, "--profile", "hardend"), exitUsage, `did you mean "hardened"?`},
		{append(all, "--redirect", "/callback"), exitUsage, "expected an absolute URI"},
		{append(all, "--redirect", "http://127.0.0.1:70000/callback"), exitEnvironment, "--redirect"},
		{all, exitEnvironment, "expected a private JWK"},
		{append(all, "--ca", broken), exitEnvironment, "to hold a certificate in PEM"},
		{append(all, "--key", broken+"2"), exitEnvironment, "no such file"},
		{append(all, "a"), exitUsage, "expected no name"},
	} {
		status, out, errs := invoke(t, nil, append([]string{"client"}, tt.args...)...)
		if status != tt.status || !strings.Contains(errs, tt.says) || out != "" {
			t.Errorf("%v: expected status %d and %q, got %d, %q and %q", tt.args, tt.status, tt.says, status, out, errs)
		}
	}
}
