package idp

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Token exchange (RFC 8693): an API that was called with a token calls another API for the same person. It shows the
// token, authenticates as the client it is, and gets one that names it as the actor and is bound to its own key. What
// comes in is an access token of this server; there are no actor tokens and no refresh tokens, and the new token
// lives no longer than the old one.

const typeAccessToken = "urn:ietf:params:oauth:token-type:access_token"

// exchangeGuards judge the token that is shown. That the client may exchange at all is a matter of its grant types,
// and where it may go of its registration.
var exchangeGuards = []control.Guard[exchange]{
	{Control: control.ASExchangeAudience, Check: (*exchange).checkAudience, Answer: answerGrant},
	{Control: control.ASExchangeScope, Check: (*exchange).checkScope, Answer: control.Answer{
		Status: http.StatusBadRequest, Code: "invalid_scope", Safe: "the scope exceeds that of the subject token"}},
}

// exchange is an access token in the hands of an API that wants another one for it.
type exchange struct {
	*issued
	caller *Client
	scope  fapi.Scope
}

// checkAudience (RFC 8693 s2.1, s5).
func (e *exchange) checkAudience() (string, error) {
	if e.caller.API != "" && e.issued.claims.Audience.Has(e.caller.API) {
		return e.caller.API, nil
	}
	return e.caller.API, control.ExpectedFix("audience of the subject token", firstOf(e.caller.API, "the API that "+e.caller.ID+" is"),
		audienceText(e.issued.claims.Audience), "exchange the token that your API was called with")
}

// checkScope (RFC 8693 s2.1).
func (e *exchange) checkScope() (string, error) {
	if scopeWithin(e.scope, e.issued.claims.Scope) {
		return string(e.scope), nil
	}
	return string(e.scope), control.Expected("scope of the exchange", "any of "+string(e.issued.claims.Scope), string(e.scope))
}

// exchange is the token-exchange grant.
func (s *Server) exchange(t *tokenRequest) (*award, error) {
	subject, err := s.subjectToken(t)
	if err != nil {
		return nil, err
	}
	scope := fapi.Scope(t.form.get("scope"))
	if err := checkScopeSyntax(scope); err != nil {
		return nil, err
	}
	if scope == "" {
		scope = subject.claims.Scope
	}
	client := t.caller.client
	e := &exchange{subject, client, scope}
	if err := party.Enforce(t.ctx, s.party, e, exchangeGuards); err != nil {
		return nil, err
	}
	audience, err := s.downstream(t.form, client)
	if err != nil {
		return nil, err
	}
	actor, err := json.Marshal(actorOf(client, s.issuer, subject.claims.Actor, s.national()))
	if err != nil {
		return nil, err
	}
	return &award{
		grant: subject.grant, scope: scope, audience: audience, actor: actor, issuedType: typeAccessToken,
		until: time.Unix(subject.claims.Expires, 0),
	}, nil
}

// subjectToken finds the token that is to be exchanged.
func (s *Server) subjectToken(t *tokenRequest) (*issued, error) {
	f := t.form
	switch kind := f.get("subject_token_type"); {
	case f.get("subject_token") == "":
		return nil, malformed("expected a subject_token, got none").because("RFC 8693 s2.1", "send the access token that was received as subject_token")
	case kind != typeAccessToken:
		return nil, malformed("expected subject_token_type %s, got %s", typeAccessToken, quoteOrNothing(kind)).because("RFC 8693 s2.1, s3", "send it beside the subject_token")
	case f.get("actor_token") != "":
		return nil, malformed("expected no actor_token, got one").because("RFC 8693 s2.1", "leave it out: the actor is the client that authenticates")
	}
	if kind := f.get("requested_token_type"); kind != "" && kind != typeAccessToken {
		return nil, malformed("expected requested_token_type %s, got %q", typeAccessToken, kind).because("RFC 8693 s2.1, s3", "leave it out, or send this one")
	}
	found, ok := s.accessToken(digestOf(f.get("subject_token")), t.now)
	if !ok || found.withdrawn.Load() {
		return nil, unusable("expected a subject_token of this server that works, got another") // RFC 8693 s2.2.2
	}
	return found, nil
}

// downstream is where the new token may be used: what was asked for as resource or audience (RFC 8693 s2.1), or all
// that the client is registered to call.
func (s *Server) downstream(f form, c *Client) ([]string, error) {
	asked, err := s.readResources(f)
	if err != nil {
		return nil, err
	}
	if name := f.get("audience"); name != "" && !slices.Contains(asked, name) {
		asked = append(asked, name)
	}
	if len(asked) == 0 {
		asked = c.Downstream
	}
	for _, r := range asked {
		if !slices.Contains(c.Downstream, r) {
			return nil, unknownTarget("expected an API that %s is registered to call, among %q, got %q", c.ID, c.Downstream, r)
		}
	}
	if len(asked) == 0 {
		return nil, unknownTarget("expected a client that is registered to call another API; %s is not", c.ID)
	}
	return asked, nil
}

// actor is the act claim (RFC 8693 s4.1): who acts, and for whom he took over.
type actor struct {
	Subject string          `json:"sub,omitempty"`
	Issuer  string          `json:"issuer,omitempty"` // these three as HelseID writes them
	Client  string          `json:"client_id,omitempty"`
	Parent  string          `json:"orgnr_parent,omitempty"`
	Before  json.RawMessage `json:"act,omitempty"`
}

func actorOf(c *Client, issuer string, before json.RawMessage, national bool) actor {
	if national {
		return actor{Issuer: issuer, Client: c.ID, Parent: c.Organisation, Before: before}
	}
	return actor{Subject: c.ID, Before: before}
}
