package idp

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// The token endpoint (RFC 6749 s3.2). Whatever the grant, a request goes the same way: read it, know
// the caller, judge the grant, judge the key, use up what may be used once, issue.

// tokenRequest is a request for tokens, read but not judged.
type tokenRequest struct {
	ctx    context.Context
	now    time.Time
	form   form
	caller *caller
	proof  *proof // nil if none came
}

// grants are the grant types, and how each finds out what the client is entitled to. There is no
// password grant (SP 5.3.2.1-2).
var grants = map[string]func(*Server, *tokenRequest) (*award, error){
	grantAuthorizationCode: (*Server).redeemCode,
	grantClientCredentials: (*Server).grantToClient,
	grantRefreshToken:      (*Server).refresh,
	grantTokenExchange:     (*Server).exchange,
}

// award is what a token request is entitled to.
type award struct {
	*grant
	scope      fapi.Scope      // of the access token
	audience   []string        // of the access token
	details    []detail        // of the access token
	inside     []detail        // likewise, which came inside the client's assertion
	says       granted         // what the details come to
	issuedType string          // of a token that was exchanged for
	until      time.Time       // the access token lives no longer; zero for as long as usual
	actor      json.RawMessage // who acts for the subject; nil for the client itself
	code       *redemption     // nil unless a code was redeemed
	renewal    *renewal        // nil unless a refresh token was used
	refresh    bool            // a refresh token goes with it
	idToken    bool            // an ID token goes with it
}

// senderGuards judge whether there is a key at all, keyGuards whether it is the right one.
var (
	senderGuards = []control.Guard[tokenRequest]{
		{Control: control.ASSenderConstrained, Check: (*tokenRequest).checkConstrained, Answer: control.Answer{
			Status: http.StatusBadRequest, Code: "invalid_dpop_proof", Safe: "a DPoP proof is required"}},
	}
	keyGuards = []control.Guard[keyUse]{
		{Control: control.ASCodeDPoPKey, Check: (*keyUse).checkCode, Answer: answerGrant},
		{Control: control.ASDPoPKeyPinned, Check: (*keyUse).checkPinned, Answer: answerProof},
	}
)

// checkConstrained (SP 5.3.2.1-4, -5; RFC 9449 s5; RFC 8705 s3.4). A proof counts for more than a
// certificate: the token is then bound to the proof's key alone.
func (t *tokenRequest) checkConstrained() (string, error) {
	switch {
	case t.proof != nil:
		return "DPoP", nil
	case t.caller.binding() != "":
		return t.caller.binding(), nil
	case t.caller.client.CertificateBound && t.caller.s.mutual:
		return "", control.ExpectedFix("client certificate or DPoP header", "a proof of possession", "",
			"show the client certificate at the endpoints of mtls_endpoint_aliases, or send a DPoP proof with the token request")
	}
	return "", control.ExpectedFix("DPoP header", "a proof of possession", "", "send a DPoP proof with the token request")
}

// keyUse is a key in use at the token endpoint.
type keyUse struct {
	client *Client
	code   *redemption // nil unless a code is redeemed
	jkt    string      // of the proof; empty if there is none
}

// checkCode (RFC 9449 s10; SP 5.3.2.1-12). A code bound to a key is not redeemed without one.
func (k *keyUse) checkCode() (string, error) {
	if k.code == nil || k.code.jkt == "" || k.code.jkt == k.jkt {
		return k.jkt, nil
	}
	return k.jkt, control.Expected("key of the proof", k.code.jkt+", which the code is bound to", k.jkt)
}

// checkPinned: a client that registered no key may use any.
func (k *keyUse) checkPinned() (string, error) {
	if k.jkt == "" || len(k.client.DPoPKeys) == 0 || slices.Contains(k.client.DPoPKeys, k.jkt) {
		return k.jkt, nil
	}
	return k.jkt, control.Expected("key of the proof", "one registered for "+k.client.ID, k.jkt)
}

