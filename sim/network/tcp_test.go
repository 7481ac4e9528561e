package network

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/event"
)

func (w *world) listener(t *testing.T, address string) string {
	t.Helper()
	w.wire.mu.Lock()
	defer w.wire.mu.Unlock()
	l := w.wire.listeners[address]
	if !strings.HasPrefix(l, "127.0.0.1:") {
		t.Fatalf("expected %s to listen on loopback, got %q", address, l)
	}
	return l
}

func TestHandshake(t *testing.T) {
	w := newWorld(t, true)
	w.site("as.thiefbox.test", "as", write("hello"))
	w.site("127.0.0.1:8443", "local", write("hello"))
	as := w.listener(t, "as.thiefbox.test:443")
	good := func() *tls.Config {
		c := w.wire.ca.clientConfig(w.clock.Now)
		c.ServerName = "as.thiefbox.test"
		return c
	}
	cases := []struct {
		name  string
		spoil func(*tls.Config)
		want  string // part of the error; empty: it works
	}{
		{"as it is", func(*tls.Config) {}, ""},
		{"TLS 1.2", func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, ""},
		{"AES-256", func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384}
		}, ""},
		{"TLS 1.1", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS11, tls.VersionTLS11 }, "protocol version"},
		{"CBC, which RFC 9325 does not recommend", func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
		}, "handshake failure"},
		{"another name", func(c *tls.Config) { c.ServerName = "mallory.test" }, "not mallory.test"},
		{"another authority", func(c *tls.Config) { c.RootCAs = x509.NewCertPool() }, "unknown authority"},
		{"before its time", func(c *tls.Config) { c.Time = func() time.Time { return notBefore.Add(-time.Hour) } }, "not yet valid"},
		{"after its time", func(c *tls.Config) { c.Time = func() time.Time { return notAfter.Add(time.Hour) } }, "expired"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			config := good()
			c.spoil(config)
			conn, err := tls.Dial("tcp", as, config)
			if err == nil {
				defer func() { _ = conn.Close() }()
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("expected the error %q, got %v", c.want, err)
			}
		})
	}
	if resp, _ := w.get("x", "https://127.0.0.1:8443/"); resp.TLS.PeerCertificates[0].IPAddresses[0].String() != "127.0.0.1" {
		t.Error("expected a certificate for the address")
	}
	resp, _ := w.get("x", "https://as.thiefbox.test/")
	if resp.TLS.Version != tls.VersionTLS13 || resp.TLS.PeerCertificates[0].PublicKeyAlgorithm != x509.ECDSA {
		t.Errorf("expected TLS 1.3 with an EC certificate, got %x", resp.TLS.Version)
	}
}

// TestStrangersAtTheSocket: only exchanges of the network are served, once, and at their own host.
func TestStrangersAtTheSocket(t *testing.T) {
	w := newWorld(t, true)
	w.site("as.thiefbox.test", "as", func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get(exchangeHeader) != "" {
			t.Error("expected the private header to be taken off")
		}
	})
	config := w.wire.ca.clientConfig(w.clock.Now)
	config.ServerName = "as.thiefbox.test"
	stranger := &http.Transport{TLSClientConfig: config}
	defer stranger.CloseIdleConnections()
	for _, number := range []string{"", "x", "1", "-1", "99"} {
		req := w.request("GET", "https://"+w.listener(t, "as.thiefbox.test:443")+"/", "")
		req.Header.Set(exchangeHeader, number)
		resp, err := stranger.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if _ = resp.Body.Close(); resp.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%q: expected 421, got %s", number, resp.Status)
		}
	}
	if len(w.log.Events()) != 0 {
		t.Error("expected nothing in the log")
	}
	// A sender inside cannot set it either.
	req := w.request("GET", "https://as.thiefbox.test/", "")
	req.Header.Set(exchangeHeader, "7")
	w.do("mallory", req)
	if r := told[event.Request](w); len(r[0].Message.Header) != 0 {
		t.Errorf("expected no trace of the private header, got %v", r[0].Message.Header)
	}
}

func TestUseTCPTwiceAndSitesLater(t *testing.T) {
	c := clock.Virtual(clock.Epoch)
	n := New(Config{Log: event.NewLog(c.Now), Clock: c})
	n.Serve("a.test", "a", write("a"))
	for range 2 {
		if err := n.UseTCP(); err != nil {
			t.Fatal(err)
		}
	}
	n.Serve("b.test", "b", write("b"))
	n.Serve("a.test", "a2", write("a, replaced"))
	for address, want := range map[string]string{"https://a.test/": "a, replaced", "https://b.test/": "b"} {
		resp, err := n.Client("x").Get(address)
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := io.ReadAll(resp.Body); string(body) != want {
			t.Errorf("expected %q, got %q", want, body)
		}
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}

// TestNothingIsLeftRunning counts goroutines around whole lives of networks.
func TestNothingIsLeftRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 3 {
		c := clock.Virtual(clock.Epoch)
		n := New(Config{Log: event.NewLog(c.Now), Clock: c})
		if err := n.UseTCP(); err != nil {
			t.Fatal(err)
		}
		n.Serve("a.test", "a", write("hello"))
		n.Serve("http://b.test", "b", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh no") }))
		for range 4 {
			if _, err := n.Client("x").Get("https://a.test/"); err != nil {
				t.Fatal(err)
			}
			if _, err := n.Client("x").Get("http://b.test/"); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatal(err)
			}
		}
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// The last goroutines of net/http have nothing left to do but to return.
	for range 1_000_000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("expected %d goroutines, got %d:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
}
