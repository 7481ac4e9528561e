package serve

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// showing makes an app show a certificate, as a program does that was given the two files.
func (a *app) showing(c *Client) *app {
	a.t.Helper()
	pair, err := tls.LoadX509KeyPair(c.CertificateFile, c.TLSKeyFile)
	if err != nil {
		a.t.Fatal(err)
	}
	a.http.Transport.(*http.Transport).TLSClientConfig.Certificates = []tls.Certificate{pair}
	return a
}

// machineToken asks where certificates are asked for.
func (a *app) machineToken(form url.Values, prove bool) answer {
	a.t.Helper()
	form.Set("grant_type", "client_credentials")
	form.Set("client_id", a.client.ID)
	form.Set("scope", "system/*.rs")
	r := a.request(http.MethodPost, a.issuer.MTLS+"/token", form)
	if prove {
		a.proof(r, "as", "")
	}
	return a.do(r)
}

func (a *app) readAt(base, scheme, token string) answer {
	a.t.Helper()
	r := a.request(http.MethodGet, base+"/Patient/p02", nil)
	r.Header.Set("Authorization", scheme+" "+token)
	if scheme == "DPoP" {
		a.proof(r, "fhir", token)
	}
	return a.do(r)
}

// Two static clients under every combination of authentication and constraint, as the conformance suite
// has them, at one server and under one profile.
func TestEveryCombination(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "fapi2-dpop")
	for _, id := range []string{"oidf-1", "oidf-2", "oidf-mtls-1", "oidf-mtls-2", "oidf-mtls-dpop-1", "web-app", "mtls-app", "self-signed-app"} {
		for _, scheme := range []string{"Bearer", "DPoP"} {
			a := newApp(t, s, i, id).showing(i.Client(id))
			form := url.Values{}
			if a.client.AuthMethod == string(control.PrivateKeyJWT) {
				signed, err := fapi.NewAssertion(id, i.URL, time.Now(), 10*time.Second, a.dice.ID()).Sign(a.client.Key, a.typ)
				if err != nil {
					t.Fatal(err)
				}
				form = url.Values{"client_assertion": {signed}, "client_assertion_type": {fapi.AssertionType}}
			}
			token := a.machineToken(form, scheme == "DPoP")
			if id == "oidf-mtls-dpop-1" && scheme == "Bearer" { // a certificate does not stand in for its proof
				expect(t, token, 400, "invalid_dpop_proof")
				continue
			}
			if got := token.member("token_type"); got != scheme {
				t.Errorf("%s: expected a %s token, got %s", id, scheme, token.body)
				continue
			}
			expect(t, a.readAt(i.MTLS+"/fhir", scheme, token.member("access_token")), 200, `"Patient"`)
			elsewhere := a.readAt(i.FHIR, scheme, token.member("access_token"))
			if want := map[string]int{"Bearer": 401, "DPoP": 200}[scheme]; elsewhere.StatusCode != want {
				t.Errorf("%s: expected %d where nobody asks for certificates, got %d %s", id, want, elsewhere.StatusCode, elsewhere.body)
			}
		}
	}
}

func TestCertificatesOfOthersAreRefused(t *testing.T) {
	s := start(t, Config{})
	i, other := issuer(t, s, "team-a"), issuer(t, s, "team-b")
	for name, shown := range map[string]*Client{"another client's": i.Client("web-app"), "the same client's at another issuer": other.Client("mtls-app")} {
		a := newApp(t, s, i, "mtls-app").showing(shown)
		if got := a.machineToken(url.Values{}, false); got.StatusCode != 401 || got.member("error") != "invalid_client" {
			t.Errorf("%s: got %d %s", name, got.StatusCode, got.body)
		}
	}
	why := newApp(t, s, i, "mtls-app").get(i.URL + pathWhy)
	expect(t, why, 200, control.ASMTLSSubject.ID)
}

// A browser is not asked for a certificate on the sign-in pages.
func TestOnlyOnePortAsks(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "x")
	asked := false
	a := newApp(t, s, i, "mtls-app")
	a.http.Transport.(*http.Transport).TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		return &tls.Certificate{}, nil
	}
	a.get(i.URL + "/authorize")
	if asked {
		t.Error("expected nobody to be asked at the issuer's own URL")
	}
	expect(t, a.get(i.MTLS+"/jwks"), 200, "keys")
	if !asked {
		t.Error("expected to be asked at the alias")
	}
}

