package network

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/event"
)

func clientPair(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: clock.Epoch.Add(-time.Hour), NotAfter: clock.Epoch}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// onBothWires runs a test on a fresh network in memory, and on one with sockets.
func onBothWires(t *testing.T, test func(t *testing.T, n *Network, log *event.Log)) {
	for _, wire := range []string{"memory", "tcp"} {
		t.Run(wire, func(t *testing.T) {
			c := clock.Virtual(clock.Epoch)
			log := event.NewLog(c.Now)
			n := New(Config{Log: log, Clock: c})
			if wire == "tcp" {
				if err := n.UseTCP(); err != nil {
					t.Fatal(err)
				}
			}
			defer func() {
				if err := n.Close(); err != nil {
					t.Error(err)
				}
			}()
			test(t, n, log)
		})
	}
}

// who answers with the names in the client certificate.
var who = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	names := "nobody"
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		names = r.TLS.PeerCertificates[0].Subject.CommonName
	}
	w.Header().Set("Who", names)
})

func ask(t *testing.T, rt http.RoundTripper, url string) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := rt.RoundTrip(r)
	if err != nil {
		return "", err
	}
	return resp.Header.Get("Who"), resp.Body.Close()
}

// A certificate is shown to hosts that ask, by whoever has one: never on another's connection, and never
// to a host that does not ask. The certificate may be anybody's and long expired: that is for the server.
func TestClientCertificates(t *testing.T) {
	onBothWires(t, func(t *testing.T, n *Network, log *event.Log) {
		n.ServeMutual("asks.test", "as", who)
		n.Serve("plain.test", "as", who)
		n.ServeMutual("http://clear.test", "as", who)
		if err := n.Certify("ehr", clientPair(t, "ehr")); err != nil {
			t.Fatal(err)
		}
		own := clientPair(t, "mallory")
		for range 2 { // the second time over connections that are open
			for _, test := range []struct {
				rt        http.RoundTripper
				url, want string
			}{
				{n.Transport("ehr"), "https://asks.test/", "ehr"}, {n.Transport("kari"), "https://asks.test/", "nobody"},
				{n.TransportWith("mallory", own), "https://asks.test/", "mallory"}, {n.Transport("mallory"), "https://asks.test/", "nobody"},
				{n.TransportWith("ehr", own), "https://asks.test/", "mallory"}, {n.Transport("ehr"), "https://asks.test/", "ehr"},
				{n.Transport("ehr"), "https://plain.test/", "nobody"}, {n.Transport("ehr"), "http://clear.test/", "nobody"},
			} {
				if got, err := ask(t, test.rt, test.url); err != nil || got != test.want {
					t.Errorf("%s: expected %s, got %q, %v", test.url, test.want, got, err)
				}
			}
		}
		told := map[string]bool{}
		for _, e := range log.Events() {
			if r, ok := e.Body.(event.Request); ok {
				told[r.Message.URL+" "+r.From+" "+r.Certificate.Subject] = true
			}
		}
		for _, want := range []string{"https://asks.test/ ehr CN=ehr", "https://asks.test/ kari ", "https://asks.test/ ehr CN=mallory", "https://plain.test/ ehr "} {
			if !told[want] {
				t.Errorf("expected the log to tell %q, got %v", want, told)
			}
		}
	})
}

// Nobody shows a certificate that he has no key of.
func TestCertificateWithoutItsKey(t *testing.T) {
	onBothWires(t, func(t *testing.T, n *Network, log *event.Log) {
		n.ServeMutual("asks.test", "as", who)
		stolen, own := clientPair(t, "ehr"), clientPair(t, "mallory")
		for name, pair := range map[string]tls.Certificate{
			"another's key": {Certificate: stolen.Certificate, PrivateKey: own.PrivateKey}, "no key": {Certificate: stolen.Certificate},
			"no certificate": {}, "no certificate at all": {Certificate: [][]byte{[]byte("x")}, PrivateKey: own.PrivateKey},
		} {
			if got, err := ask(t, n.TransportWith("mallory", pair), "https://asks.test/"); err == nil {
				t.Errorf("%s: expected an error, got %q", name, got)
			}
			if err := n.Certify("mallory", pair); err == nil {
				t.Errorf("%s: expected an error", name)
			}
		}
		if got := len(log.Events()); got != 0 {
			t.Errorf("expected nothing on the wire, got %d events", got)
		}
	})
}
