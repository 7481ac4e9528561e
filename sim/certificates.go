package sim

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"time"

	"thiefbox/idp"
	"thiefbox/sim/clock"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// The client certificates of a world, in a dialect that has any. An authority of the health sector issues
// them for a year; the cloud supplier has made its own. Each system has one, which it authenticates with,
// or binds its tokens to, or both.

const certificateLifetime = 365 * 24 * time.Hour

// certified says which actor shows whose certificate.
var certified = map[string]system{"ehr": webEHR, "supplier": cloudSupplier, "chart": growthChart, "review": accessReview, "labsystem": laboratorySystem, "portal": portal, "inbox": resultInbox}

// buildCertificates makes the authority, and gives the honest their certificates.
func (w *World) buildCertificates() error {
	d := w.Policy.Profile().Dialect
	if !d.Certificates() {
		return nil
	}
	w.authority = w.stock.pair("certificate authority", fapi.CertificateTemplate{
		CommonName: "Thiefbox Health Sector CA", Organization: "Thiefbox", Authority: true,
		NotBefore: clock.Epoch.AddDate(-5, 0, 0), NotAfter: clock.Epoch.AddDate(5, 0, 0),
	}.SelfSigned)
	for actor, s := range certified {
		if s.id == growthChart.id && !w.scene.AppThere || s.id == accessReview.id && !w.scene.Reviewed || s.id == laboratorySystem.id && !w.writesResults() ||
			s.id == portal.id && !w.scene.Portal || s.id == resultInbox.id && !w.scene.Subscribed {
			continue
		}
		if err := w.Net.Certify(actor, w.certificate(s).TLS()); err != nil {
			return err
		}
	}
	if !d.ClientAuth.ByCertificate() {
		return nil
	}
	for _, api := range []string{"fhir", "lab"} {
		if err := w.Net.Certify(api, w.issue(api+"-api", 0).TLS()); err != nil {
			return err
		}
	}
	return nil
}

// certificate is a system's; nil if it has none.
func (w *World) certificate(s system) *fapi.KeyPair {
	switch {
	case w.authority == nil || s.key == "":
		return nil
	case s.selfSigned:
		return w.stock.pair("certificate of "+s.id, w.template(s.id, 0).SelfSigned)
	}
	return w.issue(s.id, 0)
}

// issue has the authority make a certificate, so many years ago.
func (w *World) issue(name string, yearsAgo int) *fapi.KeyPair {
	as := name
	if yearsAgo > 0 {
		as = fmt.Sprintf("%s, %d years ago", name, yearsAgo)
	}
	return w.stock.pair("certificate of "+as, func(key *fapi.Key) (*fapi.KeyPair, error) { return w.template(name, yearsAgo).Issue(w.authority, key) })
}

func (w *World) template(name string, yearsAgo int) fapi.CertificateTemplate {
	from := clock.Epoch.AddDate(-yearsAgo, -1, 0)
	return fapi.CertificateTemplate{
		Serial: 1 + int64(yearsAgo), CommonName: name, Organization: certificateOwner, ClientAuthOnly: true,
		NotBefore: from, NotAfter: from.Add(certificateLifetime),
	}
}

const certificateOwner = "Thiefbox Health"

// subjectOf is what is registered for tls_client_auth.
func subjectOf(name string) fapi.CertificateSubject {
	return fapi.CertificateSubject{DN: "CN=" + name + ",O=" + certificateOwner}
}

// registerCertificate enters a system's certificate in its registration: by its subject, or itself.
func (w *World) registerCertificate(reg *idp.Client, s system) {
	pair := w.certificate(s)
	if pair == nil {
		return
	}
	switch control.ClientAuth(reg.AuthMethod) {
	case control.TLSClientAuth:
		reg.TLS.Subject = subjectOf(s.id)
	case control.SelfSignedTLSClientAuth:
		reg.TLS.Certificates = []*x509.Certificate{pair.Certificate}
	}
}

// asker is an API as the authorization server knows it: by a secret, or by its certificate.
func (w *World) asker(base, id string) idp.Resource {
	r := idp.Resource{Identifier: base, ID: id}
	if w.Policy.Profile().Dialect.ClientAuth.ByCertificate() {
		r.TLS.Subject = subjectOf(id)
	} else {
		r.Secret = w.secret(id)
	}
	return r
}

// askersCredentials are what an API authenticates with.
func (w *World) askersCredentials(base, id string) fapi.Credentials {
	c := fapi.Credentials{Issuer: issuer, ClientID: id, Secret: w.asker(base, id).Secret, AuthMethod: string(control.ClientSecretBasic)}
	if c.Secret != "" {
		return c
	}
	c.AuthMethod = string(control.TLSClientAuth)
	return withCertificate(c, w.issue(id, 0))
}

// withCertificate writes a certificate and its key into credentials, as a thief gets them.
func withCertificate(c fapi.Credentials, pair *fapi.KeyPair) fapi.Credentials {
	if pair != nil {
		c.Certificate, c.TLSJWK = string(pair.PEM()), pair.Key.PrivateJWK()
	}
	return c
}

// lastYearsCredentials are the EHR's, with the certificate it had a year ago; nil if it had none.
func (w *World) lastYearsCredentials() ([]byte, error) {
	if w.authority == nil {
		return nil, nil
	}
	return json.Marshal(withCertificate(w.credentials(webEHR, issuer), w.issue(ehrClientID, 1)))
}

// publicCertificate is a system's certificate in DER, which anybody can have: nil if it has none.
func (w *World) publicCertificate(s system) []byte {
	pair := w.certificate(s)
	if pair == nil {
		return nil
	}
	return pair.Certificate.Raw
}