var answerUnbound = control.Answer{Status: http.StatusBadRequest, Code: "invalid_request", Safe: "a client certificate or a DPoP proof is required"}

func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	t, err := s.readTokenRequest(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	response, err := s.answerToken(t)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.offerNonce(w, t.proof)
	writeBody(w, http.StatusOK, response.JSON())
}

func (s *Server) readTokenRequest(r *http.Request) (*tokenRequest, error) {
	f, err := postForm(r)
	if err != nil {
		return nil, err
	}
	t := &tokenRequest{ctx: r.Context(), now: s.now(), form: f}
	if t.caller, err = s.readCaller(r, f, s.at.token, t.now); err != nil {
		return nil, err
	}
	if t.proof, err = s.readProof(r, s.at.token, t.now); err != nil {
		return nil, err
	}
	grantType := f.get("grant_type")
	if grantType == "" {
		return nil, malformed("expected a grant_type, got nothing").because("RFC 6749 s4.1.3, s4.4.2, s6", "send grant_type in the body, as a form")
	}
	if grants[grantType] == nil {
		return nil, faultOf(http.StatusBadRequest, "unsupported_grant_type", "the grant type is not supported",
			"expected authorization_code, client_credentials, refresh_token or token-exchange, got "+quoteOrNothing(grantType)).because("RFC 6749 s5.2; SP 5.3.2.1-2", adviceForGrant(grantType))
	}
	return t, nil
}

func adviceForGrant(got string) string {
	switch {
	case grants[strings.TrimSpace(got)] != nil:
		return "take the white space away"
	case got == "password" || got == "implicit":
		return "people sign in through the browser, with authorization_code: there is no other way for them"
	}
	return "send one of these, to the letter"
}

func (s *Server) answerToken(t *tokenRequest) (*fapi.TokenResponse, error) {
	if err := s.authenticate(t.ctx, t.caller); err != nil {
		return nil, err
	}
	grantType := t.form.get("grant_type")
	w := &wish{client: t.caller.client, grantType: grantType}
	if err := party.Enforce(t.ctx, s.party, w, grantTypeGuards); err != nil {
		return nil, err
	}
	a, err := grants[grantType](s, t)
	if err != nil {
		return nil, err
	}
	if err := s.addAssertionDetails(t, a); err != nil {
		return nil, err
	}
	if err := s.grantDetails(a); err != nil {
		return nil, err
	}
	if err := s.judgeKey(t, a); err != nil {
		return nil, err
	}
	if err := s.spend(t.ctx, t.caller, t.proof, a); err != nil {
		return nil, err
	}
	return s.issueTokens(t, a)
}

func (s *Server) judgeKey(t *tokenRequest, a *award) error {
	if err := s.isDenied(t.proof); err != nil {
		return err
	}
	if err := enforceOn(t.ctx, s, t.caller.client.ID, t, senderGuards); err != nil {
		if refusal := control.RefusalOf(err); refusal != nil && t.caller.client.CertificateBound {
			refusal.Answer = answerUnbound // an error about proofs would puzzle a client that uses certificates
		}
		return err
	}
	if t.proof != nil {
		if err := party.Enforce(t.ctx, s.party, t.proof, proofGuards); err != nil {
			return err
		}
	}
	return party.Enforce(t.ctx, s.party, &keyUse{t.caller.client, a.code, t.proof.thumbprint()}, keyGuards)
}

// audienceFor is the APIs a token is for: those asked for, which must have been granted, or all that
// were (RFC 8707 s2.2).
func (s *Server) audienceFor(f form, granted []string) ([]string, error) {
	asked, err := s.readResources(f)
	if err != nil {
		return nil, err
	}
	if len(asked) == 0 {
		return granted, nil
	}
	for _, r := range asked {
		if !slices.Contains(granted, r) {
			return nil, unknownTarget("expected one of the granted resources %q, got %q", granted, r)
		}
	}
	return asked, nil
}
