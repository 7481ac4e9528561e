package serve

import (
	"net/url"
	"strings"
	"sync"

	"thiefbox/sim/fapi"
)

// Mistakes that nobody makes: a thief's forgeries.

func signedByNothing(d *draft) {
	d.signing = func(d *draft) (string, error) { return fapi.ForgeHMACWith(d.header, d.claims, nil) }
}

// signedAndShown brings the key along that verifies it (RFC 8725 s3.10, CVE-2018-0114).
func signedAndShown(d *draft) {
	d.signing = func(d *draft) (string, error) {
		other, err := strangersKey(d)
		if err != nil {
			return "", err
		}
		d.header.Alg, d.header.JWK = other.Alg, other.BareJWK()
		return fapi.Sign(d.header, d.claims, other)
	}
}

// zeroSignature is what some versions of Java took for anybody's (CVE-2022-21449).
func zeroSignature(d *draft) {
	d.signing = func(d *draft) (string, error) {
		compact, err := signProperly(d)
		if err != nil {
			return "", err
		}
		at := strings.LastIndexByte(compact, '.') + 1
		return compact[:at] + strings.Repeat("A", len(compact)-at), nil // base64url of zeros
	}
}

// asIDToken is what the client was told of the sign-in, by the same key (OIDC Core s2).
func asIDToken(d *draft) {
	d.header.Typ = "JWT"
	d.claims["aud"], d.claims["nonce"], d.claims["auth_time"] = d.claims["client_id"], d.dice.ID(), d.claims["iat"]
	for _, claim := range []string{"scope", "client_id", "jti"} {
		delete(d.claims, claim)
	}
}

func atOtherHost(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return rawURL
	}
	u.Host = "other.thiefbox.test"
	return u.String()
}

// weakKey is one for all: RSA keys are slow to make.
var weakKey = sync.OnceValues(func() (*fapi.Key, error) { return fapi.NewWeakKey("weak") })

func boundToWeakKey(d *draft) {
	d.signing = func(d *draft) (string, error) {
		key, err := weakKey()
		if err != nil {
			return "", err
		}
		d.claims["cnf"] = map[string]string{"jkt": key.Thumbprint()}
		return signProperly(d)
	}
}

func byWeakKey(d *draft) {
	d.signing = func(d *draft) (string, error) {
		key, err := weakKey()
		if err != nil {
			return "", err
		}
		d.header.JWK = key.BareJWK()
		return fapi.Sign(d.header, d.claims, key)
	}
}
