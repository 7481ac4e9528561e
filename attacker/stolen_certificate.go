package attacker

import (
	"context"
	"errors"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("M-04", Technique{
	Title: "The client's TLS key is stolen",
	Story: "A backup of the EHR's server holds its certificate and the key of that. The thief connects as the EHR, from anywhere; to the " +
		"authorization server and the API he is the EHR.",
	Reads: []string{"FAPI 2.0 SP 6.8", "RFC 8705 s7.2"},
	Has:   []event.Asset{event.ClientKey}, Against: []Trait{CertificateAuth},
	Beyond: "Whoever holds the key is the client: that is what the certificate means. Hardware that keeps the key, short certificates and " +
		"revocation limit it.",
	Run: func(ctx context.Context, g Ground) error {
		c, err := victimsCredentials(g)
		if err != nil {
			return err
		}
		return clientCredentials(ctx, g, c)
	},
})

var _ = register("M-04/expired", Technique{
	Variant: "expired",
	Title:   "Last year's certificate from an old backup",
	Story: "An old backup of the EHR's server holds the certificate it had last year, with its key. It has expired, and the EHR has long got " +
		"a new one in the same name. The thief connects with the old one.",
	Reads: []string{"RFC 8705 s2.1", "RFC 5280 s4.1.2.5", "FAPI 2.0 SP 6.8"},
	Has:   []event.Asset{event.OldCertificate}, Against: []Trait{CertificateAuth},
	Run: func(ctx context.Context, g Ground) error {
		var c fapi.Credentials
		if err := stolenJSON(g, event.OldCertificate, &c); err != nil {
			return err
		}
		if c.Certificate == "" {
			return errors.New("expected a certificate in the old backup, found none")
		}
		return clientCredentials(ctx, g, c)
	},
})
