package idp

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// The userinfo endpoint (OIDC Core s5.3): an API of this server's own, which tells a client who has signed
// in. Tokens come in the Authorization header only (SP 5.3.4-2).

// exhibit is an access token as it is shown at userinfo.
type exhibit struct {
	*issued
	scheme, compact string
	proof           *proof     // nil unless the scheme is DPoP and a proof came
	certificate     *presented // nil if none came
	now             time.Time
	certified       string // where certificates are asked for
}

// userinfoGuards judge whether the token is in the right hands. The proof itself is judged by proofGuards,
// as everywhere.
var userinfoGuards = []control.Guard[exhibit]{
	{Control: control.ASUserinfoProof, Check: (*exhibit).checkPossession, Answer: control.Answer{
		Status: http.StatusUnauthorized, Code: "invalid_token", Safe: "the access token is bound to a key and came without its proof"}},
}

// checkPossession (RFC 9449 s7.1, s7.2, s4.3-12): of a bound token, the right scheme, a proof by its key, and for it.
func (e *exhibit) checkPossession() (string, error) {
	jkt := e.issued.claims.JKT()
	switch {
	case jkt == "":
		return e.checkCertificate()
	case e.scheme != "DPoP":
		return e.scheme, control.ExpectedFix("authentication scheme for a bound token", "DPoP", e.scheme, "send Authorization: DPoP <token> and a DPoP header")
	case e.proof == nil:
		return "", control.ExpectedFix("DPoP header", "a proof of possession", "", "send a DPoP proof with the request")
	case e.proof.thumbprint() != jkt:
		return e.proof.thumbprint(), control.Expected("key of the proof", jkt+", which the token is bound to", e.proof.thumbprint())
	case e.proof.Claims.ATH != fapi.Hash(e.compact):
		return e.proof.Claims.ATH, control.Expected("ath of the proof", fapi.Hash(e.compact)+", the hash of the token", e.proof.Claims.ATH)
	}
	return jkt, nil
}

// checkCertificate (RFC 8705 s3): of a token that is bound to one.
func (e *exhibit) checkCertificate() (string, error) {
	x5t := e.issued.claims.X5T()
	switch {
	case x5t == "":
		return e.scheme, nil
	case e.certificate == nil:
		return "", control.ExpectedFix("client certificate", "one with the thumbprint "+x5t, "", "call "+e.certified+" with the certificate the token was fetched with")
	case e.certificate.thumbprint != x5t:
		return e.certificate.thumbprint, control.Expected("thumbprint of the client certificate", x5t+", which the token is bound to", e.certificate.thumbprint)
	}
	return x5t, nil
}

func (s *Server) serveUserinfo(w http.ResponseWriter, r *http.Request) {
	e, err := s.readExhibit(r)
	if err == nil {
		err = s.judgeExhibit(r, e)
	}
	if err != nil {
		s.refuseResource(w, r, err)
		return
	}
	s.offerNonce(w, e.proof)
	s.party.Tell(r.Context(), event.Disclosed{Type: "identity", ID: e.issued.claims.JTI, Owner: e.client.ID})
	s.answerUserinfo(w, r, e)
}

// readExhibit takes the request apart and finds the token. A token nobody knows is no matter for a guard.
func (s *Server) readExhibit(r *http.Request) (*exhibit, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return nil, faultOf(http.StatusUnauthorized, "", "an access token is needed", "expected one Authorization header, got another number").because("OIDC Core s5.3.1; RFC 9449 s7.1", "send the access token as Authorization: DPoP, with a proof, or Bearer where it is not bound")
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	e := &exhibit{compact: strings.TrimSpace(token), now: s.now(), certified: firstOf(s.aliases.UserinfoEndpoint, s.at.userinfo)}
	switch {
	case strings.EqualFold(scheme, "DPoP"):
		e.scheme = "DPoP"
	case strings.EqualFold(scheme, "Bearer"):
		e.scheme = "Bearer"
	default:
		return nil, faultOf(http.StatusUnauthorized, "", "an access token is needed", "expected the scheme DPoP or Bearer, got "+quoteOrNothing(scheme))
	}
	var err error
	if e.certificate, err = s.readCertificate(r, e.now); err != nil {
		return nil, err
	}
	if e.scheme == "DPoP" {
		if e.proof, err = s.readProof(r, s.at.userinfo, e.now); err != nil {
			return nil, err
		}
	}
	found, ok := s.accessToken(digestOf(e.compact), e.now)
	if !ok || found.withdrawn.Load() {
		return nil, faultOf(http.StatusUnauthorized, "invalid_token", "the access token is not acceptable", "expected an access token of this server that works, got another")
	}
	e.issued = found
	if e.scheme == "DPoP" && found.claims.JKT() == "" {
		return nil, faultOf(http.StatusUnauthorized, "invalid_token", "the access token is not acceptable", "expected a token that is bound to a key under the scheme DPoP")
	}
	return e, nil
}

