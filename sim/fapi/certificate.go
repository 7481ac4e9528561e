package fapi

import (
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"time"
)

// Client certificates (RFC 8705). Making is permissive: any name, any dates, any issuer whose key one
// has. Checking is in mtls.go.

// KeyPair is a certificate with its private key: what somebody needs to show it in a TLS handshake.
type KeyPair struct {
	Certificate *x509.Certificate
	Key         *Key
}

// CertificateTemplate is what a certificate is to say. Fields left empty are left out.
type CertificateTemplate struct {
	Serial                    int64
	CommonName, Organization  string
	DNSNames, URIs            []string
	NotBefore, NotAfter       time.Time
	Authority, ClientAuthOnly bool // Authority: may issue others
}

// SelfSigned makes a certificate that vouches for itself. The same template and key give the same bytes.
func (t CertificateTemplate) SelfSigned(key *Key) (*KeyPair, error) {
	template, err := t.certificate()
	if err != nil {
		return nil, err
	}
	return certify(template, template, key, key)
}

// Issue makes a certificate that authority vouches for.
func (t CertificateTemplate) Issue(authority *KeyPair, key *Key) (*KeyPair, error) {
	template, err := t.certificate()
	if err != nil {
		return nil, err
	}
	return certify(template, authority.Certificate, key, authority.Key)
}

func (t CertificateTemplate) certificate() (*x509.Certificate, error) {
	c := &x509.Certificate{
		SerialNumber: big.NewInt(max(t.Serial, 1)), Subject: pkix.Name{CommonName: t.CommonName},
		DNSNames: t.DNSNames, NotBefore: t.NotBefore, NotAfter: t.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if t.Organization != "" {
		c.Subject.Organization = []string{t.Organization}
	}
	if t.Authority {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	}
	if t.ClientAuthOnly {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	for _, raw := range t.URIs {
		u, err := url.Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("a URI of the certificate: %w", err)
		}
		c.URIs = append(c.URIs, u)
	}
	return c, nil
}

// certify signs without randomness, as RFC 6979 has it, so that a run repeats to the byte.
func certify(template, parent *x509.Certificate, key, signer *Key) (*KeyPair, error) {
	der, err := x509.CreateCertificate(nil, template, parent, key.private.Public(), signer.private)
	if err != nil {
		return nil, fmt.Errorf("making a certificate for %s: %w", template.Subject, err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &KeyPair{Certificate: c, Key: key}, nil
}

// TLS is the pair as package tls takes it. A certificate without its key makes one that no server accepts.
func (p *KeyPair) TLS() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{p.Certificate.Raw}, PrivateKey: p.Key.private, Leaf: p.Certificate}
}

// PEM writes the certificate, without the key.
func (p *KeyPair) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate.Raw})
}

// Thumbprint is the certificate's x5t#S256.
func (p *KeyPair) Thumbprint() string { return CertificateThumbprint(p.Certificate.Raw) }

// ParseKeyPair reads a PEM certificate and the private JWK that belongs to it.
func ParseKeyPair(certificate []byte, jwk json.RawMessage) (*KeyPair, error) {
	block, _ := pem.Decode(certificate)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("expected a PEM block CERTIFICATE, got none")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, err := ParseKey(jwk)
	if err != nil {
		return nil, err
	}
	if same, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !same.Equal(key.public.Key) {
		return nil, fmt.Errorf("expected the key of the certificate of %s, got another", c.Subject)
	}
	return &KeyPair{c, key}, nil
}

// CertificateThumbprint is the x5t#S256 of a certificate in DER (RFC 8705 s3.1).
func CertificateThumbprint(der []byte) string {
	sum := sha256.Sum256(der)
	return b64(sum[:])
}

// CertificateJWK is the public key of a certificate as a JWK with x5c, as a client registers it for
// self_signed_tls_client_auth (RFC 8705 s2.2.2).
func CertificateJWK(certificate *x509.Certificate) (json.RawMessage, error) {
	bare, err := bareJWK(certificate.PublicKey)
	if err != nil {
		return nil, err
	}
	x5c, err := json.Marshal([][]byte{certificate.Raw}) // padded base64, not base64url (RFC 7517 s4.7)
	if err != nil {
		return nil, err
	}
	var c composer
	c.text("use", "sig")
	c.name("x5c")
	return append(append(append(c.b, x5c...), ','), bare[1:]...), nil
}

// CertificatesInJWKS reads the first certificate of each x5c in a JWK Set. Keys without one are passed
// over; one that cannot be read is an error, since whoever registered it relies on it.
func CertificatesInJWKS(jwks []byte) ([]*x509.Certificate, error) {
	var set struct {
		Keys []struct {
			X5C [][]byte `json:"x5c"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(jwks, &set); err != nil {
		return nil, fmt.Errorf("not a JWK Set with certificates: %w", err)
	}
	var out []*x509.Certificate
	for _, k := range set.Keys {
		if len(k.X5C) == 0 {
			continue
		}
		c, err := x509.ParseCertificate(k.X5C[0])
		if err != nil {
			return nil, fmt.Errorf("x5c: %w", err)
		}
		out = append(out, c)
	}
	return out, nil
}
