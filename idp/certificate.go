package idp

import (
	"context"
	"crypto/x509"
	"net/http"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Client certificates: tls_client_auth and self_signed_tls_client_auth (RFC 8705 s2), and what access
// tokens are bound to (s3).

// sourceGuards ask where the certificate comes from, before anybody looks at it. pkiGuards and
// selfSignedGuards judge one that somebody authenticates with, each by its method. To bind a token, any
// certificate will do (RFC 8705 s3): its owner is known by other means.
var (
	sourceGuards = []control.Guard[presented]{
		{Control: control.ASMTLSHeader, Check: (*presented).checkSource, Answer: answerClient},
	}
	pkiGuards = []control.Guard[presented]{
		{Control: control.ASMTLSChain, Check: (*presented).checkChain, Answer: answerClient},
		{Control: control.ASMTLSValidity, Check: (*presented).checkValidity, Answer: answerClient},
		{Control: control.ASMTLSSubject, Check: (*presented).checkSubject, Answer: answerClient},
	}
	selfSignedGuards = []control.Guard[presented]{
		{Control: control.ASMTLSSelfSigned, Check: (*presented).checkRegistered, Answer: answerClient},
	}
)

// TLSIdentity is how somebody is known by a client certificate.
type TLSIdentity struct {
	// Subject is the name in a certificate that one of Config.Authorities issued: tls_client_auth.
	Subject fapi.CertificateSubject
	// Certificates are self-signed ones, as from x5c of its jwks: self_signed_tls_client_auth.
	Certificates []*x509.Certificate
}

// presented is the client certificate of a request.
type presented struct {
	leaf       *x509.Certificate
	others     []*x509.Certificate // intermediates that came along
	thumbprint string
	header     bool // it was written in a header, not shown in the handshake

	trusted []*x509.Certificate
	memo    *fapi.Memo
	now     time.Time
	who     string // whom it is to prove
	as      TLSIdentity
}

// readCertificate takes the certificate from the TLS connection. A header counts for more, as it does
// at a server that was made to stand behind a TLS-terminating proxy (RFC 9440): whether it may is a
// matter for sourceGuards. It returns nil if there is none.
func (s *Server) readCertificate(r *http.Request, now time.Time) (*presented, error) {
	c := &presented{trusted: s.authorities, memo: s.memo, now: now}
	if value := r.Header.Get(fapi.ClientCertHeader); value != "" {
		leaf, err := fapi.ParseClientCert(value)
		if err != nil {
			return nil, malformed("header %s: %v", fapi.ClientCertHeader, err)
		}
		c.leaf, c.header = leaf, true
	} else if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		c.leaf, c.others = r.TLS.PeerCertificates[0], r.TLS.PeerCertificates[1:]
	} else {
		return nil, nil
	}
	c.thumbprint = fapi.CertificateThumbprint(c.leaf.Raw)
	return c, nil
}

// checkSource (RFC 8705 s6.5; RFC 9440 s4).
func (c *presented) checkSource() (string, error) {
	if c.header {
		return c.thumbprint, control.ExpectedFix("source of the client certificate", "the TLS handshake", "the header "+fapi.ClientCertHeader,
			"a header proves nothing: show the certificate in the handshake, and have the proxy in front drop the header")
	}
	return c.thumbprint, nil
}

// checkChain (RFC 8705 s2.1).
func (c *presented) checkChain() (string, error) {
	if err := c.memo.CheckChain(c.leaf, c.others, c.trusted, c.now); err != nil {
		return c.leaf.Issuer.String(), control.ExpectedFix("issuer of the client certificate", "one of "+c.authorities(),
			c.leaf.Issuer.String()+" ("+err.Error()+")", "use a certificate of an authority the server trusts, and send the intermediates along")
	}
	return c.leaf.Issuer.String(), nil
}

// authorities names those that are trusted, for a reader.
func (c *presented) authorities() string {
	if len(c.trusted) == 0 {
		return "no authority"
	}
	names := make([]string, len(c.trusted))
	for i, a := range c.trusted {
		names[i] = a.Subject.String()
	}
	return strings.Join(names, ", ")
}

