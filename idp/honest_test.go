package idp

import (
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// honestDay is everything honest clients do here. It proves that the door opens for the right key,
// without which no refusal is worth anything.
func honestDay(t *testing.T, p control.Profile) {
	t.Helper()
	l := newLab(t, p)
	tokens := signIn(t, l)
	refreshed := l.ehr.refresh(tokens.RefreshToken)
	if !refreshed.succeeded() {
		t.Fatalf("refresh: refused by %q (%s): %s", refreshed.by, refreshed.fault, refreshed.body)
	}
	if who := l.ehr.userinfo(tokens); !who.succeeded() || who.str(t, "sub") != "berg" {
		t.Fatalf("userinfo: refused by %q (%s): %s", who.by, who.fault, who.body)
	}
	own := l.ehr.clientCredentials()
	if !own.succeeded() {
		t.Fatalf("client_credentials: refused by %q (%s): %s", own.by, own.fault, own.body)
	}
	for _, token := range []string{tokens.AccessToken, refreshed.str(t, "access_token"), own.str(t, "access_token")} {
		if got := l.introspect("fhir-api", "fhir secret", token); got.json(t)["active"] != true {
			t.Fatalf("introspection: expected an active token, got %s", got.body)
		}
	}
	if a := l.ehr.revoke(tokens.RefreshToken); !a.succeeded() {
		t.Fatalf("revocation: refused by %q (%s): %s", a.by, a.fault, a.body)
	}
	for _, r := range tellings[event.Ruling](l.told) {
		if r.Outcome == string(control.Refused) {
			t.Errorf("%s refused something on an honest day: %s", r.Control, r.Cause)
		}
	}
}

func signIn(t *testing.T, l *lab) fapi.TokenResponse {
	t.Helper()
	return signInFor(t, l, "openid offline_access user/*.rs")
}

func signInFor(t *testing.T, l *lab, scope string) fapi.TokenResponse {
	t.Helper()
	f := l.ehr.newFlow()
	f.request.Set("scope", scope)
	a := f.tokens()
	if !a.succeeded() {
		t.Fatalf("sign-in: refused by %q (%s): %s", a.by, a.fault, a.body)
	}
	return a.tokens(t)
}

// dialects are the profiles, and one that uses client_secret_post.
func dialects(t *testing.T) []control.Profile {
	post := profile(t, "legacy")
	post.Name, post.Dialect.ClientAuth = "client_secret_post", control.ClientSecretPost
	return append(control.Profiles(), post)
}

func TestHonestDay(t *testing.T) {
	for _, p := range dialects(t) {
		t.Run(p.Name, func(t *testing.T) { honestDay(t, p) })
		t.Run(p.Name+"/all controls", func(t *testing.T) { honestDay(t, p.Full()) })
		t.Run(p.Name+"/no control", func(t *testing.T) { honestDay(t, p.Bare()) })
	}
}

func TestHonestDayWithEachControlOff(t *testing.T) {
	for _, p := range dialects(t) {
		for _, c := range Guards() {
			t.Run(p.Name+"/"+c.ID, func(t *testing.T) { honestDay(t, p.Full().Without(c)) })
		}
	}
}

// The tokens say what was granted, to whom, for whom and for which key (RFC 9068 s2.2).
func TestTokensOfASignIn(t *testing.T) {
	l := newLab(t, strict(t))
	r := signIn(t, l)
	if r.TokenType != "DPoP" || r.ExpiresIn != 60 || r.Scope != "openid offline_access user/*.rs" || r.RefreshToken == "" {
		t.Errorf("token response: got %+v", r)
	}
	at := claimsOf[fapi.AccessToken](t, r.AccessToken)
	now := l.clock.Now().Unix()
	want := fapi.AccessToken{
		Issuer: testIssuer, Subject: "berg", ClientID: "ehr", Scope: "openid offline_access user/*.rs", JTI: at.JTI,
		IssuedAt: now, Expires: now + 60, AuthTime: now, ACR: "loa-substantial", OrganisationNumber: "999900001",
	}
	if at.JKT() != key("ehr-dpop").Thumbprint() || at.JTI == "" || at.Audience.String() != `["`+fhirAPI+`","`+labAPI+`"]` {
		t.Errorf("access token: got %+v", at)
	}
	if at.Confirmation, at.Audience = nil, (fapi.Audience{}); !equalJSON(t, at, want) {
		t.Errorf("access token: expected %+v, got %+v", want, at)
	}
	id := claimsOf[fapi.IDToken](t, r.IDToken)
	if id.Nonce != "the nonce" || id.Subject != "berg" || !id.Audience.IsOnly("ehr") || id.Name != "" || id.Issuer != testIssuer {
		t.Errorf("ID token: got %+v", id)
	}
	if id := claimsOf[fapi.IDToken](t, signInFor(t, l, "openid profile").IDToken); id.Name != "Kari Berg" {
		t.Errorf("expected the name for the scope profile, got %+v", id)
	}
	if id.AtHash != accessTokenHash(r.AccessToken, "ES256") || id.ACR != "loa-substantial" || len(id.AMR) != 1 || id.AMR[0] != "pwd" || id.AuthTime != now {
		t.Errorf("ID token: got at_hash %q, acr %q, amr %q, auth_time %d", id.AtHash, id.ACR, id.AMR, id.AuthTime)
	}
	for _, compact := range []string{r.AccessToken, r.IDToken} {
		if err := mustParse(t, compact).VerifyTrustingAlg(key("as-1").Public().Key); err != nil {
			t.Errorf("expected a signature of the server's key: %v", err)
		}
	}
	if typ := mustParse(t, r.AccessToken).Header.Typ; typ != fapi.TypAccessToken {
		t.Errorf("expected typ %s, got %q", fapi.TypAccessToken, typ)
	}
}

func TestTokenOfAClientInItsOwnName(t *testing.T) {
	l := newLab(t, profile(t, "legacy"))
	r := l.ehr.clientCredentials().tokens(t)
	at := claimsOf[fapi.AccessToken](t, r.AccessToken)
	if r.TokenType != "Bearer" || r.RefreshToken != "" || r.IDToken != "" || at.Confirmation != nil {
		t.Errorf("expected one bearer token and nothing else, got %+v", r)
	}
	if at.Subject != "ehr" || at.ClientID != "ehr" || !at.Audience.IsOnly(fhirAPI) || at.AuthTime != 0 {
		t.Errorf("access token: got %+v", at)
	}
}

// What is issued is told, by name and never by its secret.
func TestIssuedIsTold(t *testing.T) {
	l := newLab(t, strict(t))
	r := signIn(t, l)
	kinds := map[string]event.Issued{}
	for _, i := range tellings[event.Issued](l.told) {
		kinds[i.Type] = i
		if i.ID == r.RefreshToken || i.ID == r.AccessToken || i.ID == r.IDToken {
			t.Errorf("%s: the log holds the secret", i.Type)
		}
	}
	jkt := key("ehr-dpop").Thumbprint()
	for kind, want := range map[string]event.Issued{
		"request_uri":   {Client: "ehr", Bound: jkt},
		"code":          {Client: "ehr", Bound: jkt, Subject: "berg"},
		"access_token":  {Client: "ehr", Bound: jkt, Subject: "berg", ID: claimsOf[fapi.AccessToken](t, r.AccessToken).JTI},
		"refresh_token": {Client: "ehr", Subject: "berg", ID: fapi.Hash(r.RefreshToken)},
		"id_token":      {Client: "ehr", Subject: "berg"},
	} {
		got := kinds[kind]
		if got.Client != want.Client || got.Bound != want.Bound || got.Subject != want.Subject || want.ID != "" && got.ID != want.ID {
			t.Errorf("%s: expected %+v, got %+v", kind, want, got)
		}
	}
}
