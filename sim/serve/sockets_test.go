package serve

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/event"
)

func TestConfigThatIsRefused(t *testing.T) {
	now := time.Now
	for name, c := range map[string]struct {
		config Config
		want   string
	}{
		"no clock":            {Config{}, "clock"},
		"no port":             {Config{Now: now, HTTPSPort: -1, HTTPPort: -1}, "port"},
		"a port too high":     {Config{Now: now, HTTPSPort: 65536}, "65535"},
		"a port of X11":       {Config{Now: now, HTTPPort: 6000}, "browsers"},
		"every address":       {Config{Now: now, Host: "0.0.0.0"}, "loopback"},
		"every IPv6 address":  {Config{Now: now, Host: "::"}, "loopback"},
		"another machine":     {Config{Now: now, Host: "192.0.2.1"}, "loopback"},
		"a name":              {Config{Now: now, Host: "example.org"}, "IP address"},
		"an unknown profile":  {Config{Now: now, Profile: "strict"}, "no profile is called"},
		"a directory of none": {Config{Now: now, Dir: "/dev/null/x"}, "/dev/null"},
	} {
		if s, err := Start(t.Context(), c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: expected an error with %q, got %v, %v", name, c.want, s, err)
		}
	}
}

func TestPortThatIsTaken(t *testing.T) {
	s := start(t, Config{})
	_, err := Start(t.Context(), Config{Now: time.Now, HTTPSPort: -1, HTTPPort: s.http})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint("port ", s.http)) {
		t.Errorf("expected an error that names the port, got %v", err)
	}
}

func TestBeyondLoopbackOnRequest(t *testing.T) {
	s := start(t, Config{Host: "0.0.0.0", BeyondLoopback: true, Names: []string{"thiefbox.internal"}})
	client := s.Client()
	defer client.CloseIdleConnections()
	address := fmt.Sprintf("127.0.0.1:%d", s.https)
	client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	resp, err := client.Get(fmt.Sprintf("https://thiefbox.internal:%d/x/.well-known/openid-configuration", s.https))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if !strings.Contains(string(body), fmt.Sprintf(`"issuer":"https://thiefbox.internal:%d/x"`, s.https)) {
		t.Errorf("expected an issuer of that name, got %s", body)
	}
}

// A page on the web that points its own name at this machine gets nothing (DNS rebinding).
func TestForeignHost(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	for _, host := range []string{"evil.example", "evil.example:" + fmt.Sprint(s.https), "localhost", "localhost:1", "127.0.0.1.evil.example"} {
		r := a.request(http.MethodGet, s.Origin()+"/x/jwks", nil)
		r.Host = host
		expect(t, a.do(r), http.StatusMisdirectedRequest, "expected the Host")
	}
}

func TestTLS(t *testing.T) {
	s := start(t, Config{})
	address := strings.TrimPrefix(s.Origin(), "https://")
	for name, c := range map[string]struct {
		config *tls.Config
		ok     bool
	}{
		"TLS 1.3":             {&tls.Config{RootCAs: s.ca.pool, MinVersion: tls.VersionTLS13}, true},
		"TLS 1.2":             {&tls.Config{RootCAs: s.ca.pool, MaxVersion: tls.VersionTLS12}, true},
		"TLS 1.1":             {&tls.Config{RootCAs: s.ca.pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		"a CBC suite":         {&tls.Config{RootCAs: s.ca.pool, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}, false},
		"another authority":   {&tls.Config{RootCAs: x509.NewCertPool()}, false},
		"another name":        {&tls.Config{RootCAs: s.ca.pool, ServerName: "example.org"}, false},
		"an address":          {&tls.Config{RootCAs: s.ca.pool, ServerName: "127.0.0.1"}, true},
		"an address of IPv6":  {&tls.Config{RootCAs: s.ca.pool, ServerName: "::1"}, true},
		"another of loopback": {&tls.Config{RootCAs: s.ca.pool, ServerName: "127.0.0.2"}, false},
	} {
		conn, err := tls.Dial("tcp", address, c.config)
		if (err == nil) != c.ok {
			t.Errorf("%s: expected success to be %v, got %v", name, c.ok, err)
		}
		if conn != nil {
			_ = conn.Close()
		}
	}
}

// The authority may vouch for this machine and no other: its key lies in a file.
func TestAuthorityIsConstrained(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	a, err := openAuthority(dir, Config{}.hostNames(), now)
	if err != nil {
		t.Fatal(err)
	}
	for _, names := range [][]string{{"bank.example"}, {"localhost", "bank.example"}, {"192.0.2.1"}} {
		if _, err := a.serverConfig(names, now); err == nil || !strings.Contains(err.Error(), "remove") {
			t.Errorf("%v: expected the certificate to be refused, got %v", names, err)
		}
	}
	if _, err := a.serverConfig([]string{"localhost", "::1"}, now); err != nil {
		t.Error(err)
	}
	old := a.certificate.SerialNumber
	if a, err = openAuthority(dir, Config{}.hostNames(), now.Add(authorityLifetime)); err != nil || a.certificate.SerialNumber.Cmp(old) == 0 {
		t.Errorf("expected one that is about to expire to be replaced, got %v", err)
	}
	for file, content := range map[string]string{authorityFile: "nothing", authorityKeyFile: "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openAuthority(dir, nil, now); err == nil || !strings.Contains(err.Error(), "certificate authority") {
			t.Errorf("%s: expected an error, got %v", file, err)
		}
		_, _ = os.Remove(filepath.Join(dir, authorityFile)), os.Remove(filepath.Join(dir, authorityKeyFile))
		if _, err := openAuthority(dir, Config{}.hostNames(), now); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLimits(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	long := a.request(http.MethodGet, a.issuer.URL+"/jwks", nil)
	long.Header.Set("X-Long", strings.Repeat("x", 2*maxHeader))
	if resp, err := a.http.Do(long); err == nil {
		if _ = resp.Body.Close(); resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("expected 431, got %d", resp.StatusCode)
		}
	}
	for _, path := range []string{"/token", "/fhir/Patient/_search", pathProof} {
		r := a.request(http.MethodPost, a.issuer.URL+path, nil)
		r.Body, r.ContentLength = io.NopCloser(io.LimitReader(zeros{}, 3<<20)), 3<<20
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if resp, err := a.http.Do(r); err == nil { // or the server has hung up on so much
			if _ = resp.Body.Close(); resp.StatusCode < 400 || resp.StatusCode >= 500 {
				t.Errorf("%s: expected a refusal, got %d", path, resp.StatusCode)
			}
		}
	}
	expect(t, a.ownToken(), 200, "access_token")
	for _, e := range a.issuer.tenant.journal.after(0) {
		if r, ok := e.Body.(event.Request); ok && len(r.Message.Body) > maxKept {
			t.Errorf("expected at most %d bytes to be kept, got %d", maxKept, len(r.Message.Body))
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// A sender who stops in the middle of its header loses the connection, and nobody else notices.
func TestSlowSender(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a timeout")
	}
	t.Parallel()
	s := start(t, Config{})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.PlainOrigin(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET /x/jwks HTTP/1.1\r\nHost: "); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(3 * headerTimeout))
	if line, err := bufio.NewReader(conn).ReadString('\n'); err == nil && !strings.Contains(line, "408") && !strings.Contains(line, "400") {
		t.Errorf("expected the connection to end, got %q", line)
	} else if e, ok := err.(net.Error); ok && e.Timeout() {
		t.Error("expected the server to hang up")
	}
}
