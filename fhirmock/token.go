package fhirmock

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// checkTokenInHeader: SP 5.3.4-2, RFC 6750 s2.3. A URL is written down in too many places.
func checkTokenInHeader(v *visit) (string, error) {
	for _, c := range v.credentials {
		if c.place != "header" {
			return c.place, control.ExpectedFix("place of the access token", "the Authorization header", "the "+c.place, "send it as Authorization: DPoP <token>")
		}
	}
	return "header", nil
}

// checkOneCredential: RFC 9449 s7.1, RFC 6750 s2.
func checkOneCredential(v *visit) (string, error) {
	if n := len(v.credentials); n != 1 {
		return "", control.Expected("access tokens in the request", "one", strconv.Itoa(n))
	}
	return v.used.scheme, nil
}

// checkTokenAlg: RFC 8725 s3.1. The algorithm is the one the server signs with, not one the token names.
func checkTokenAlg(v *visit) (string, error) {
	expected := v.serverAlgs()
	alg := v.token.Header.Alg
	if v.token.CheckAlg(expected) != nil {
		return alg, control.Expected("alg of the access token", strings.Join(expected, " or "), alg)
	}
	return alg, nil
}

func (v *visit) serverAlgs() []string {
	if v.dialect.TokenAlg != "" {
		return []string{v.dialect.TokenAlg}
	}
	return fapi.Algorithms
}

// checkTokenSignature: RFC 9068 s4-4, SP 5.3.4-3. A signature that was verified lately is not verified
// again, as long as its key is still among the server's.
func checkTokenSignature(v *visit) (string, error) {
	if v.key.err != nil {
		return "", control.Expected("key of the access token", "one of "+v.api.Issuer, v.key.err.Error())
	}
	key := v.key.public
	if v.api.verified.has(v.hash, key.Thumbprint, v.now) {
		return key.ID, nil
	}
	if err := v.api.Memo.Verify(v.token, key.Key); err != nil {
		return "", control.Expected("signature of the access token", "one by key "+key.ID, err.Error())
	}
	v.api.verified.add(v.hash, key.Thumbprint, v.now, time.Unix(v.claims.Expires, 0))
	return key.ID, nil
}

// checkTokenType: RFC 9068 s4-1.
func checkTokenType(v *visit) (string, error) {
	typ := v.token.Header.Typ
	if v.token.CheckTyp(fapi.TypAccessToken) != nil {
		return typ, control.Expected("typ of the access token", fapi.TypAccessToken, typ)
	}
	return typ, nil
}

// checkTokenIssuer: RFC 9068 s4-2. Identifiers compare as strings.
func checkTokenIssuer(v *visit) (string, error) {
	if v.claims.Issuer != v.api.Issuer {
		return "", control.Expected("iss", v.api.Issuer, v.claims.Issuer)
	}
	return v.claims.Issuer, nil
}

// checkTokenAudience: RFC 9068 s4-3.
func checkTokenAudience(v *visit) (string, error) {
	if !v.claims.Audience.Has(v.api.Base) {
		return "", control.ExpectedFix("aud", v.api.Base, v.claims.Audience.String(), "ask for the token with resource="+v.api.Base)
	}
	return v.api.Base, nil
}

// checkTokenExpiry: SP 5.3.4-3, RFC 9068 s4-5. No leeway: server and API keep the same time.
func checkTokenExpiry(v *visit) (string, error) {
	if v.claims.Expires == 0 {
		return "", control.Expected("exp", "a time to come", "")
	}
	left := time.Unix(v.claims.Expires, 0).Sub(v.now)
	if left <= 0 {
		return "", control.ExpectedFix("exp", "a time to come", fmt.Sprintf("%s ago", -left.Truncate(time.Second)), "refresh the token")
	}
	return clockTime(v.claims.Expires), nil
}

// checkTokenNotBefore: SP 5.3.4-3, RFC 7519 s4.1.5. The claim is optional in access tokens (RFC 9068 s2.2).
func checkTokenNotBefore(v *visit) (string, error) {
	if v.claims.NotPrior == 0 {
		return "no nbf", nil
	}
	if ahead := time.Unix(v.claims.NotPrior, 0).Sub(v.now); ahead > 0 {
		return "", control.ExpectedFix("nbf", "now or a time past", fmt.Sprintf("%s ahead", ahead.Truncate(time.Second)), "use the token when it has become valid")
	}
	return clockTime(v.claims.NotPrior), nil
}

// checkStandingKnown: RFC 7662 s4. Where the authorization server is asked, no answer is no permission. Without
// the check the API goes on without one, as if the token stood.
func checkStandingKnown(v *visit) (string, error) {
	if err := v.standing.err; err != nil {
		return "", control.Expected("introspection", "an answer", err.Error())
	}
	return "an answer", nil
}

// checkTokenRevoked: SP 5.3.4-3. Of a server that did not answer there is nothing to look at; that is for
// checkStandingKnown.
func checkTokenRevoked(v *visit) (string, error) {
	switch s := v.standing; {
	case !s.asked:
		return "", control.Expected("introspection", "an answer", "none: this API does not ask the authorization server")
	case s.err != nil:
		return "no answer", nil
	case !s.Active:
		return "", control.ExpectedFix("introspection", "active: true", "active: false", "the token was revoked, has expired, is not for this API, or under load gave way to newer ones: get a new one")
	}
	return "active", nil
}

// checkSenderBound: SP 5.3.4-5. That the binding is kept is for the guards of its kind.
func checkSenderBound(v *visit) (string, error) {
	bound := v.claims.Bound()
	if bound == "" {
		return "", control.ExpectedFix("cnf of the access token", "the thumbprint of a key or a certificate (jkt or x5t#S256)", "",
			"send a DPoP proof with the token request, or a client certificate if the client is registered for that")
	}
	return bound, nil
}

// checkScheme: RFC 9449 s7.2.
func checkScheme(v *visit) (string, error) {
	if v.used.scheme == schemeBearer && v.claims.JKT() != "" {
		return schemeBearer, control.ExpectedFix("authentication scheme for a bound token", schemeDPoP, schemeBearer, "send Authorization: DPoP <token> and a DPoP header")
	}
	return v.used.scheme, nil
}

// clockTime shows a moment to a reader of the log.
func clockTime(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.TimeOnly) }
