package fhirmock

import (
	"crypto/x509"
	"net/http"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// Certificate-bound access tokens (RFC 8705 s3). Whoever issued the certificate is of no interest here
// (s6.2): the token says which one it has to be.

// certificate is the client certificate of a request.
type certificate struct {
	leaf       *x509.Certificate
	thumbprint string
	header     bool // it was written in a header, not shown in the handshake
}

// readCertificate takes the certificate from the TLS connection. A header counts for more, as it does at
// an API that was made to stand behind a TLS-terminating proxy (RFC 9440): whether it may is for
// checkCertificateSource to say.
func (v *visit) readCertificate() *problem {
	if value := v.http.Header.Get(fapi.ClientCertHeader); value != "" {
		leaf, err := fapi.ParseClientCert(value)
		if err != nil {
			return &problem{status: http.StatusBadRequest, code: "invalid_request", safe: "the client certificate cannot be read",
				detail: "header " + fapi.ClientCertHeader + ": " + err.Error()}
		}
		v.certificate = &certificate{leaf: leaf, header: true}
	} else if t := v.http.TLS; t != nil && len(t.PeerCertificates) > 0 {
		v.certificate = &certificate{leaf: t.PeerCertificates[0]}
	} else {
		return nil
	}
	v.certificate.thumbprint = fapi.CertificateThumbprint(v.certificate.leaf.Raw)
	return nil
}

// checkCertificateSource: RFC 8705 s3 (the certificate is obtained from the TLS layer), s6.5, RFC 9440 s4.
func checkCertificateSource(v *visit) (string, error) {
	if v.certificate != nil && v.certificate.header {
		return v.certificate.thumbprint, control.ExpectedFix("source of the client certificate", "the TLS handshake", "the header "+fapi.ClientCertHeader,
			"a header proves nothing: show the certificate in the handshake, and have the proxy in front drop the header")
	}
	return "the handshake", nil
}

// checkCertificateThere: RFC 8705 s3.
func checkCertificateThere(v *visit) (string, error) {
	if v.certificate == nil {
		return "", control.ExpectedFix("client certificate", "one with the thumbprint "+v.claims.X5T(), "", "connect with the certificate the token was fetched with")
	}
	return v.certificate.thumbprint, nil
}

// checkCertificateBinding: RFC 8705 s3, s3.1. Without a certificate there is nothing to compare; that
// there is one is checkCertificateThere's business.
func checkCertificateBinding(v *visit) (string, error) {
	if v.certificate == nil {
		return "no certificate", nil
	}
	if x5t := v.claims.X5T(); v.certificate.thumbprint != x5t {
		return v.certificate.thumbprint, control.ExpectedFix("thumbprint of the client certificate", "the token's, "+x5t, v.certificate.thumbprint,
			"connect with the certificate the token was fetched with; a renewed certificate needs a new token")
	}
	return v.certificate.thumbprint, nil
}