// judgeExhibit refuses, whatever the profile, a token without the scope openid or without a person: there is
// nothing to tell.
func (s *Server) judgeExhibit(r *http.Request, e *exhibit) error {
	if !e.issued.claims.Scope.Has("openid") || e.user == nil {
		return faultOf(http.StatusForbidden, "insufficient_scope", "the access token is not for this", "expected the scope openid, got "+quoteOrNothing(string(e.issued.claims.Scope))).because("OIDC Core s5.3.1; RFC 6750 s3.1", "have a person sign in for the scope openid: a client in its own name is nobody's user")
	}
	ctx := r.Context()
	if err := s.judgeCertificate(ctx, e.certificate, ""); err != nil {
		return err
	}
	if err := party.Enforce(ctx, s.party, e, userinfoGuards); err != nil {
		return err
	}
	if e.proof == nil {
		return nil
	}
	if err := s.isDenied(e.proof); err != nil {
		return err
	}
	if err := party.Enforce(ctx, s.party, e.proof, proofGuards); err != nil {
		return err
	}
	return party.Enforce(ctx, s.party, e.proof, proofOnce)
}

// answerUserinfo answers as the client has registered: JSON, or a JWT (OIDC Core s5.3.2).
func (s *Server) answerUserinfo(w http.ResponseWriter, r *http.Request, e *exhibit) {
	claims := e.userinfoClaims(e.issued.claims.Scope)
	if u := s.fhirUser(e.grant, e.issued.claims.Scope); u != "" {
		claims["fhirUser"], _ = json.Marshal(u) // strings always marshal
	}
	if e.client.UserinfoAlg == "" {
		writeJSON(w, http.StatusOK, claims)
		return
	}
	claims["iss"], _ = json.Marshal(s.issuer) // strings always marshal
	claims["aud"], _ = json.Marshal(e.client.ID)
	key := s.keys.signer(e.client.UserinfoAlg)
	signed, err := fapi.Sign(fapi.Header{Typ: "JWT", Kid: key.ID}, claims, key)
	if err != nil {
		s.refuseResource(w, r, err)
		return
	}
	maps.Copy(w.Header(), privateHeader)
	w.Header().Set("Content-Type", "application/jwt")
	_, _ = w.Write([]byte(signed)) // the client may have gone; there is nobody to tell
}

// refuseResource answers as an API does: what is the matter stands in the challenge (RFC 6750 s3, RFC 9449
// s7.1), and there is none of it for who showed no token.
func (s *Server) refuseResource(w http.ResponseWriter, r *http.Request, err error) {
	a := s.answerTo(r, err)
	if a.Code == answerProof.Code || a.Challenge {
		a.Status = http.StatusUnauthorized
	}
	if a.Challenge {
		w.Header().Set("DPoP-Nonce", s.nonces.current(s.now())) // RFC 9449 s9
	}
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	challenge := "DPoP"
	if s.party.Dialect().Constraint == control.Bearer || strings.EqualFold(scheme, "Bearer") {
		challenge = "Bearer"
	}
	challenge += ` realm="` + s.issuer + `"`
	if a.Code != "" {
		challenge += `, error="` + a.Code + `", error_description="` + a.Safe + `"`
	}
	if a.Status == http.StatusForbidden {
		challenge += `, scope="openid"`
	}
	if strings.HasPrefix(challenge, "DPoP") {
		challenge += `, algs="` + strings.Join(fapi.Algorithms, " ") + `"`
	}
	w.Header().Set("WWW-Authenticate", challenge)
	writeJSON(w, a.Status, fapi.TokenResponse{Error: a.Code, ErrorDescription: a.Safe})
}
