package idp

import (
	"cmp"
	"fmt"
	"time"
)

// Lifetimes say how long things live. A zero stands for the default. What a guard limits is kept for
// much longer (keep), so that switching the guard off shows what it is for.
type Lifetimes struct {
	// Code is how long an authorization code can be redeemed: 60 s, which is also the most (SP 5.3.2.1-11).
	Code time.Duration
	// Request is the expires_in of a request_uri: 90 s; at least 5 s (RFC 9126 s2.2) and below 600 s
	// (SP 5.3.2.2-12).
	Request time.Duration
	// AccessToken is the life of access tokens: that of the profile's dialect, which SP leaves open and
	// wants short (SP 6.7).
	AccessToken time.Duration
	// IDToken is the life of ID tokens: 5 minutes.
	IDToken time.Duration
	// Refresh is the life of refresh tokens, counted from their issue: 30 days.
	Refresh time.Duration
	// RefreshRetry is for how long a refresh token that was replaced still works, for a client that lost
	// the answer (SP 5.3.2.1-9 note): 60 s. It counts only where refresh tokens rotate.
	RefreshRetry time.Duration
	// Session is how long a person stays signed in here: 8 hours, a working day.
	Session time.Duration
	// Interaction is how long a sign-in may take: 10 minutes.
	Interaction time.Duration
}

const keep = 24 * time.Hour

var defaultLifetimes = Lifetimes{
	Code: 60 * time.Second, Request: 90 * time.Second, IDToken: 5 * time.Minute, Refresh: 30 * 24 * time.Hour,
	RefreshRetry: 60 * time.Second, Session: 8 * time.Hour, Interaction: 10 * time.Minute,
}

// completed fills the zeroes in.
func (l Lifetimes) completed() Lifetimes {
	d := defaultLifetimes
	return Lifetimes{
		Code: cmp.Or(l.Code, d.Code), Request: cmp.Or(l.Request, d.Request), AccessToken: l.AccessToken,
		IDToken: cmp.Or(l.IDToken, d.IDToken), Refresh: cmp.Or(l.Refresh, d.Refresh), RefreshRetry: cmp.Or(l.RefreshRetry, d.RefreshRetry),
		Session: cmp.Or(l.Session, d.Session), Interaction: cmp.Or(l.Interaction, d.Interaction),
	}
}

// validate holds completed lifetimes against what the specifications permit.
func (l Lifetimes) validate() error {
	for _, r := range []struct {
		name                 string
		got, shortest, limit time.Duration
	}{
		{"code", l.Code, time.Second, 60 * time.Second},
		{"request", l.Request, 5 * time.Second, 600*time.Second - 1},
		{"access token", cmp.Or(l.AccessToken, time.Minute), time.Second, 24 * time.Hour},
		{"ID token", l.IDToken, time.Second, 24 * time.Hour},
		{"refresh token", l.Refresh, time.Second, 10 * 365 * 24 * time.Hour},
		{"refresh retry", l.RefreshRetry, time.Second, time.Hour},
		{"session", l.Session, time.Second, 30 * 24 * time.Hour},
		{"interaction", l.Interaction, time.Second, keep},
	} {
		if r.got < r.shortest || r.got > r.limit {
			return fmt.Errorf("idp: lifetime of a %s: expected %s to %s, got %s", r.name, r.shortest, r.limit.Truncate(time.Second), r.got)
		}
	}
	return nil
}
