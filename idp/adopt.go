package idp

import (
	"context"
	"time"

	"thiefbox/sim/fapi"
)

// Adopt makes an access token, signed elsewhere with the key of this server, one that it issued:
// introspection and revocation know it from now on. Tests ask for tokens to their own liking this way.
// A client or a subject that nobody registered is taken as it stands.
func (s *Server) Adopt(token string, claims fapi.AccessToken) {
	client := s.clients[claims.ClientID]
	if client == nil {
		client = &Client{ID: claims.ClientID}
	}
	g := &grant{client: client, scope: claims.Scope, resources: claims.Audience.Values}
	for _, u := range s.users {
		if u.Subject == claims.Subject {
			g.user = u
		}
	}
	s.holdToken(digestOf(token), issued{g, &claims}, s.now(), time.Unix(claims.Expires, 0))
	s.settle(context.Background())
}

// Nonces are the DPoP nonces that the server takes at present, the newest first. There are always
// several, and none of them is a secret: each is offered to whoever asks (RFC 9449 s8).
func (s *Server) Nonces() []string {
	good := s.nonces.at(s.now()).good
	return good[:]
}
