package idp

import (
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"thiefbox/sim/fapi"
)

// held is an access token as it is remembered. There are many, and those of a client differ in little, so what they
// have in common is kept once.
type held struct {
	*grant
	common      *fapi.AccessToken // all but the following
	jti         string
	at, expires int64
	asked       atomic.Bool // about, since it was last its turn to make way
}

func (h *held) inUse() bool { return h.asked.Swap(false) }

// commons are what the latest token of each client has in common with the next, by client ID.
type commons struct{ latest sync.Map }

// holdToken remembers a token that was issued.
func (s *Server) holdToken(key digest, t issued, now, expires time.Time) {
	s.accessTokens.add(key, s.commons.held(t), now, expires)
}

func (c *commons) held(t issued) *held {
	h := &held{grant: t.grant, jti: t.claims.JTI, at: t.claims.IssuedAt, expires: t.claims.Expires}
	common := *t.claims
	common.JTI, common.IssuedAt, common.Expires = "", 0, 0
	if latest, ok := c.latest.Load(t.client.ID); ok && reflect.DeepEqual(latest, &common) {
		h.common = latest.(*fapi.AccessToken)
		return h
	}
	h.common = &common
	c.latest.Store(t.client.ID, h.common)
	return h
}

// accessToken finds a token by its digest, if it has not expired and nobody took it back.
func (s *Server) accessToken(key digest, now time.Time) (*issued, bool) {
	h, ok := s.accessTokens.get(key, now)
	if !ok {
		return nil, false
	}
	if !h.asked.Load() {
		h.asked.Store(true)
	}
	return h.issued(), true
}

func (h *held) issued() *issued {
	claims := *h.common
	claims.JTI, claims.IssuedAt, claims.Expires = h.jti, h.at, h.expires
	return &issued{h.grant, &claims}
}
