package fhirmock

import (
	"context"
	"fmt"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// What the authorization server says of a token, plain (RFC 7662) or signed (RFC 9701).

// standing is the answer about a token.
type standing struct {
	fapi.Standing
	asked  bool
	signed *signedAnswer // nil if it came without a signature
	err    error         // why there is no answer
}

// signedAnswer is the JWT around an answer.
type signedAnswer struct {
	jwt    *fapi.JWT
	claims fapi.SignedIntrospection
	key    keyFound
}

// answerWindow is how far the iat of a signed answer may lie from now: it was asked for a moment ago.
var answerWindow = fapi.Window{Past: 10 * time.Second, Future: 10 * time.Second}

// readAnswer takes an answer apart. What calls itself something else than an answer about a token, or names
// another server, is no answer (RFC 9701 s5).
func (s *authority) readAnswer(ctx context.Context, body []byte) (st standing, err error) {
	plain := body
	if len(body) > 0 && body[0] != '{' {
		signed := &signedAnswer{}
		if signed.jwt, err = fapi.ParseJWT(string(body)); err != nil {
			return st, err
		}
		if err := signed.jwt.CheckTyp(fapi.TypIntrospection); err != nil {
			return st, err
		}
		if err := signed.jwt.Claims(&signed.claims); err != nil {
			return st, err
		}
		if signed.claims.Issuer != s.issuer {
			return st, fmt.Errorf("expected iss %q, got %q", s.issuer, signed.claims.Issuer)
		}
		signed.key = s.key(ctx, signed.jwt.Header.Kid, signed.jwt.Header.Alg)
		st.signed, plain = signed, signed.claims.Answer
	}
	st.Standing, err = fapi.ParseIntrospection(plain)
	return st, err
}

// ofAnswer makes a check that has nothing to look at if there is no answer: that there is none is for
// checkTokenRevoked.
func ofAnswer(check func(*visit) (string, error)) func(*visit) (string, error) {
	return func(v *visit) (string, error) {
		if !v.standing.asked || v.standing.err != nil {
			return "no answer", nil
		}
		return check(v)
	}
}

// checkAnswerSignature: FAPI 2.0 MS 5.5, RFC 9701 s5. The algorithm is the one the server signs with.
func checkAnswerSignature(v *visit) (string, error) {
	answer := v.standing.signed
	if answer == nil {
		return "", control.Expected("introspection", "a signed answer", "one without a signature")
	}
	alg := answer.jwt.Header.Alg
	if answer.jwt.CheckAlg(v.serverAlgs()) != nil {
		return alg, control.Expected("alg of the introspection answer", v.dialect.TokenAlg, alg)
	}
	if answer.key.err != nil {
		return alg, control.Expected("key of the introspection answer", "one of "+v.api.Issuer, answer.key.err.Error())
	}
	if err := v.api.Memo.Verify(answer.jwt, answer.key.public.Key); err != nil {
		return alg, control.Expected("signature of the introspection answer", "one by key "+answer.key.public.ID, err.Error())
	}
	return answer.key.public.ID, nil
}

// checkAnswerAudience: RFC 9701 s5: the API by the name it authenticates with.
func checkAnswerAudience(v *visit) (string, error) {
	if v.standing.signed == nil {
		return "", control.Expected("aud of the introspection answer", v.api.ID, "")
	}
	aud := v.standing.signed.claims.Audience
	if !aud.Has(v.api.ID) {
		return "", control.Expected("aud of the introspection answer", v.api.ID, aud.String())
	}
	return v.api.ID, nil
}

// checkAnswerToken compares what the answer is about with what was asked. That a token is not active is said
// without naming it (RFC 7662 s2.2), and is for checkTokenRevoked.
func checkAnswerToken(v *visit) (string, error) {
	if !v.standing.Active {
		return "not active", nil
	}
	if got := v.standing.JTI; got == "" || got != v.claims.JTI {
		return got, control.Expected("jti of the introspection answer", v.claims.JTI, got)
	}
	return v.standing.JTI, nil
}

// checkAnswerFresh: RFC 9701 s5 puts an iat into every answer.
func checkAnswerFresh(v *visit) (string, error) {
	if v.standing.signed == nil {
		return "", control.Expected("iat of the introspection answer", "a moment ago", "")
	}
	if err := fapi.CheckTime("iat", v.standing.signed.claims.IssuedAt, v.now, answerWindow); err != nil {
		return "", control.Expected("iat of the introspection answer", "a moment ago", err.Error())
	}
	return clockTime(v.standing.signed.claims.IssuedAt), nil
}
