package attacker

import (
	"context"
	"crypto/x509"
	"fmt"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("M-03", Technique{
	Variant: "rogue-authority",
	Title:   "The client's name in a certificate of another authority",
	Story: "The thief has an authority of his own, or found one that does not look closely, issue a certificate with exactly the EHR's name. " +
		"A server that trusts many authorities, as operating systems do, takes him for the EHR.",
	Reads: []string{"RFC 8705 s2.1, s7.3, s7.4", "FAPI 2.0 SP 5.2.2.1-1"}, Against: []Trait{CertificateAuth},
	Run: func(ctx context.Context, g Ground) error {
		forged, err := forgedCertificate(g)
		if err != nil {
			return err
		}
		return machineAccessWith(ctx, g, g.Target().ClientID, forged)
	},
})

var _ = register("M-03/subject", Technique{
	Variant: "other-subject",
	Title:   "One client's certificate vouches for another",
	Story: "The thief's app has an honest certificate, of the authority that all clients have theirs from. He shows it and names the EHR's " +
		"client_id. A server that asks only whether the certificate is good does not notice whose it is.",
	Reads: []string{"RFC 8705 s2.1.2, s7.4", "OIDF conformance suite, ensure-client-id-in-token-endpoint"},
	Has:   []event.Asset{event.OwnClient}, Against: []Trait{CertificateAuth},
	Run: func(ctx context.Context, g Ground) error {
		own, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		return machineAccessWith(ctx, g, g.Target().ClientID, own.tls)
	},
})

var _ = register("M-05", Technique{
	Variant: "self-signed",
	Title:   "A self-signed certificate that nobody registered",
	Story: "A supplier's system authenticates with a certificate it has made itself and registered. The thief makes one too, in the supplier's " +
		"name. A server that knows that this client's certificate is self-signed, and lets any self-signed one pass, gives him the supplier's token.",
	Reads: []string{"RFC 8705 s2.2"}, Against: []Trait{CertificateAuth},
	Run: func(ctx context.Context, g Ground) error {
		forged, err := selfSigned(g, g.Target().BackendID)
		if err != nil {
			return err
		}
		return machineAccessWith(ctx, g, g.Target().BackendID, forged)
	},
})

// forgedCertificate bears the honest client's name, and is signed by the thief's own authority.
func forgedCertificate(g Ground) (*fapi.KeyPair, error) {
	honest, err := x509.ParseCertificate(g.Target().ClientCertificate)
	if err != nil {
		return nil, fmt.Errorf("the honest client's certificate: %w", err)
	}
	authority := lookAlike(g, "Mallory's Bargain Certificates", "")
	authority.Authority = true
	own, err := authority.SelfSigned(g.Key("authority"))
	if err != nil {
		return nil, err
	}
	var organization string
	if len(honest.Subject.Organization) > 0 {
		organization = honest.Subject.Organization[0]
	}
	return lookAlike(g, honest.Subject.CommonName, organization).Issue(own, g.Key("certificate"))
}

// machineAccessWith gets a token in a client's own name with a certificate, and reads a record.
func machineAccessWith(ctx context.Context, g Ground, clientID string, pair *fapi.KeyPair) error {
	c := noCredentials
	c.ClientID, c.CertificateBound = clientID, true
	a, err := newApp(ctx, g, c)
	if err != nil {
		return err
	}
	a.tls, a.meta = pair, a.meta.PreferAliases()
	t, err := a.token(ctx, machineAccess(g, clientID), nil)
	if err != nil {
		return err
	}
	_, err = a.read(ctx, record(g, stranger(g)), t)
	return err
}
