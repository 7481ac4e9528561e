package client

import (
	"slices"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// identityGuards judge who has signed in (OIDC Core s3.1.3.7). Without any of them, the client
// believes the sub of whatever ID token came. An ID token that did not come fails every one: the
// client asks for one at each sign-in.
var identityGuards = []control.Guard[answer]{
	{Control: control.ClientIDTokenSignature, Check: checkIDSignature, Answer: signInFailed},
	{Control: control.ClientIDTokenIssuer, Check: checkIDIssuer, Answer: signInFailed},
	{Control: control.ClientIDTokenAudience, Check: checkIDAudience, Answer: signInFailed},
	{Control: control.ClientIDTokenExpiry, Check: checkIDExpiry, Answer: signInFailed},
	{Control: control.ClientIDTokenNonce, Check: checkIDNonce, Answer: signInFailed},
}

// clockSkew is how far two honest clocks may differ (OIDC Core s3.1.3.7-9 allows a small leeway).
const clockSkew = time.Minute

// idAlgorithms are those of SP 5.4.1, and idAlgorithmsRSA what a national profile adds to them.
var (
	idAlgorithms    = fapi.Algorithms
	idAlgorithmsRSA = append(slices.Clone(fapi.Algorithms), "RS256")
)

// serverAlgorithms are those that a server may sign with, whatever it signs.
func serverAlgorithms(d control.Dialect) []string {
	if d.TokenAlg == "RS256" {
		return idAlgorithmsRSA
	}
	return idAlgorithms
}

// fetchKeys gets the keys that may have signed the ID token. The guard that needs them is not the one
// to ask for them: with it switched off, the same messages cross the network.
func (a *answer) fetchKeys() {
	if a.id != nil {
		a.keys, a.noKeys = a.protocol.verificationKeys(a.ctx, a.at, a.id.Header.Kid, a.id.Header.Alg)
	}
}

// checkIDSignature: FAPI 2.0 MS 5.6, OIDC Core s3.1.3.7-6. The algorithm is decided here and not by
// the token (RFC 8725 s3.1), before a key is touched.
func checkIDSignature(a *answer) (string, error) {
	if a.id == nil {
		return "", noIDToken()
	}
	allowed := serverAlgorithms(a.dialect)
	alg := a.id.Header.Alg
	if err := a.id.CheckAlg(allowed); err != nil {
		return alg, control.Expected("algorithm of the ID token", "one of "+strings.Join(allowed, ", "), alg)
	}
	if a.noKeys != nil {
		return alg, control.Expected("keys of "+a.at.Issuer, "a JWK Set", a.noKeys.Error())
	}
	for i := range a.keys {
		if a.protocol.memo.Verify(a.id, a.keys[i].Key) == nil { // the algorithm is among those allowed
			return alg, nil
		}
	}
	return alg, control.Expected("signature of the ID token", "one by a key of "+a.at.Issuer, "kid "+a.id.Header.Kid+", which does not verify")
}

// checkIDIssuer: OIDC Core s3.1.3.7-2.
func checkIDIssuer(a *answer) (string, error) {
	if a.id == nil {
		return "", noIDToken()
	}
	if a.claims.Issuer == a.at.Issuer {
		return a.claims.Issuer, nil
	}
	return a.claims.Issuer, control.Expected("iss of the ID token", a.at.Issuer, a.claims.Issuer)
}

// checkIDAudience: OIDC Core s3.1.3.7-3: this client, and no other that it does not know.
func checkIDAudience(a *answer) (string, error) {
	if a.id == nil {
		return "", noIDToken()
	}
	values := a.claims.Audience.Values
	if len(values) == 0 {
		return "", control.Expected("aud of the ID token", a.reg.ClientID, "")
	}
	for _, v := range values {
		if v != a.reg.ClientID {
			return v, control.Expected("aud of the ID token", a.reg.ClientID+" alone", a.claims.Audience.String())
		}
	}
	return values[0], nil
}

// checkIDExpiry: OIDC Core s3.1.3.7-9.
func checkIDExpiry(a *answer) (string, error) {
	if a.id == nil {
		return "", noIDToken()
	}
	if a.claims.Expires == 0 {
		return "", control.Expected("exp of the ID token", "a time", "")
	}
	exp := time.Unix(a.claims.Expires, 0)
	if a.now.Before(exp.Add(clockSkew)) {
		return "in time", nil
	}
	return "past", control.Expected("exp of the ID token", "a time after "+clockTime(a.now), clockTime(exp))
}

// checkIDNonce: OIDC Core s3.1.3.7-11. A sign-in that was never begun has no nonce to repeat, and
// fails too.
func checkIDNonce(a *answer) (string, error) {
	if a.id == nil {
		return "", noIDToken()
	}
	if a.nonce == "" {
		return a.claims.Nonce, control.Expected("nonce of the ID token", "an answer to a request of ours", a.claims.Nonce)
	}
	if a.claims.Nonce == a.nonce {
		return a.claims.Nonce, nil
	}
	return a.claims.Nonce, control.Expected("nonce of the ID token", a.nonce, a.claims.Nonce)
}

func noIDToken() error {
	return control.Expected("ID token", "one, since openid was asked for", "")
}

func clockTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }
