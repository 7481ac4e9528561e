package fhirmock

import (
	"net/http"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// The two authentication schemes (RFC 6750 s2.1, RFC 9449 s7.1).
const (
	schemeBearer = "Bearer"
	schemeDPoP   = "DPoP"
)

var proofAlgs = strings.Join(fapi.Algorithms, " ")

// challenge writes WWW-Authenticate: one challenge for the scheme that honest clients of this API speak,
// and one for the scheme the request used if that is the other (RFC 9449 s7.2). The error stands with
// the used scheme; with no credentials at all there is none (RFC 6750 s3.1).
func (a *API) challenge(h http.Header, v *visit, p *problem) {
	spoken := schemeBearer
	if v.dialect.Constraint == control.DPoP {
		spoken = schemeDPoP
	}
	used := spoken
	if v.used != nil {
		used = v.used.scheme
	}
	for _, scheme := range []string{schemeDPoP, schemeBearer} {
		if scheme != spoken && scheme != used {
			continue
		}
		c := scheme + ` realm="` + a.Base + `", resource_metadata="` + a.metadataURL() + `"`
		if scheme == used && issueCodes[p.code] != "" {
			c += `, error="` + p.code + `", error_description="` + p.safe + `"`
			if p.code == "insufficient_scope" {
				c += `, scope="` + v.neededScope() + `"`
			}
			if p.code == codeStepUp {
				c += v.stepUpChallenge()
			}
		}
		if scheme == schemeDPoP {
			c += `, algs="` + proofAlgs + `"`
		}
		h.Add("WWW-Authenticate", c)
	}
}
