package idp

import (
	"net/http"
	"strconv"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// DPoP proofs (RFC 9449 s4.3), at PAR if one comes and at the token endpoint. That one must come is
// a rule of the token endpoint alone.

// proofWindow is how old, and how far ahead, a proof may be (SP 5.3.2.1-13).
var proofWindow = fapi.Window{Past: time.Minute, Future: time.Minute}

// proof is the first DPoP header of a request.
type proof struct {
	*fapi.ReceivedProof
	s       *Server
	now     time.Time
	method  string
	at      string // URL of the endpoint
	headers int    // how many DPoP headers there are
	spent   bool   // its jti was marked as used by this very request
}

var proofGuards = []control.Guard[proof]{
	{Control: control.ASDPoPOneProof, Check: (*proof).checkOne, Answer: answerProof},
	{Control: control.ASDPoPTyp, Check: (*proof).checkTyp, Answer: answerProof},
	{Control: control.ASDPoPAlg, Check: (*proof).checkAlg, Answer: answerProof},
	{Control: control.ASDPoPPrivateKey, Check: (*proof).checkNoPrivateKey, Answer: answerProof},
	{Control: control.ASDPoPSignature, Check: (*proof).checkSignature, Answer: answerProof},
	{Control: control.ASDPoPHTM, Check: (*proof).checkMethod, Answer: answerProof},
	{Control: control.ASDPoPHTU, Check: (*proof).checkURL, Answer: answerProof},
	{Control: control.ASDPoPIat, Check: (*proof).checkIssuedAt, Answer: answerProof},
	{Control: control.ASDPoPNonce, Check: (*proof).checkNonce, Answer: control.Answer{
		Status: http.StatusBadRequest, Code: "use_dpop_nonce", Safe: "use the nonce of the DPoP-Nonce header", Challenge: true}},
}

// proofOnce runs at the very end of a request: see spend.
var proofOnce = []control.Guard[proof]{
	{Control: control.ASDPoPJTI, Check: (*proof).spendJTI, Answer: answerProof},
}

// readProof takes the proof of a request apart; nil if none came. Of several it takes the first, as
// http.Header.Get does. A proof without jti is no proof (RFC 9449 s4.2).
func (s *Server) readProof(r *http.Request, at string, now time.Time) (*proof, error) {
	headers := r.Header.Values("DPoP")
	if len(headers) == 0 {
		return nil, nil
	}
	received, err := fapi.ParseProof(headers[0])
	if err != nil {
		return nil, newFault(answerProof, "DPoP proof: "+err.Error()).because("RFC 9449 s4.2", "send one signed JWT with the header members typ, alg and jwk, and the claims jti, htm, htu and iat")
	}
	if received.Claims.JTI == "" {
		return nil, newFault(answerProof, "DPoP proof: expected a jti, got nothing").because("RFC 9449 s4.2", "set jti to something random, such as a UUID")
	}
	return &proof{ReceivedProof: received, s: s, now: now, method: r.Method, at: s.called(r, at), headers: len(headers)}, nil
}

// thumbprint is the key the proof shows; empty if there is no proof.
func (p *proof) thumbprint() string {
	if p == nil {
		return ""
	}
	return p.Key.Thumbprint
}

// checkOne (RFC 9449 s4.3-1).
func (p *proof) checkOne() (string, error) {
	if p.headers != 1 {
		return "", control.Expected("DPoP headers", "exactly one", strconv.Itoa(p.headers))
	}
	return "one header", nil
}

// checkTyp (RFC 9449 s4.3-4).
func (p *proof) checkTyp() (string, error) {
	typ := p.JWT.Header.Typ
	if p.JWT.CheckTyp(fapi.TypProof) != nil {
		return typ, control.Expected("typ of the proof", fapi.TypProof, typ)
	}
	return typ, nil
}

// checkAlg (RFC 9449 s4.3-5; SP 5.4.1).
func (p *proof) checkAlg() (string, error) { return p.s.checkAlg("proof", p.JWT) }

// checkNoPrivateKey (RFC 9449 s4.3-7).
func (p *proof) checkNoPrivateKey() (string, error) {
	if fapi.HasPrivate(p.JWT.Header.JWK) {
		return "", control.ExpectedFix("jwk of the proof", "a public key", "a private one",
			"this key is no secret any more: make a new one, and export only its public half")
	}
	return p.Key.Thumbprint, nil
}

// checkSignature (RFC 9449 s4.3-6). The algorithm is a matter for checkAlg.
func (p *proof) checkSignature() (string, error) {
	if p.s.memo.Verify(p.JWT, p.Key.Key) != nil {
		return p.Key.Thumbprint, wrongSignature("proof", "one by the key in its jwk", p.JWT)
	}
	return p.Key.Thumbprint, nil
}

// checkMethod (RFC 9449 s4.3-8).
func (p *proof) checkMethod() (string, error) {
	if p.Claims.HTM != p.method {
		return p.Claims.HTM, control.Expected("htm of the proof", p.method, p.Claims.HTM)
	}
	return p.Claims.HTM, nil
}

// checkURL (RFC 9449 s4.3-9).
func (p *proof) checkURL() (string, error) {
	htu := fapi.WithoutQuery(p.Claims.HTU)
	if alias := p.s.alias(p.at); !fapi.SameURI(htu, p.at) && (alias == "" || !fapi.SameURI(htu, alias)) {
		return p.Claims.HTU, control.Expected("htu of the proof", p.at, p.Claims.HTU)
	}
	return p.Claims.HTU, nil
}

// checkIssuedAt (RFC 9449 s4.3-11), also when there is a nonce.
func (p *proof) checkIssuedAt() (string, error) {
	if fapi.CheckTime("iat", p.Claims.IAT, p.now, proofWindow) != nil {
		return "", control.ExpectedFix("iat of the proof", "at most 60 s old or ahead", moment(p.Claims.IAT, p.now),
			setTheClock(p.Claims.IAT, p.now, "make a new proof for every request, and set the clock of the client"))
	}
	return "", nil
}

// checkNonce (RFC 9449 s8).
func (p *proof) checkNonce() (string, error) {
	if !p.s.nonces.valid(p.Claims.Nonce, p.now) {
		return p.Claims.Nonce, control.ExpectedFix("nonce of the proof", "one this server issued in the last three minutes", p.Claims.Nonce,
			"repeat the request with the nonce of the DPoP-Nonce header")
	}
	return p.Claims.Nonce, nil
}

// spendJTI remembers a proof for as long as its iat is acceptable (RFC 9449 s11.1).
func (p *proof) spendJTI() (string, error) {
	jti, from := p.Claims.JTI, p.now
	if iat := time.Unix(p.Claims.IAT, 0); iat.After(from) {
		from = iat // dated ahead, so acceptable for longer
	}
	until := from.Add(proofWindow.Past + time.Second)
	if limit := p.now.Add(keep); until.After(limit) {
		until = limit
	}
	if !p.s.seen.add(p.jtiDigest(), p.now, until) {
		return jti, control.ExpectedFix("jti of the proof", "one that was not used before", jti, "make a new proof for every request")
	}
	p.spent = true
	return jti, nil
}

// unspend takes it back: another one-time check has refused the same request.
func (p *proof) unspend() {
	if p != nil && p.spent {
		p.s.seen.remove(p.jtiDigest())
		p.spent = false
	}
}

// jtiDigest has the key in it: a jti is unique only among its maker's.
func (p *proof) jtiDigest() digest {
	return digestOf("proof\x00" + p.Key.Thumbprint + "\x00" + p.Claims.JTI)
}

// offerNonce sends the current nonce along with a success when the proof used an older one, so that
// the client need not be refused for it soon (RFC 9449 s8.2). A client that uses no nonce is not made to.
func (s *Server) offerNonce(w http.ResponseWriter, p *proof) {
	if p == nil || p.Claims.Nonce == "" {
		return
	}
	if current := s.nonces.current(p.now); current != p.Claims.Nonce {
		w.Header().Set("DPoP-Nonce", current)
	}
}
