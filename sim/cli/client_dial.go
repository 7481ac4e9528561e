package cli

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"thiefbox/sim/fapi"
)

// errBeyond is the answer to a connection that would leave this machine. It is asked where the address
// is known, after names are looked up: metadata names endpoints anywhere, and so does a redirect.
var errBeyond = errors.New("expected a server on this machine")

// dialer is an HTTP client that follows no redirect and, unless it may go beyond, connects to this
// machine only.
func (a *app) dialer(cas []string, beyond bool) (*http.Client, error) {
	pool, err := a.trusted(cas)
	if err != nil {
		return nil, err
	}
	d := &net.Dialer{Timeout: 10 * time.Second}
	if !beyond {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().Unmap().IsLoopback() {
				return fmt.Errorf("%w, got %s", errBeyond, address)
			}
			return nil
		}
	}
	return &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{DialContext: d.DialContext, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// trusted are the certificates of the machine, of thiefbox serve, and those named.
func (a *app) trusted(files []string) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if dir, err := dataDir(a.data, runtime.GOOS, a.env.Getenv); err == nil {
		if own, err := os.ReadFile(filepath.Join(dir, "serve", "ca.pem")); err == nil {
			pool.AppendCertsFromPEM(own)
		}
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, environment("--ca: %w", err)
		}
		if !pool.AppendCertsFromPEM(content) {
			return nil, environment("--ca: expected %s to hold a certificate in PEM", name)
		}
	}
	return pool, nil
}

// showCertificate has the client show its certificate to servers that ask for one.
func (f clientFlags) showCertificate(h *http.Client, key *fapi.Key) error {
	if f.cert == "" {
		return nil
	}
	certificate, err := os.ReadFile(f.cert)
	if err != nil {
		return environment("--cert: %w", err)
	}
	private := key.PrivatePEM()
	if f.certKey != "" {
		if private, err = os.ReadFile(f.certKey); err != nil {
			return environment("--cert-key: %w", err)
		}
	}
	pair, err := tls.X509KeyPair(certificate, private)
	if err != nil {
		return environment("--cert: %s: %w", f.cert, err)
	}
	transport := h.Transport
	if w, ok := transport.(*witnessed); ok {
		transport = w.next
	}
	transport.(*http.Transport).TLSClientConfig.Certificates = []tls.Certificate{pair}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
