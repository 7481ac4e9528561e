package network

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"

	"thiefbox/sim/event"
)

// Client certificates. A host that wants them asks in the handshake and requires none; a sender that has
// one shows it to every host that asks, as TLS clients do. Nobody can show a certificate without its key:
// over sockets the handshake would fail, in memory the request fails.

// credential is a client certificate as a sender holds it.
type credential struct {
	pair  tls.Certificate
	chain []*x509.Certificate
	told  event.Certificate // for the log
}

// newCredential refuses a certificate whose key is another's.
func newCredential(pair tls.Certificate) (*credential, error) {
	if len(pair.Certificate) == 0 {
		return nil, errors.New("expected a client certificate, got none")
	}
	c := &credential{pair: pair}
	for _, der := range pair.Certificate {
		one, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("client certificate: %w", err)
		}
		c.chain = append(c.chain, one)
	}
	leaf := c.chain[0]
	signer, ok := pair.PrivateKey.(crypto.Signer)
	public, comparable := leaf.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !comparable || !public.Equal(signer.Public()) {
		return nil, fmt.Errorf("expected the private key of the client certificate of %s, got another or none", leaf.Subject)
	}
	c.told = event.NewCertificate(leaf)
	return c, nil
}

// ServeMutual is Serve for a host that asks senders for a certificate.
func (n *Network) ServeMutual(host, actor string, h http.Handler) { n.serveAt(host, actor, h, true) }

// Certify gives an actor a client certificate, which it shows from its next request on.
func (n *Network) Certify(actor string, pair tls.Certificate) error {
	c, err := newCredential(pair)
	if err != nil {
		return err
	}
	n.endpoint(actor).credential.Store(c)
	return nil
}

// TransportWith sends as the given actor, on connections of its own with this certificate.
func (n *Network) TransportWith(actor string, pair tls.Certificate) http.RoundTripper {
	c, err := newCredential(pair)
	if err != nil {
		return unusable{err}
	}
	from := n.endpoint(actor)
	own := &endpoint{actor: from.actor, addr: from.addr, lent: from.lent}
	own.credential.Store(c)
	return transport{n, own}
}

// unusable is a transport that cannot be used.
type unusable struct{ err error }

func (b unusable) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	return nil, b.err
}

// shown is the certificate that the host of an exchange gets to see; nil if it does not ask, or there is none.
func (x *exchange) shown() *credential {
	if !x.to.asks {
		return nil
	}
	return x.from.credential.Load()
}

// state is, in memory, what the server's side of the connection knows.
func (x *exchange) state() *tls.ConnectionState {
	c := x.shown()
	if c == nil {
		return x.to.tls
	}
	state := *x.to.tls
	state.PeerCertificates = c.chain
	return &state
}

// transportOf is the transport of a sender: senders with a certificate share no connection with others.
func (w *tcpWire) transportOf(c *credential) *http.Transport {
	if c == nil {
		return w.http
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if t := w.certified[c.told.Thumbprint]; t != nil {
		return t
	}
	t := w.http.Clone()
	// Whatever authorities the server names, the one certificate there is goes out.
	t.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &c.pair, nil }
	w.certified[c.told.Thumbprint] = t
	return t
}
