package fhirmock

import (
	"strconv"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// proofWindow is how far the iat of a proof may lie from now. A minute back is what clients with a
// slow network need; ten seconds ahead is what a badly set clock needs (SP 5.3.2.1-13 speaks of 10 s).
var proofWindow = fapi.Window{Past: 60 * time.Second, Future: 10 * time.Second}

// ofProof makes a check that has nothing to look at if there is no proof.
func ofProof(check func(*visit, *fapi.ReceivedProof) (string, error)) func(*visit) (string, error) {
	return func(v *visit) (string, error) {
		if v.proof == nil {
			return "no proof", nil
		}
		return check(v, v.proof)
	}
}

// checkOneProof: RFC 9449 s4.3-1. Zero and two are both wrong.
func checkOneProof(v *visit) (string, error) {
	if n := len(v.proofs); n != 1 {
		return "", control.ExpectedFix("DPoP headers", "one", strconv.Itoa(n), "send one fresh proof with each request")
	}
	return "one", nil
}

// checkProofClaims: RFC 9449 s4.3-3.
func checkProofClaims(_ *visit, p *fapi.ReceivedProof) (string, error) {
	c := &p.Claims
	for _, claim := range []struct {
		name   string
		absent bool
	}{{"jti", c.JTI == ""}, {"htm", c.HTM == ""}, {"htu", c.HTU == ""}, {"iat", c.IAT == 0}} {
		if claim.absent {
			return "", control.Expected("claim "+claim.name+" of the proof", "a value", "")
		}
	}
	return "jti, htm, htu, iat", nil
}

// checkProofTyp: RFC 9449 s4.3-4.
func checkProofTyp(_ *visit, p *fapi.ReceivedProof) (string, error) {
	typ := p.JWT.Header.Typ
	if p.JWT.CheckTyp(fapi.TypProof) != nil {
		return typ, control.Expected("typ of the proof", fapi.TypProof, typ)
	}
	return typ, nil
}

// checkProofAlg: RFC 9449 s4.3-5, SP 5.4.1.
func checkProofAlg(v *visit, p *fapi.ReceivedProof) (string, error) {
	alg := p.JWT.Header.Alg
	if allowed := fapi.AlgorithmsNamed(v.dialect.ClientAlgs); p.JWT.CheckAlg(allowed) != nil {
		return alg, control.Expected("alg of the proof", strings.Join(allowed, ", "), alg)
	}
	return alg, nil
}

// checkProofPrivateKey: RFC 9449 s4.3-7.
func checkProofPrivateKey(_ *visit, p *fapi.ReceivedProof) (string, error) {
	if fapi.HasPrivate(p.JWT.Header.JWK) {
		return "", control.ExpectedFix("jwk of the proof", "a public key", "one with private members", "this key is burnt: make another, and show only its public half")
	}
	return "public", nil
}

// checkProofSignature: RFC 9449 s4.3-6.
func checkProofSignature(v *visit, p *fapi.ReceivedProof) (string, error) {
	if err := v.api.Memo.Verify(p.JWT, p.Key.Key); err != nil {
		return "", control.Expected("signature of the proof", "one by the key in its header", err.Error())
	}
	return p.Key.Thumbprint, nil
}

// checkProofBinding: RFC 9449 s4.3-12b, s6.1. A token that is bound to no key fails too (s7.1).
func checkProofBinding(v *visit, p *fapi.ReceivedProof) (string, error) {
	if jkt := v.claims.JKT(); p.Key.Thumbprint != jkt {
		want := "the token's, " + jkt
		if jkt == "" {
			want = "the token's, but that has none"
		}
		return "", control.Expected("key of the proof", want, p.Key.Thumbprint)
	}
	return p.Key.Thumbprint, nil
}

// checkProofMethod: RFC 9449 s4.3-8. Methods are case-sensitive.
func checkProofMethod(v *visit, p *fapi.ReceivedProof) (string, error) {
	if p.Claims.HTM != v.http.Method {
		return "", control.Expected("htm", v.http.Method, p.Claims.HTM)
	}
	return p.Claims.HTM, nil
}

// checkForwardedHost: BCP s4.13. A proxy of this API's own would name this API, and there is none: whatever
// else stands there was written by whoever sent the request. Without the check it is believed.
func checkForwardedHost(v *visit) (string, error) {
	host := v.http.Header.Get(forwardedHost)
	if host == "" || v.ownOrigin() == v.api.origin {
		return host, nil
	}
	_, own, _ := strings.Cut(v.api.origin, "://")
	return host, control.ExpectedFix(forwardedHost, own+", or none", host, "have the proxy in front of the API remove what it did not write itself")
}

const forwardedHost = "X-Forwarded-Host"

// ownOrigin is where the API takes itself to be: at its configured base, or where a proxy says it is.
func (v *visit) ownOrigin() string {
	host := v.http.Header.Get(forwardedHost)
	if host == "" {
		return v.api.origin
	}
	scheme, _, _ := strings.Cut(v.api.origin, "://")
	return scheme + "://" + host
}

// checkProofURL: RFC 9449 s4.3-9. The request's own URL is put together from where the API is and the path;
// the Host header, which anybody can write, has no part in it. Queries and fragments are ignored on both
// sides, as the clause says.
func checkProofURL(v *visit, p *fapi.ReceivedProof) (string, error) {
	own := v.ownOrigin() + v.http.URL.EscapedPath()
	if alias := v.api.alias; !fapi.SameURI(p.Claims.HTU, own) && (alias == "" || !fapi.SameURI(p.Claims.HTU, alias+v.http.URL.EscapedPath())) {
		return "", control.ExpectedFix("htu", own, p.Claims.HTU, "htu is the URL of the request without query and fragment, as the API is known outside")
	}
	return p.Claims.HTU, nil
}

// checkProofToken: RFC 9449 s4.3-12a.
func checkProofToken(v *visit, p *fapi.ReceivedProof) (string, error) {
	if p.Claims.ATH != v.hash {
		return "", control.ExpectedFix("ath", v.hash, p.Claims.ATH, "ath is the base64url SHA-256 of the access token in the request")
	}
	return p.Claims.ATH, nil
}

// checkProofTime: RFC 9449 s4.3-11.
func checkProofTime(v *visit, p *fapi.ReceivedProof) (string, error) {
	window := v.api.ProofWindow()
	if fapi.CheckTime("iat", p.Claims.IAT, v.now, window) == nil {
		return clockTime(p.Claims.IAT), nil
	}
	want := "a time at most " + seconds(window.Past) + " past or " + seconds(window.Future) + " ahead"
	if p.Claims.IAT == 0 {
		return "", control.Expected("iat", want, "")
	}
	off := time.Unix(p.Claims.IAT, 0).Sub(v.now).Truncate(time.Second)
	if off < 0 {
		return "", control.ExpectedFix("iat", want, "one "+(-off).String()+" past", "make the proof when the request is sent")
	}
	return "", control.ExpectedFix("iat", want, "one "+off.String()+" ahead", "set the clock of the client")
}

// checkProofNonce: RFC 9449 s9.
func checkProofNonce(v *visit, p *fapi.ReceivedProof) (string, error) {
	if !v.api.nonces.valid(p.Claims.Nonce, v.now) {
		return "", control.ExpectedFix("nonce", "one that this API issued in the last two minutes", p.Claims.Nonce, "try again with the nonce of the DPoP-Nonce header")
	}
	return p.Claims.Nonce, nil
}

// lateMemory is how long the plain memory of a node keeps a proof, from when it came. It is the mistake
// of many servers: a proof dated ahead is acceptable for longer (useOnceInWindow).
const lateMemory = 60 * time.Second

// useOnceLately: RFC 9449 s11.1, the way many servers begin: a proof is filed under the address it was used
// at, as the request spelled it.
func useOnceLately(v *visit, p *fapi.ReceivedProof) (string, error) {
	return v.useOnce(&v.api.seenHere, p, v.http.Host+v.http.URL.EscapedPath(), v.now.Add(lateMemory))
}

// useOnceHoweverSpelled: RFC 9449 s11.1, by the proof alone.
func useOnceHoweverSpelled(v *visit, p *fapi.ReceivedProof) (string, error) {
	return v.useOnce(&v.api.seenLately, p, "", v.now.Add(lateMemory))
}

// useOnceInWindow: RFC 9449 s11.1, for as long as checkProofTime lets the proof through.
func useOnceInWindow(v *visit, p *fapi.ReceivedProof) (string, error) {
	return v.useOnce(&v.api.seenInWindow, p, "", v.endOf(p))
}

// useOnceAnywhere: RFC 9449 s11.1, with a memory that all nodes share.
func useOnceAnywhere(v *visit, p *fapi.ReceivedProof) (string, error) {
	return v.useOnce(v.api.Shared, p, "", v.endOf(p))
}

// endOf is when the proof stops being acceptable, and a margin. A proof dated further ahead than the
// window allows comes this far only where checkProofTime is off; it must not occupy memory for years.
func (v *visit) endOf(p *fapi.ReceivedProof) time.Time {
	window := v.api.ProofWindow()
	margin := window.Past + window.Future
	if latest := v.now.Add(window.Future); time.Unix(p.Claims.IAT, 0).After(latest) {
		return latest.Add(margin)
	}
	return time.Unix(p.Claims.IAT, 0).Add(margin)
}

// useOnce refuses a proof that the memory holds, and remembers it if not: one step. A proof without jti
// cannot be remembered; that there is one is checkProofClaims' business. at narrows what is remembered down
// to one address, unless it is empty.
func (v *visit) useOnce(m *ReplayMemory, p *fapi.ReceivedProof, at string, until time.Time) (string, error) {
	if p.Claims.JTI == "" {
		return "no jti", nil
	}
	switch m.use(p.Key.Thumbprint, p.Claims.JTI+at, v.now, until) {
	case seen:
		return p.Claims.JTI, control.ExpectedFix("jti", "a value not used before", quoted(p.Claims.JTI), "make a new proof for each request, retries included")
	case full:
		return p.Claims.JTI, control.Expected("replay memory", "room for another proof", "none")
	case unkept:
		return p.Claims.JTI, control.Expected("replay memory", "to keep the proof", "an error of the disk")
	}
	return p.Claims.JTI, nil
}
