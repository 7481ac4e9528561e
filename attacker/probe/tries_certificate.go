package probe

import (
	"encoding/base64"
	"net/http"
	"net/url"

	"thiefbox/sim/fapi"
)

// Tokens that are bound to a certificate, on connections where another is shown, or none.

var certificateTries = []Try{
	onConnection("none", "rs/mtls-certificate", "a bound access token on a connection without a certificate",
		"have the server ask for certificates, and refuse a token with cnf.x5t#S256 where none was shown", func(*bench) *fapi.KeyPair { return nil }, nil),
	onConnection("another", "rs/mtls-binding", "a bound access token on a connection with another certificate",
		"compare the SHA-256 of the certificate of the connection with cnf.x5t#S256 of the token", func(b *bench) *fapi.KeyPair { return b.t.OtherCertificate }, nil),
	onConnection("in-header", "rs/mtls-header", "a bound access token, with its certificate copied into headers",
		"take the certificate from the connection; behind a proxy, from a header that the proxy takes away from what comes in", func(*bench) *fapi.KeyPair { return nil }, inHeaders),
}

func onConnection(name, control, title, fix string, shown func(*bench) *fapi.KeyPair, change func(*http.Request, *fapi.KeyPair)) Try {
	return Try{
		Name: "certificate/" + name, Control: control, Title: title, Fix: fix, refusal: asBadToken, kinds: []Kind{MTLS},
		run: func(b *bench) error {
			r, err := b.rightNow()
			if err == nil && change != nil {
				change(r, b.t.Certificate)
			}
			return b.once(shown(b), r, err)
		},
	}
}

// inHeaders copies the certificate to where proxies put it: RFC 9440, and the customs of nginx, Apache, Envoy, Azure.
func inHeaders(r *http.Request, pair *fapi.KeyPair) {
	der := pair.Certificate.Raw
	escaped := url.QueryEscape(string(pair.PEM()))
	r.Header.Set(fapi.ClientCertHeader, fapi.FormatClientCert(der))
	r.Header.Set("X-Forwarded-Client-Cert", `Cert="`+escaped+`"`)
	for _, name := range []string{"X-SSL-Client-Cert", "SSL-Client-Cert", "X-Client-Cert"} {
		r.Header.Set(name, escaped)
	}
	r.Header.Set("X-ARR-ClientCert", base64.StdEncoding.EncodeToString(der))
}
