package idp

import (
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// grantToClient is the client_credentials grant (RFC 6749 s4.4): the client in its own name. It gets no
// refresh token (s4.4.3), having its credentials.
func (s *Server) grantToClient(t *tokenRequest) (*award, error) {
	client := t.caller.client
	scope := fapi.Scope(t.form.get("scope"))
	if err := checkScopeSyntax(scope); err != nil {
		return nil, err
	}
	if scope == "" {
		scope = client.Scope // RFC 6749 s3.3: a default, which is all it is registered for
	}
	w := &wish{client: client, grantType: grantClientCredentials, scope: scope}
	if err := party.Enforce(t.ctx, s.party, w, scopeGuards); err != nil {
		return nil, err
	}
	audience, err := s.audienceFor(t.form, s.everyAPI)
	if err != nil {
		return nil, err
	}
	details, err := s.readDetails(client, t.form.get("authorization_details"), s.national())
	if err != nil {
		return nil, err
	}
	g := &grant{client: client, scope: scope, details: details, resources: s.everyAPI}
	return &award{grant: g, scope: scope, audience: audience, details: details}, nil
}
