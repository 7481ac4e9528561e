package idp

import (
	"testing"
	"time"

	"thiefbox/sim/control"
)

// rotate makes the lab's dialect one in which refresh tokens are replaced at each use.
func (l *lab) rotate() {
	p := l.policy.Profile()
	p.Dialect.RefreshRotation = true
	l.policy.Set(p)
}

// Without rotation, which is what SP asks for, the same token works again and again.
func TestRefreshWithoutRotation(t *testing.T) {
	l := newLab(t, strict(t))
	tokens := signIn(t, l)
	for range 3 {
		a := l.ehr.refresh(tokens.RefreshToken)
		if !a.succeeded() || a.str(t, "refresh_token") != "" {
			t.Fatalf("expected an access token and no other refresh token, got %d %s", a.StatusCode, a.body)
		}
		l.clock.Advance(time.Hour)
	}
}

// With rotation each answer brings the next one. A lost answer can be asked for again, for a while.
func TestRefreshWithRotation(t *testing.T) {
	l := newLab(t, strict(t))
	l.rotate()
	first := signIn(t, l).RefreshToken
	second := l.ehr.refresh(first).tokens(t).RefreshToken
	if second == "" || second == first {
		t.Fatalf("expected another refresh token, got %q", second)
	}
	l.clock.Advance(time.Minute)
	retried := l.ehr.refresh(first)
	if !retried.succeeded() || retried.str(t, "refresh_token") == second {
		t.Fatalf("expected the retry to be served, got %q %s", retried.by, retried.body)
	}
	l.clock.Advance(time.Hour)
	for _, token := range []string{second, retried.str(t, "refresh_token")} {
		if a := l.ehr.refresh(token); !a.succeeded() {
			t.Errorf("expected the tokens that were given out to work, got %q %s", a.by, a.body)
		}
	}
}

// Whoever comes late with a token that was replaced ends the whole family: the thief's and the client's own.
func TestRefreshReuseEndsTheFamily(t *testing.T) {
	l := newLab(t, strict(t))
	l.rotate()
	first := signIn(t, l)
	second := l.ehr.refresh(first.RefreshToken).tokens(t)
	l.clock.Advance(10 * time.Minute)
	fresh := l.ehr.refresh(second.RefreshToken).tokens(t)
	l.ehr.refresh(first.RefreshToken).expect(t, control.ASRefreshOnce, 400, "invalid_grant")
	l.ehr.refresh(fresh.RefreshToken).expect(t, control.ASRefreshRevoked, 400, "invalid_grant")
	if got := string(l.introspect("fhir-api", "fhir secret", fresh.AccessToken).body); got != inactive {
		t.Errorf("expected the family's access tokens to be withdrawn, got %s", got)
	}
}

// A refused refresh uses nothing up (one-time checks come together or not at all).
func TestRefusedRefreshReplacesNothing(t *testing.T) {
	l := newLab(t, strict(t))
	l.rotate()
	token := signIn(t, l).RefreshToken
	l.ehr.refresh(token, func(c *call) { c.form.Set("scope", "system/*.rs") }).expect(t, control.ASRefreshScope, 400, "invalid_scope")
	l.clock.Advance(time.Hour)
	if a := l.ehr.refresh(token); !a.succeeded() {
		t.Errorf("expected the token to be as good as before, got %q", a.by)
	}
}

// The limits of FAPI hold whatever the configuration says.
func TestLifetimes(t *testing.T) {
	for name, spoil := range map[string]func(*Lifetimes){
		"code":            func(l *Lifetimes) { l.Code = 61 * time.Second },
		"request":         func(l *Lifetimes) { l.Request = 10 * time.Minute },
		"a short request": func(l *Lifetimes) { l.Request = 4 * time.Second },
		"access token":    func(l *Lifetimes) { l.AccessToken = -1 },
		"interaction":     func(l *Lifetimes) { l.Interaction = 48 * time.Hour },
	} {
		lifetimes := Lifetimes{}
		if spoil(&lifetimes); lifetimes.completed().validate() == nil {
			t.Errorf("%s: expected an error", name)
		}
	}
	l := newLabWith(t, strict(t), testIssuer, func(c *Config) {
		c.Lifetimes = Lifetimes{Code: 10 * time.Second, Request: 30 * time.Second, AccessToken: 2 * time.Minute, IDToken: time.Minute, Refresh: time.Hour}
	})
	f := l.ehr.newFlow()
	_, a := f.begin()
	if a.json(t)["expires_in"] != 30.0 {
		t.Errorf("expected a request_uri for 30 s, got %s", a.body)
	}
	tokens := signIn(t, l)
	if tokens.ExpiresIn != 120 {
		t.Errorf("expected access tokens for 120 s, got %d", tokens.ExpiresIn)
	}
	code, _ := f.code()
	l.clock.Advance(11 * time.Second)
	f.redeem(code).expect(t, control.ASCodeLifetime, 400, "invalid_grant")
	l.clock.Advance(time.Hour)
	l.ehr.refresh(tokens.RefreshToken).expect(t, nil, 400, "invalid_grant")
}
