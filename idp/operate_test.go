package idp

import (
	"context"
	"sync"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// alive tells whether introspection still knows a token.
func (l *lab) alive(token string) bool {
	return string(l.introspect("fhir-api", "fhir secret", token).body) != inactive
}

// Each selection withdraws what it names, with all that its grant gave out, and nothing else.
func TestOperatorRevokes(t *testing.T) {
	for name, sel := range map[string]func(tokens fapi.TokenResponse, c fapi.AccessToken) Selection{
		"token":             func(_ fapi.TokenResponse, c fapi.AccessToken) Selection { return Selection{Token: c.JTI} },
		"client":            func(fapi.TokenResponse, fapi.AccessToken) Selection { return Selection{Client: "ehr"} },
		"subject":           func(fapi.TokenResponse, fapi.AccessToken) Selection { return Selection{Subject: "berg"} },
		"key":               func(_ fapi.TokenResponse, c fapi.AccessToken) Selection { return Selection{Key: c.JKT()} },
		"subject at client": func(fapi.TokenResponse, fapi.AccessToken) Selection { return Selection{Client: "ehr", Subject: "berg"} },
		"client and its key": func(_ fapi.TokenResponse, c fapi.AccessToken) Selection {
			return Selection{Client: "ehr", Key: c.JKT()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, strict(t))
			tokens := signIn(t, l)
			bystander := l.other.clientCredentials().str(t, "access_token")
			if n := l.Revoke(context.Background(), sel(tokens, claimsOf[fapi.AccessToken](t, tokens.AccessToken))); n != 2 {
				t.Errorf("expected the access and the refresh token to go, got %d", n)
			}
			if l.alive(tokens.AccessToken) {
				t.Error("the access token lives on")
			}
			l.ehr.refresh(tokens.RefreshToken).expect(t, nil, 400, "invalid_grant")
			if !l.alive(bystander) {
				t.Error("another client's token went too")
			}
		})
	}
	l := newLab(t, strict(t))
	tokens := signIn(t, l)
	for _, sel := range []Selection{{}, {Client: "other"}, {Subject: "lund"}, {Key: "none"}, {Token: "none"}, {Client: "ehr", Subject: "lund"}} {
		if n := l.Revoke(context.Background(), sel); n != 0 || !l.alive(tokens.AccessToken) {
			t.Errorf("%+v: expected nothing to be withdrawn, got %d tokens", sel, n)
		}
	}
}

// A closed client and a denied key are refused, whatever the profile, until they are let in again; others
// are not touched.
func TestOperatorClosesDoors(t *testing.T) {
	for _, p := range []control.Profile{strict(t), profile(t, "fapi2-dpop").Bare()} {
		l := newLab(t, p)
		claims := claimsOf[fapi.AccessToken](t, l.ehr.clientCredentials().str(t, "access_token"))
		jkt := claims.JKT()
		l.Disable("ehr")
		l.ehr.clientCredentials().expect(t, nil, 401, "invalid_client")
		if !l.other.clientCredentials().succeeded() {
			t.Error("another client was shut out too")
		}
		l.Enable("ehr")
		l.Deny(jkt)
		l.ehr.clientCredentials().expect(t, nil, 400, "invalid_dpop_proof")
		l.Admit(jkt)
		if a := l.ehr.clientCredentials(); !a.succeeded() {
			t.Errorf("expected to be let in again, refused by %q (%s)", a.by, a.fault)
		}
	}
}

// One client is held to a rule that is off for all others.
func TestOperatorObliges(t *testing.T) {
	p := profile(t, "pre-2025")
	l := newLab(t, p)
	l.Oblige("ehr", control.ASAssertionIssuerAud)
	l.ehr.clientCredentials(tokenEndpointAudience).expect(t, control.ASAssertionIssuerAud, 401, "invalid_client")
	if a := l.other.clientCredentials(tokenEndpointAudience); !a.succeeded() {
		t.Errorf("expected the other client to be served, refused by %q (%s)", a.by, a.fault)
	}
	l.Release("ehr", control.ASAssertionIssuerAud)
	if a := l.ehr.clientCredentials(tokenEndpointAudience); !a.succeeded() {
		t.Errorf("expected to be released, refused by %q (%s)", a.by, a.fault)
	}
}

func tokenEndpointAudience(c *call) {
	c.assertion.Audience = fapi.Audience{Values: []string{testIssuer + "/token"}}
}

// A client's new keys are its keys; with the old one beside them, both are.
func TestOperatorSetsKeys(t *testing.T) {
	l := newLab(t, profile(t, "fapi2-dpop"))
	old := l.ehr.registration(allGrants).Keys
	fresh := key("ehr-next").Public()
	if !l.SetKeys("ehr", []fapi.Public{fresh}, nil) || l.SetKeys("nobody", nil, nil) {
		t.Error("expected keys to be set for those who are registered, and no others")
	}
	l.ehr.clientCredentials().expect(t, control.ASAssertionSignature, 401, "invalid_client")
	l.SetKeys("ehr", append(old, fresh), nil)
	if a := l.ehr.clientCredentials(); !a.succeeded() {
		t.Errorf("expected the old key to do during the overlap, refused by %q (%s)", a.by, a.fault)
	}
}

// Operators and clients at the same time: for the race detector.
func TestOperatorsWorkWhileClientsDo(t *testing.T) {
	l := newLab(t, profile(t, "fapi2-dpop"))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				l.ehr.clientCredentials()
			}
		})
		wg.Go(func() {
			for range 5 {
				l.Disable("ehr")
				l.Oblige("ehr", control.ASAssertionIssuerAud)
				l.Revoke(context.Background(), Selection{Client: "ehr"})
				l.Enable("ehr")
			}
		})
	}
	wg.Wait()
}
