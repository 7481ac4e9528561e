package idp

import (
	"slices"
	"sync"
	"time"

	"thiefbox/sim/fapi"
)

// session is one person signed in at one browser.
type session struct {
	remembered
	user *User
	at   time.Time // auth_time
	rank int       // of the level she reached: its place in Server.levels
	key  digest    // of its cookie

	mu     sync.Mutex
	agreed map[string]fapi.Scope // by client: what she has agreed to in this session
	grants []*grant              // that came of it
}

// agree remembers what was allowed, and the grant that came of it.
func (who *session) agree(g *grant) {
	defer who.changed()
	who.mu.Lock()
	defer who.mu.Unlock()
	if who.agreed == nil {
		who.agreed = map[string]fapi.Scope{}
	}
	who.agreed[g.client.ID] = g.scope
	if len(who.grants) < maxGrants {
		who.grants = append(who.grants, g)
	}
}

// maxGrants bounds what a session remembers: beyond it, grants outlive a sign-out as they do elsewhere.
const maxGrants = 1000

// hasAgreed tells whether the person has lately allowed a client as much, so that a request without pages can be
// answered. Claims that are asked for one by one, and authorization details, are asked about each time.
func (who *session) hasAgreed(q *request) bool {
	who.mu.Lock()
	defer who.mu.Unlock()
	scope, ok := who.agreed[q.client.ID]
	return ok && scopeWithin(q.scope, scope) && len(q.claims.Userinfo) == 0 && len(q.claims.IDToken) == 0 && len(q.details) == 0
}

// end returns the grants of a session that is over.
func (who *session) end() []*grant {
	who.mu.Lock()
	defer who.mu.Unlock()
	return slices.Clone(who.grants)
}