// checkValidity (RFC 8705 s2.1). A self-signed certificate is registered as it is, dates and all.
func (c *presented) checkValidity() (string, error) {
	dates := c.leaf.NotBefore.UTC().Format(time.DateOnly) + " to " + c.leaf.NotAfter.UTC().Format(time.DateOnly)
	if fapi.CheckValidity(c.leaf, c.now) != nil {
		return dates, control.ExpectedFix("validity of the client certificate", "one that includes "+c.now.UTC().Format(time.DateOnly), dates,
			"renew the certificate; tokens bound to the old one end with it")
	}
	return dates, nil
}

// checkSubject (RFC 8705 s2.1.2).
func (c *presented) checkSubject() (string, error) {
	subject := c.leaf.Subject.String()
	if !c.as.Subject.Matches(c.leaf) {
		return subject, control.Expected("subject of the client certificate", c.as.Subject.String()+", as registered for "+c.who, subject)
	}
	return subject, nil
}

// checkRegistered (RFC 8705 s2.2).
func (c *presented) checkRegistered() (string, error) {
	if !slices.ContainsFunc(c.as.Certificates, c.leaf.Equal) {
		return c.thumbprint, control.ExpectedFix("thumbprint of the client certificate", "one registered for "+c.who, c.thumbprint,
			"register the certificate, as x5c in the client's jwks")
	}
	return c.thumbprint, nil
}

// binding is the thumbprint an access token is bound to if no proof comes; empty if the client does not
// want it, or shows no certificate.
func (c *caller) binding() string {
	if c.certificate == nil || !c.client.CertificateBound {
		return ""
	}
	return c.certificate.thumbprint
}

// judgeCertificate runs the guards for a certificate. method is how its owner authenticates: with it, or
// otherwise.
func (s *Server) judgeCertificate(ctx context.Context, c *presented, method control.ClientAuth) error {
	if c == nil {
		return nil
	}
	if err := party.Enforce(ctx, s.party, c, sourceGuards); err != nil {
		return err
	}
	switch method {
	case control.TLSClientAuth:
		return party.Enforce(ctx, s.party, c, pkiGuards)
	case control.SelfSignedTLSClientAuth:
		return party.Enforce(ctx, s.party, c, selfSignedGuards)
	}
	return nil
}

// method is the way of RFC 8705 s2 that an identity stands for; empty if it stands for none.
func (i TLSIdentity) method() control.ClientAuth {
	switch {
	case i.Subject != (fapi.CertificateSubject{}):
		return control.TLSClientAuth
	case len(i.Certificates) > 0:
		return control.SelfSignedTLSClientAuth
	}
	return ""
}

// mtlsAliases are the endpoints below another base URL, at which clients are asked for certificates.
func mtlsAliases(base, issuer string) fapi.MTLSAliases {
	if base == "" || base == issuer {
		return fapi.MTLSAliases{}
	}
	base = strings.TrimSuffix(base, "/")
	return fapi.MTLSAliases{
		TokenEndpoint: base + pathToken, PushedAuthorizationRequestEndpoint: base + pathPAR,
		IntrospectionEndpoint: base + pathIntrospect, RevocationEndpoint: base + pathRevoke,
		UserinfoEndpoint: base + pathUserinfo, LaunchEndpoint: base + pathLaunch,
	}
}

// alias is another URL of an endpoint; empty if it has none.
func (s *Server) alias(endpoint string) string {
	switch endpoint {
	case s.at.token:
		return s.aliases.TokenEndpoint
	case s.at.par:
		return s.aliases.PushedAuthorizationRequestEndpoint
	case s.at.introspect:
		return s.aliases.IntrospectionEndpoint
	case s.at.revoke:
		return s.aliases.RevocationEndpoint
	case s.at.userinfo:
		return s.aliases.UserinfoEndpoint
	case s.at.launch:
		return s.aliases.LaunchEndpoint
	}
	return ""
}