// The log tells which certificate came, and where it was sent.
func TestCertificateInTheLog(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "x")
	a := newApp(t, s, i, "mtls-app").showing(i.Client("mtls-app"))
	a.machineToken(url.Values{}, false)
	for _, e := range i.tenant.journal.after(0) {
		if r, ok := e.Body.(event.Request); ok && strings.HasPrefix(r.Message.URL, i.MTLS+"/token") {
			if r.Certificate.Thumbprint != i.Client("mtls-app").Certificate.Thumbprint() || !strings.Contains(r.Certificate.Subject, "mtls-app") {
				t.Errorf("got %+v", r.Certificate)
			}
			return
		}
	}
	t.Error("expected the request in the log, at the URL it was sent to")
}

func TestWithoutCertificates(t *testing.T) {
	s := start(t, Config{MTLSPort: -1})
	i := issuer(t, s, "x")
	a := newApp(t, s, i, "web-app")
	if got := a.get(i.URL + "/.well-known/openid-configuration"); i.MTLS != "" || strings.Contains(string(got.body), "mtls") {
		t.Errorf("expected no word of certificates, got %s", got.body)
	}
	plain, err := s.issuerAt(s.PlainOrigin(), "x")
	if err != nil || plain.MTLS != "" {
		t.Errorf("expected none without TLS, got %q, %v", plain.MTLS, err)
	}
}

// Certificates are kept, and renewed in time, or when the authority is another.
func TestCertificatesAreKept(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	thumbprint := func(at time.Time) string {
		t.Helper()
		s, err := Start(t.Context(), Config{Dir: dir, Now: func() time.Time { return at }})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		i := issuer(t, s, "x")
		c := i.Client("mtls-app").Certificate.Certificate
		if _, err := c.Verify(x509.VerifyOptions{Roots: s.ca.pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
			t.Error(err)
		}
		return i.Client("mtls-app").Certificate.Thumbprint()
	}
	first := thumbprint(now)
	if again := thumbprint(now.Add(24 * time.Hour)); again != first {
		t.Error("expected the same certificate the day after")
	}
	renewed := thumbprint(now.Add(70 * 24 * time.Hour))
	if renewed == first {
		t.Error("expected another certificate before the first expires")
	}
	for _, file := range []string{authorityFile, authorityKeyFile} {
		if err := os.Remove(dir + "/" + file); err != nil {
			t.Fatal(err)
		}
	}
	if thumbprint(now.Add(70*24*time.Hour)) == renewed {
		t.Error("expected another certificate of another authority")
	}
	if err := os.WriteFile(dir+"/x/mtls-app-tls.crt", []byte("spoilt"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), Config{Dir: dir, Now: func() time.Time { return now.Add(70 * 24 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Issuer("x"); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("expected to be told what to do about a spoilt file, got %v", err)
	}
}

// A client of one's own file can have a certificate too.
func TestClientsFileWithCertificates(t *testing.T) {
	file := t.TempDir() + "/clients.yaml"
	content := `clients:
  - client_id: named
    token_endpoint_auth_method: tls_client_auth
    tls_client_auth_subject_dn: CN=web-app, O=thiefbox x
    grant_types: [client_credentials]
    scope: system/*.rs
    tls_client_certificate_bound_access_tokens: true
`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, Config{ClientsFile: file})
	i := issuer(t, s, "x")
	a := newApp(t, s, i, "web-app").showing(i.Client("web-app"))
	a.client = &Client{ID: "named"}
	token := a.machineToken(url.Values{}, false)
	expect(t, token, 200, `"token_type":"Bearer"`)
	if err := os.WriteFile(file, []byte(strings.Replace(content, "CN=web-app", "web-app", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Config{Now: time.Now, ClientsFile: file}); err == nil || !strings.Contains(err.Error(), "type=value") {
		t.Errorf("expected a name that is none to be refused, got %v", err)
	}
}
