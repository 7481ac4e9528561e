package client

import (
	"context"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// Signed authorization responses (JARM s2.4; FAPI 2.0 MS 5.4.2). Without the rules below, the client believes
// what stands in the answer, whoever wrote it and whether it is signed or not.

// signedResponse is the JWT that an answer came in.
type signedResponse struct {
	jwt    *fapi.JWT
	claims fapi.AuthorizationResponse
	keys   []fapi.Public
	noKeys error // why there are none
	memo   *fapi.Memo
}

// readSigned takes a signed answer apart. What is in it stands for the parameters of a plain one.
func (a *arrival) readSigned(compact string) error {
	jwt, err := fapi.ParseJWT(compact)
	if err != nil {
		return malformed("authorization response: %v", err)
	}
	s := &signedResponse{jwt: jwt}
	if err := jwt.Claims(&s.claims); err != nil {
		return malformed("authorization response: %v", err)
	}
	a.signed, a.code, a.state, a.iss, a.problem = s, s.claims.Code, s.claims.State, s.claims.Issuer, s.claims.Error
	return nil
}

// fetchResponseKeys gets the keys that may have signed the answer: those of the server it is believed to come
// from. With the guard switched off that needs them, the same messages cross the network.
func (p *protocol) fetchResponseKeys(ctx context.Context, a *arrival) {
	if a.signed == nil {
		return
	}
	a.signed.memo = p.memo
	at := (*provider)(nil)
	if a.flow != nil {
		at = a.flow.at
	} else if at, a.signed.noKeys = p.discover(ctx, a.home.Issuer); a.signed.noKeys != nil {
		return
	}
	a.signed.keys, a.signed.noKeys = p.verificationKeys(ctx, at, a.signed.jwt.Header.Kid, a.signed.jwt.Header.Alg)
}

// checkResponseSigned: FAPI 2.0 MS 5.4.2: the answer comes the way it was asked for.
func checkResponseSigned(a *arrival) (string, error) {
	if a.signed == nil {
		return "plain", control.ExpectedFix("authorization response", "a JWT in the parameter response", "plain parameters",
			"answer in the response_mode that was asked for")
	}
	return "jwt", nil
}

// checkResponseAudience: JARM s2.4.
func checkResponseAudience(a *arrival) (string, error) {
	if a.signed == nil {
		return "", unsignedResponse()
	}
	aud, want := a.signed.claims.Audience, a.home.ClientID
	if a.flow != nil {
		want = a.flow.reg.ClientID
	}
	if len(aud.Values) != 1 || aud.Values[0] != want {
		return aud.String(), control.Expected("aud of the authorization response", want, aud.String())
	}
	return want, nil
}

// checkResponseExpiry: JARM s2.4.
func checkResponseExpiry(a *arrival) (string, error) {
	if a.signed == nil {
		return "", unsignedResponse()
	}
	exp := a.signed.claims.Expires
	if exp == 0 {
		return "", control.Expected("exp of the authorization response", "a time", "")
	}
	if end := time.Unix(exp, 0); !a.now.Before(end.Add(clockSkew)) {
		return "past", control.Expected("exp of the authorization response", "a time after "+clockTime(a.now), clockTime(end))
	}
	return "in time", nil
}

// checkResponseSignature: JARM s2.4. The algorithm is decided here and not by the answer (RFC 8725 s3.1).
func checkResponseSignature(a *arrival) (string, error) {
	if a.signed == nil {
		return "", unsignedResponse()
	}
	alg := a.signed.jwt.Header.Alg
	if allowed := serverAlgorithms(a.dialect); a.signed.jwt.CheckAlg(allowed) != nil {
		return alg, control.Expected("algorithm of the authorization response", "one of "+strings.Join(allowed, ", "), alg)
	}
	if a.signed.noKeys != nil {
		return alg, control.Expected("keys of "+a.believed(), "a JWK Set", a.signed.noKeys.Error())
	}
	for i := range a.signed.keys {
		if a.signed.memo.Verify(a.signed.jwt, a.signed.keys[i].Key) == nil { // the algorithm is among those allowed
			return alg, nil
		}
	}
	return alg, control.Expected("signature of the authorization response", "one by a key of "+a.believed(),
		"kid "+a.signed.jwt.Header.Kid+", which does not verify")
}

func unsignedResponse() error {
	return control.Expected("authorization response", "a signed one", "plain parameters")
}
