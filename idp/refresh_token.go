package idp

import (
	"net/http"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// renewal is a refresh token in the hands of somebody who wants a fresh access token for it.
type renewal struct {
	*grant
	caller *Client
	asked  fapi.Scope // empty for what was granted
}

// refreshGuards. There is no rule about the key: the refresh token of a confidential client is
// protected by client authentication, and it may come with another DPoP key (RFC 9449 s5).
var refreshGuards = []control.Guard[renewal]{
	{Control: control.ASRefreshClient, Check: (*renewal).checkClient, Answer: answerGrant},
	{Control: control.ASRefreshScope, Check: (*renewal).checkScope, Answer: control.Answer{
		Status: http.StatusBadRequest, Code: "invalid_scope", Safe: "the scope exceeds what was granted"}},
}

// checkClient (RFC 6749 s6, s10.4).
func (r *renewal) checkClient() (string, error) {
	if r.caller.ID != r.client.ID {
		return r.caller.ID, control.Expected("client of the refresh token", r.client.ID, r.caller.ID)
	}
	return r.caller.ID, nil
}

// checkScope (RFC 6749 s6).
func (r *renewal) checkScope() (string, error) {
	if !r.asked.Within(r.scope) {
		return string(r.asked), control.Expected("scope of the refresh", "any of "+string(r.scope), string(r.asked))
	}
	return string(r.asked), nil
}

// refresh is the refresh_token grant (RFC 6749 s6). The token stays the same: rotating it locks honest
// clients out when an answer is lost, and protects no confidential client (SP 5.3.2.1-9).
func (s *Server) refresh(t *tokenRequest) (*award, error) {
	secret := t.form.get("refresh_token")
	if secret == "" {
		return nil, malformed("expected a refresh_token, got none")
	}
	g, ok := s.refreshTokens.get(digestOf(secret), t.now)
	if !ok || g.withdrawn.Load() {
		return nil, unusable("expected a refresh token that this server issued and has not withdrawn")
	}
	asked := fapi.Scope(t.form.get("scope"))
	if err := checkScopeSyntax(asked); err != nil {
		return nil, err
	}
	r := &renewal{g, t.caller.client, asked}
	if err := party.Enforce(t.ctx, s.party, r, refreshGuards); err != nil {
		return nil, err
	}
	audience, err := s.audienceFor(t.form, g.resources)
	if err != nil {
		return nil, err
	}
	if asked == "" {
		asked = g.scope
	}
	return &award{grant: g, scope: asked, audience: audience}, nil
}
