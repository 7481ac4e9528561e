package idp

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
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
	// Launch is how long an app has that was opened from an EHR: 5 minutes.
	Launch time.Duration
}

const keep = 24 * time.Hour

// LifetimeKind is one of the lifetimes, by name.
type LifetimeKind struct {
	Name, Of        string
	Default         time.Duration // 0 for what the dialect says
	Shortest, Limit time.Duration // both permitted
	In              func(*Lifetimes) *time.Duration
}

// LifetimeKinds are all lifetimes, with what the specifications permit.
func LifetimeKinds() []LifetimeKind {
	const day = 24 * time.Hour
	return []LifetimeKind{
		{"code", "a code", time.Minute, time.Second, time.Minute, func(l *Lifetimes) *time.Duration { return &l.Code }},
		{"request_uri", "a request_uri", 90 * time.Second, 5 * time.Second, 600*time.Second - 1, func(l *Lifetimes) *time.Duration { return &l.Request }},
		{"access_token", "an access token", 0, time.Second, day, func(l *Lifetimes) *time.Duration { return &l.AccessToken }},
		{"id_token", "an ID token", 5 * time.Minute, time.Second, day, func(l *Lifetimes) *time.Duration { return &l.IDToken }},
		{"refresh_token", "a refresh token", 30 * day, time.Second, 10 * 365 * day, func(l *Lifetimes) *time.Duration { return &l.Refresh }},
		{"refresh_retry", "a refresh token that was replaced", time.Minute, time.Second, time.Hour, func(l *Lifetimes) *time.Duration { return &l.RefreshRetry }},
		{"session", "a session", 8 * time.Hour, time.Second, 30 * day, func(l *Lifetimes) *time.Duration { return &l.Session }},
		{"launch", "a launch", 5 * time.Minute, time.Second, time.Hour, func(l *Lifetimes) *time.Duration { return &l.Launch }},
		{"sign_in", "a sign-in", 10 * time.Minute, time.Second, keep, func(l *Lifetimes) *time.Duration { return &l.Interaction }},
	}
}

// Set changes the lifetime of a name; 0 is the default again.
func (l *Lifetimes) Set(name string, d time.Duration) error {
	var names []string
	for _, k := range LifetimeKinds() {
		if k.Name == name {
			if err := k.check(d); d != 0 && err != nil {
				return err
			}
			*k.In(l) = d
			return nil
		}
		names = append(names, k.Name)
	}
	return fmt.Errorf("expected a lifetime of %s, got %q", strings.Join(names, ", "), name)
}

func (k LifetimeKind) check(d time.Duration) error {
	if d < k.Shortest || d > k.Limit {
		return fmt.Errorf("lifetime of %s: expected %s to %s, got %s", k.Of, k.Shortest, k.Limit.Truncate(time.Second), d)
	}
	return nil
}

// completed fills the zeroes in.
func (l Lifetimes) completed() Lifetimes {
	for _, k := range LifetimeKinds() {
		*k.In(&l) = cmp.Or(*k.In(&l), k.Default)
	}
	return l
}

// validate holds completed lifetimes against what the specifications permit.
func (l Lifetimes) validate() error {
	var wrong []error
	for _, k := range LifetimeKinds() {
		if err := k.check(*k.In(&l)); err != nil && (k.Default != 0 || *k.In(&l) != 0) {
			wrong = append(wrong, fmt.Errorf("idp: %w", err))
		}
	}
	return errors.Join(wrong...)
}
