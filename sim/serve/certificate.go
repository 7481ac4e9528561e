package serve

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// Client certificates (RFC 8705). They are asked for on a port of their own, so that a browser on the
// sign-in pages is never asked to pick one: the metadata names it in mtls_endpoint_aliases, and the FHIR
// API is there too. The certificate authority that signed the server's certificate issues those of the
// clients, a name for each issuer; one client has made its own.

const certificateLifetime = 90 * 24 * time.Hour

// certify gives a client a certificate, or finds that of an earlier start. One that is about to expire,
// or that another authority issued, is made anew.
func (t *tenant) certify(c *Client) error {
	name := t.file(c.ID + "-tls")
	key, err := keyFile(name+".jwk", func() (*fapi.Key, error) {
		return fapi.NewES256Key(c.ID+"-tls", t.dice.Fork("TLS key of "+c.ID))
	})
	if err != nil {
		return err
	}
	c.TLSKeyFile, c.CertificateFile = name+".pem", name+".crt"
	if c.Certificate, err = t.readCertificate(c, key); err == nil || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	now := t.server.config.Now()
	template := fapi.CertificateTemplate{
		Serial: now.UnixNano(), CommonName: c.ID, Organization: t.certificateOwner(), ClientAuthOnly: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLifetime),
	}
	if c.selfSigned() {
		c.Certificate, err = template.SelfSigned(key)
	} else {
		c.Certificate, err = t.server.ca.issueClient(template, key)
	}
	if err != nil {
		return err
	}
	err = claimFile(c.CertificateFile, c.Certificate.PEM(), 0o644)
	if !errors.Is(err, os.ErrExist) {
		return err
	}
	// A second process has just made one, or there is one that is no good any more.
	if there, err := t.readCertificate(c, key); err == nil || !errors.Is(err, os.ErrNotExist) {
		c.Certificate = there
		return err
	}
	return writeFile(c.CertificateFile, c.Certificate.PEM(), 0o644)
}

func (c *Client) selfSigned() bool { return c.AuthMethod == string(control.SelfSignedTLSClientAuth) }

// readCertificate returns an error that is os.ErrNotExist if there is none that is any good.
func (t *tenant) readCertificate(c *Client, key *fapi.Key) (*fapi.KeyPair, error) {
	content, err := os.ReadFile(c.CertificateFile)
	if err != nil {
		return nil, err
	}
	pair, err := fapi.ParseKeyPair(content, key.PrivateJWK())
	if err != nil {
		return nil, fmt.Errorf("%s: %w; remove it to have a new one made", c.CertificateFile, err)
	}
	now := t.server.config.Now()
	expires := now.Add(certificateLifetime / 3).After(pair.Certificate.NotAfter)
	if expires || !c.selfSigned() && pair.Certificate.CheckSignatureFrom(t.server.ca.certificate) != nil {
		return nil, os.ErrNotExist
	}
	return pair, nil
}

// certificateOwner is the organization in the certificates of an issuer's clients: a client of one issuer
// is nobody at another.
func (t *tenant) certificateOwner() string { return "thiefbox " + t.name }

// subject is what a client of tls_client_auth has registered.
func (t *tenant) subject(c *Client) fapi.CertificateSubject {
	return fapi.CertificateSubject{DN: "CN=" + c.ID + ",O=" + t.certificateOwner()}
}

// issueClient makes a certificate for a client.
func (a *authority) issueClient(template fapi.CertificateTemplate, key *fapi.Key) (*fapi.KeyPair, error) {
	signer, err := fapi.NameKey("", "ES256", a.key)
	if err != nil {
		return nil, err
	}
	return template.Issue(&fapi.KeyPair{Certificate: a.certificate, Key: signer}, key)
}

// asking is the TLS configuration of the port that asks for certificates. It requires none, and judges
// none: that is for the authorization server and the API, which explain.
func asking(config *tls.Config) *tls.Config {
	config = config.Clone()
	config.ClientAuth = tls.RequestClientCert
	return config
}

// alias is the origin where the clients of an origin are asked for certificates; empty if nowhere.
func (s *Server) alias(origin string) string { return s.aliases[origin] }

// writtenOrigin is the origin of a request as the sender wrote it.
func (i *Issuer) writtenOrigin(r *http.Request) string {
	if alias := i.tenant.server.alias(i.origin); alias != "" && r.TLS != nil && "https://"+strings.ToLower(r.Host) == alias {
		return alias
	}
	return i.origin
}

// shownCertificate is the certificate of a request, for the log.
func shownCertificate(r *http.Request) event.Certificate {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return event.Certificate{}
	}
	return event.NewCertificate(r.TLS.PeerCertificates[0])
}
