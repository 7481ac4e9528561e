package idp

import (
	"context"
	"encoding/hex"
	"strings"
	"sync/atomic"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// Authorization codes (RFC 6749 s4.1), and the grants they stand for.

// grant is what a person, or the registration, allowed a client. Every token that grows out of it
// points back to it, so that all can be withdrawn at once (SP 6.8).
type grant struct {
	client    *Client
	user      *User // nil if the client acts in its own name
	scope     fapi.Scope
	details   []detail  // RFC 9396
	resources []string  // the APIs that tokens may be for
	authTime  time.Time // when the person signed in
	acr       string    // how, by the name of a level
	amr       []string
	sid       string        // of the session it was allowed in (OIDC Front-Channel Logout s3)
	claims    claimsRequest // what she allowed to be told of her beyond the scope
	launch    *fapi.Launch  // what the app was opened on; nil for nothing
	online    digest        // of the session without which it is not renewed (online_access); zero for none
	withdrawn atomic.Bool   // by withdraw
	kept      atomic.Pointer[keptGrant]
}

// subject is whom the tokens speak for. A client in its own name is its own subject (RFC 9068 s2.2).
func (g *grant) subject() string {
	if g.user == nil {
		return g.client.ID
	}
	return g.user.Subject
}

// code is an authorization code, and what its request said.
type code struct {
	*grant
	remembered
	redirectURI, challenge, method, nonce, jkt string
	stateHash                                  string // s_hash (FAPI 1.0 Part 2 s5.1.1), which HelseID has; else empty
	issued                                     time.Time
	lifetime                                   time.Duration
	spent                                      atomic.Bool
}

func (s *Server) issueCode(ctx context.Context, q *request, g *grant) string {
	now, secret := s.now(), s.party.Dice.Token()
	c := &code{
		grant:       g,
		redirectURI: q.redirectURI, challenge: q.challenge, method: q.method, nonce: q.nonce, jkt: q.jkt, issued: now, lifetime: s.lifetimes().Code,
	}
	if s.national() && q.state != "" {
		c.stateHash = accessTokenHash(q.state, s.party.Dialect().TokenAlg)
	}
	s.codes.add(digestOf(secret), c, now, now.Add(keep))
	s.party.Tell(ctx, event.Issued{Type: "code", ID: fapi.Hash(secret), Client: q.client.ID, Subject: c.subject(), Scope: string(q.scope), Bound: q.jkt})
	return secret
}

// grantOf is what the person allows by answering a request.
func (s *Server) grantOf(i *interaction, who *session) *grant {
	q := i.request
	g := &grant{
		launch: i.context(who),
		client: q.client, user: who.user, scope: q.scope, details: q.details, resources: q.resources, authTime: who.at,
		acr: s.achieved(&q.demands, who.rank), amr: s.levels[who.rank].AMR, claims: q.claims, sid: strings.ToUpper(hex.EncodeToString(who.key[:16])),
	}
	if q.scope.Has("online_access") && !q.scope.Has("offline_access") {
		g.online = who.key
	}
	if len(g.resources) == 0 {
		g.resources = s.everyAPI
	}
	who.agree(g)
	return g
}
