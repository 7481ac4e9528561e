package idp

import (
	"net/http"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

func wrongRevocations() []wrong {
	revoke := func(member string) func(l *lab) answer {
		return func(l *lab) answer { return l.other.revoke(l.ehr.newFlow().tokens().str(l.t, member)) }
	}
	return []wrong{
		{name: "another's access token", code: "invalid_grant", by: by(control.ASRevocationClient), do: revoke("access_token")},
		{name: "another's refresh token", code: "invalid_grant", by: by(control.ASRevocationClient), do: revoke("refresh_token")},
	}
}

func TestRevokeAccessToken(t *testing.T) {
	l := newLab(t, strict(t))
	tokens := signIn(t, l)
	if a := l.ehr.revoke(tokens.AccessToken); a.StatusCode != http.StatusOK || len(a.body) != 0 {
		t.Fatalf("expected an empty 200, got %d %s", a.StatusCode, a.body)
	}
	if got := string(l.introspect("fhir-api", "fhir secret", tokens.AccessToken).body); got != inactive {
		t.Errorf("expected the token to be inactive, got %s", got)
	}
	if a := l.ehr.refresh(tokens.RefreshToken); !a.succeeded() {
		t.Errorf("expected the grant to live on, refused by %q (%s)", a.by, a.fault)
	}
	want := event.Withdrawn{Type: "access_token", ID: claimsOf[fapi.AccessToken](t, tokens.AccessToken).JTI, Owner: "ehr"}
	if got := tellings[event.Withdrawn](l.told); len(got) != 1 || got[0] != want {
		t.Errorf("expected %+v, got %+v", want, got)
	}
}

// A refresh token takes every access token of its grant along (RFC 7009 s2.1), and no other's.
func TestRevokeRefreshToken(t *testing.T) {
	l := newLab(t, strict(t))
	tokens, another := signIn(t, l), signIn(t, l)
	second := l.ehr.refresh(tokens.RefreshToken).str(t, "access_token")
	l.ehr.revoke(tokens.RefreshToken)
	for _, token := range []string{tokens.AccessToken, second} {
		if got := string(l.introspect("fhir-api", "fhir secret", token).body); got != inactive {
			t.Errorf("expected the token to be inactive, got %s", got)
		}
	}
	l.ehr.refresh(tokens.RefreshToken).expect(t, control.ASRefreshRevoked, 400, "invalid_grant")
	if got := l.introspect("fhir-api", "fhir secret", another.AccessToken); got.json(t)["active"] != true {
		t.Errorf("expected the other sign-in to live on, got %s", got.body)
	}
	want := event.Withdrawn{Type: "refresh_token", ID: fapi.Hash(tokens.RefreshToken), Owner: "ehr"}
	if got := tellings[event.Withdrawn](l.told); len(got) != 1 || got[0] != want {
		t.Errorf("expected %+v, got %+v", want, got)
	}
}

// A token nobody knows is as good as revoked (RFC 7009 s2.2), and a wrong hint does no harm (s2.1).
func TestRevokeUnknownToken(t *testing.T) {
	l := newLab(t, strict(t))
	if a := l.ehr.revoke("hello"); a.StatusCode != http.StatusOK {
		t.Errorf("expected 200, got %d %s", a.StatusCode, a.body)
	}
	tokens := signIn(t, l)
	l.ehr.revoke(tokens.RefreshToken, func(c *call) { c.form.Set("token_type_hint", "access_token") })
	l.ehr.refresh(tokens.RefreshToken).expect(t, control.ASRefreshRevoked, 400, "invalid_grant")
	l.ehr.revoke("").expect(t, nil, 400, "invalid_request")
}
