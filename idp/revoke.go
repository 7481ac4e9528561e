package idp

import (
	"net/http"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Token revocation (RFC 7009).

var revocationGuards = []control.Guard[revocation]{
	{Control: control.ASRevocationClient, Check: (*revocation).checkClient, Answer: answerGrant},
}

// revocation is a wish to have a token withdrawn.
type revocation struct {
	*grant
	caller *Client
}

// checkClient (RFC 7009 s2.1).
func (r *revocation) checkClient() (string, error) {
	if r.caller.ID != r.client.ID {
		return r.caller.ID, control.Expected("client of the token", r.client.ID, r.caller.ID)
	}
	return r.caller.ID, nil
}

func (s *Server) serveRevoke(w http.ResponseWriter, r *http.Request) {
	if err := s.revoke(r); err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
}

// revoke withdraws a token. The hint about its type is only a hint, so it is not even read; a token
// nobody knows is as good as withdrawn (RFC 7009 s2.1, s2.2).
func (s *Server) revoke(r *http.Request) error {
	f, err := postForm(r)
	if err != nil {
		return err
	}
	token, now, ctx := f.get("token"), s.now(), r.Context()
	c, err := s.readCaller(r, f, s.at.revoke, now)
	if err != nil {
		return err
	}
	if token == "" {
		return malformed("expected a token, got none").because("RFC 7009 s2.1", "send the token as the parameter token, in the body")
	}
	if err := s.authenticate(ctx, c); err != nil {
		return err
	}
	key := digestOf(token)
	access, isAccess := s.accessToken(key, now)
	refresh, isRefresh := s.refreshTokens.get(key, now)
	if !isAccess && !isRefresh {
		return s.spend(ctx, c, nil, nil)
	}
	var g *grant
	if isRefresh {
		g = refresh.grant
	} else {
		g = access.grant
	}
	if err := party.Enforce(ctx, s.party, &revocation{g, c.client}, revocationGuards); err != nil {
		return err
	}
	if err := s.spend(ctx, c, nil, nil); err != nil {
		return err
	}
	if isRefresh {
		// Its access tokens go with it (RFC 7009 s2.1), and so do those of its family that came after it.
		if g.withdraw() {
			s.party.Tell(ctx, event.Withdrawn{Type: "refresh_token", ID: fapi.Hash(token), Owner: g.client.ID})
		}
		return nil
	}
	s.accessTokens.remove(key)
	s.party.Tell(ctx, event.Withdrawn{Type: "access_token", ID: access.claims.JTI, Owner: g.client.ID})
	return nil
}
