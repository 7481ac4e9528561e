package attacker

import (
	"context"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("M-01", Technique{
	Title: "A certificate-bound token with the thief's own certificate",
	Story: "The thief has a token from the API's log. It is bound to the EHR's certificate, which nobody can show without its key. So he " +
		"connects with a certificate he has made himself. An API that wants some certificate, and does not compare it with the token, is content.",
	Reads: []string{"RFC 8705 s3", "OIDF conformance suite, happy-flow"},
	Needs: []event.Vantage{event.APILog}, Against: []Trait{CertificateBound},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		own, err := selfSigned(g, "mallory")
		if err != nil {
			return err
		}
		_, err = received(g.DoWith(own, withToken(get(ctx, l.URL), l.scheme, l.token, "")))
		return err
	},
})

var _ = register("M-01/none", Technique{
	Variant: "none",
	Title:   "A certificate-bound token without any certificate",
	Story: "The thief has a token from the API's log, which is bound to the EHR's certificate, and connects without one. An API whose TLS " +
		"layer asks for certificates and requires none sees an ordinary bearer token.",
	Reads: []string{"RFC 8705 s3, s6.2"},
	Needs: []event.Vantage{event.APILog}, Against: []Trait{CertificateBound},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		_, err = send(g, withToken(get(ctx, l.URL), l.scheme, l.token, ""))
		return err
	},
})

// selfSigned makes a certificate of the thief's own, in whatever name. Its key is his.
func selfSigned(g Ground, name string) (*fapi.KeyPair, error) {
	return lookAlike(g, name, "").SelfSigned(g.Key("certificate"))
}

// lookAlike is what a certificate in somebody's name says.
func lookAlike(g Ground, name, organization string) fapi.CertificateTemplate {
	return fapi.CertificateTemplate{
		CommonName: name, Organization: organization, ClientAuthOnly: true,
		NotBefore: g.Now().Add(-time.Hour), NotAfter: g.Now().Add(24 * time.Hour),
	}
}
