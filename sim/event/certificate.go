package event

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"time"
)

// Certificate is a client certificate that a sender showed in the TLS handshake. The zero value is none.
type Certificate struct {
	Thumbprint string `json:"x5t#S256"` // RFC 8705 s3.1
	Subject    string `json:"subject"`
	Issuer     string `json:"issuer"`
	NotBefore  string `json:"not_before"` // RFC 3339
	NotAfter   string `json:"not_after"`
}

// NewCertificate describes a certificate.
func NewCertificate(c *x509.Certificate) Certificate {
	sum := sha256.Sum256(c.Raw)
	return Certificate{
		Thumbprint: base64.RawURLEncoding.EncodeToString(sum[:]), Subject: c.Subject.String(), Issuer: c.Issuer.String(),
		NotBefore: c.NotBefore.UTC().Format(time.RFC3339), NotAfter: c.NotAfter.UTC().Format(time.RFC3339),
	}
}
