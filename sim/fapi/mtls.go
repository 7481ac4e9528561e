package fapi

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// CheckChain refuses a certificate that no trusted authority vouches for, as a client's (RFC 8705 s2.1;
// RFC 5280 s6). Whether the certificate itself is in date is CheckValidity's affair: it is judged as of
// the moment of its own validity that is nearest to now.
func CheckChain(leaf *x509.Certificate, intermediates []*x509.Certificate, trusted []*x509.Certificate, now time.Time) error {
	if now.Before(leaf.NotBefore) {
		now = leaf.NotBefore
	} else if now.After(leaf.NotAfter) {
		now = leaf.NotAfter
	}
	o := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	for _, c := range trusted {
		o.Roots.AddCert(c)
	}
	for _, c := range intermediates {
		o.Intermediates.AddCert(c)
	}
	_, err := leaf.Verify(o)
	return err
}

// CheckValidity refuses a certificate that is not valid yet, or no longer (RFC 5280 s4.1.2.5).
func CheckValidity(leaf *x509.Certificate, now time.Time) error {
	switch {
	case now.Before(leaf.NotBefore):
		return fmt.Errorf("expected a certificate that is valid already, got one from %s on", leaf.NotBefore.UTC().Format(time.DateTime))
	case now.After(leaf.NotAfter):
		return fmt.Errorf("expected a certificate that is still valid, got one until %s", leaf.NotAfter.UTC().Format(time.DateTime))
	}
	return nil
}

// CertificateSubject is the name a client registers for tls_client_auth: exactly one of these (RFC 8705
// s2.1.2). The JSON names are those of the registration.
type CertificateSubject struct {
	DN    string `json:"tls_client_auth_subject_dn,omitempty"` // RFC 4514
	DNS   string `json:"tls_client_auth_san_dns,omitempty"`
	URI   string `json:"tls_client_auth_san_uri,omitempty"`
	IP    string `json:"tls_client_auth_san_ip,omitempty"`
	Email string `json:"tls_client_auth_san_email,omitempty"`
}

// Validate refuses none, several, and a name that cannot be read.
func (s CertificateSubject) Validate() error {
	n := 0
	for _, name := range []string{s.DN, s.DNS, s.URI, s.IP, s.Email} {
		if name != "" {
			n++
		}
	}
	if n != 1 {
		return fmt.Errorf("expected exactly one registered subject (tls_client_auth_subject_dn or one of tls_client_auth_san_…), got %d", n)
	}
	if s.IP != "" && net.ParseIP(s.IP) == nil {
		return fmt.Errorf("tls_client_auth_san_ip: expected an IP address, got %q", s.IP)
	}
	if s.DN != "" {
		_, err := parseDN(s.DN)
		return err
	}
	return nil
}

// String is the name, for a reader.
func (s CertificateSubject) String() string {
	for _, name := range []string{s.DN, s.DNS, s.URI, s.IP, s.Email} {
		if name != "" {
			return name
		}
	}
	return ""
}

// Canonical writes the name so that names that match the same certificates are written alike.
func (s CertificateSubject) Canonical() string {
	switch {
	case s.DN != "":
		if dn, err := parseDN(s.DN); err == nil {
			return "dn " + dn.canonical()
		}
	case s.DNS != "":
		return "dns " + strings.ToLower(s.DNS)
	case s.URI != "":
		return "uri " + s.URI
	case s.IP != "":
		return "ip " + net.ParseIP(s.IP).String()
	case s.Email != "":
		return "email " + s.Email
	}
	return ""
}

// Matches tells whether a certificate bears the name. DNs are compared attribute by attribute, never as
// text: an attribute that contains a comma would else pass for two (RFC 8705 s7.4).
func (s CertificateSubject) Matches(c *x509.Certificate) bool {
	switch {
	case s.DN != "":
		dn, err := parseDN(s.DN)
		return err == nil && dn.equal(c.RawSubject)
	case s.DNS != "":
		return slices.ContainsFunc(c.DNSNames, func(n string) bool { return strings.EqualFold(n, s.DNS) })
	case s.URI != "":
		for _, u := range c.URIs {
			if u.String() == s.URI {
				return true
			}
		}
	case s.IP != "":
		ip := net.ParseIP(s.IP)
		return slices.ContainsFunc(c.IPAddresses, func(other net.IP) bool { return other.Equal(ip) })
	case s.Email != "":
		return slices.Contains(c.EmailAddresses, s.Email)
	}
	return false
}

// ClientCertHeader is where a TLS-terminating proxy tells the server behind it which certificate the
// client showed (RFC 9440 s2.2).
const ClientCertHeader = "Client-Cert"

// FormatClientCert writes a certificate as the value of that header.
func FormatClientCert(der []byte) string {
	return ":" + base64.StdEncoding.EncodeToString(der) + ":"
}

// ParseClientCert reads the value of that header.
func ParseClientCert(value string) (*x509.Certificate, error) {
	inner, begins := strings.CutPrefix(strings.TrimSpace(value), ":")
	inner, ends := strings.CutSuffix(inner, ":")
	if !begins || !ends {
		return nil, errors.New("expected base64 between two colons (RFC 9440 s2.1)")
	}
	der, err := base64.StdEncoding.DecodeString(inner)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
