package idp

import (
	"net/http"
	"sync/atomic"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// refreshToken is what is kept of one. All that grew out of a grant, one after the other, are its family.
type refreshToken struct {
	*grant
	remembered
	// retry is for how long it works after it was replaced.
	retry time.Duration
	// replaced is when its successor was first given out, in nanoseconds since 1970; 0 if it never was.
	replaced atomic.Int64
}

// renewal is a refresh token in the hands of somebody who wants a fresh access token for it.
type renewal struct {
	*refreshToken
	caller  *Client
	asked   fapi.Scope // empty for what was granted
	rotates bool       // the answer brings a new one
	now     time.Time
}

// refreshGuards. There is no rule about the key: the refresh token of a confidential client is
// protected by client authentication, and it may come with another DPoP key (RFC 9449 s5).
var refreshGuards = []control.Guard[renewal]{
	{Control: control.ASRefreshRevoked, Check: (*renewal).checkStanding, Answer: answerGrant},
	{Control: control.ASRefreshClient, Check: (*renewal).checkClient, Answer: answerGrant},
	{Control: control.ASRefreshScope, Check: (*renewal).checkScope, Answer: control.Answer{
		Status: http.StatusBadRequest, Code: "invalid_scope", Safe: "the scope exceeds what was granted"}},
}

// refreshOnce runs at the very end of a request: see spend.
var refreshOnce = []control.Guard[renewal]{
	{Control: control.ASRefreshOnce, Check: (*renewal).spend, Answer: answerGrant},
}

// checkStanding (RFC 7009 s2; RFC 6749 s4.1.2, for codes that came twice).
func (r *renewal) checkStanding() (string, error) {
	if r.withdrawn.Load() {
		return "", control.ExpectedFix("refresh token", "one that was not revoked", "one whose grant was withdrawn", "have the person sign in again")
	}
	return "", nil
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
	if !scopeWithin(r.asked, r.scope) {
		return string(r.asked), control.Expected("scope of the refresh", "any of "+string(r.scope), string(r.asked))
	}
	return string(r.asked), nil
}

// spend marks the token as replaced, where tokens rotate. A client that lost the answer may come again for a
// while (SP 5.3.2.1-9 note); whoever comes later has a token that somebody else has used, and since nobody
// can tell which of the two is the client, the whole family is withdrawn (BCP s4.14.2).
func (r *renewal) spend() (string, error) {
	if !r.rotates {
		return "", nil
	}
	if r.replaced.CompareAndSwap(0, r.now.UnixNano()) {
		r.changed()
		return "", nil
	}
	age := r.now.Sub(time.Unix(0, r.replaced.Load()))
	if age <= r.retry {
		return "a retry", nil
	}
	r.withdraw()
	return "", control.ExpectedFix("refresh token", "the latest, or the one before it for "+r.retry.String(),
		"one that was replaced "+age.Truncate(time.Second).String()+" ago; all of its family are now withdrawn",
		"keep the refresh token of each answer in place of the one before")
}

// refresh is the refresh_token grant (RFC 6749 s6). The token stays the same: rotating it locks honest
// clients out when an answer is lost, and protects no confidential client (SP 5.3.2.1-9). Where the dialect
// rotates all the same, a new one comes with each answer.
func (s *Server) refresh(t *tokenRequest) (*award, error) {
	secret := t.form.get("refresh_token")
	if secret == "" {
		return nil, malformed("expected a refresh_token, got none").because("RFC 6749 s6", "send the refresh_token of the token response, in the body")
	}
	found, ok := s.refreshTokens.get(digestOf(secret), t.now)
	if !ok {
		return nil, unusable("expected a refresh token that this server issued, got an unknown one").because("RFC 6749 s5.2, s6", "ask the person to sign in again: it has expired or was withdrawn, or is of another issuer")
	}
	if s.isOver(found.grant, t.now) {
		return nil, unusable("expected a refresh token of a session that is under way (online_access), got one of a session that is over")
	}
	asked := fapi.Scope(t.form.get("scope"))
	if err := checkScopeSyntax(asked); err != nil {
		return nil, err
	}
	r := &renewal{found, t.caller.client, asked, s.party.Dialect().RefreshRotation, t.now}
	if err := party.Enforce(t.ctx, s.party, r, refreshGuards); err != nil {
		return nil, err
	}
	audience, err := s.audienceFor(t.form, found.resources)
	if err != nil {
		return nil, err
	}
	details, err := s.detailsFor(t, found.details)
	if err != nil {
		return nil, err
	}
	if asked == "" {
		asked = found.scope
	}
	return &award{grant: found.grant, scope: asked, audience: audience, details: details, renewal: r, refresh: r.rotates}, nil
}
