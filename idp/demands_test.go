package idp

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/fapi"
)

// asking prepares a request with parameters of its own, in the browser of an earlier one if there is one.
func asking(l *lab, earlier *flow, parameters url.Values) *flow {
	f := l.ehr.newFlow()
	if earlier != nil {
		f.browser = &browser{l, clone(earlier.browser.cookies)}
	}
	for name, v := range parameters {
		f.request[name] = v
	}
	return f
}

// open is the first page, or redirect, of a request.
func (f *flow) open() answer {
	f.l.t.Helper()
	start, a := f.begin()
	if start == "" {
		return a
	}
	return f.browser.get(start)
}

// What is malformed in a demand is refused where the request is made.
func TestMalformedDemands(t *testing.T) {
	l := newLab(t, profile(t, "hardened")) // plain parameters: a request object that holds such a thing is no request object
	for name, value := range map[string]string{
		"prompt": "none login", "max_age": "soon", "claims": `["email"]`, "id_token_hint": "a.b.c",
		"prompt ": "loud", "max_age ": "-1", "claims ": `{"id_token":{"acr":{"value":7}}}`, "id_token_hint ": "hint",
		"claims  ": `{"id_token":{"sub":{"values":["a","b"]}}}`, "claims   ": `{"userinfo":{"x":"` + strings.Repeat("y", maxClaims) + `"}}`,
	} {
		name = strings.TrimSpace(name)
		a := asking(l, nil, url.Values{name: {value}}).push()
		if a.expect(t, nil, 400, "invalid_request"); a.fault == "" {
			t.Errorf("%s %.40s: expected a diagnosis", name, value)
		}
	}
}

// OIDC Core s3.1.2.6: what is missing when no page may be shown.
func TestSilentErrors(t *testing.T) {
	l := newLab(t, strict(t))
	signedIn := l.ehr.newFlow()
	if page := signedIn.open(); !page.hasForm("sign-in") || !signedIn.browser.signIn(page, "kberg", passwords["kberg"]).hasForm("consent") {
		t.Fatal("expected to be signed in")
	}
	l.clock.Advance(minute(5))
	lund := signInAs(t, l, "olund").IDToken
	for name, c := range map[string]struct {
		parameters url.Values
		who        *flow
		want       string
	}{
		"nobody":             {url.Values{}, nil, "login_required"},
		"not agreed":         {url.Values{}, signedIn, "consent_required"},
		"too long ago":       {url.Values{"max_age": {"60"}}, signedIn, "login_required"},
		"another level":      {url.Values{"acr_values": {"loa-high"}}, signedIn, "interaction_required"},
		"another person":     {url.Values{"id_token_hint": {lund}}, signedIn, "login_required"},
		"another login":      {url.Values{"login_hint": {"olund"}}, signedIn, "account_selection_required"},
		"the person by sub":  {url.Values{"claims": {`{"id_token":{"sub":{"value":"lund"}}}`}}, signedIn, "login_required"},
		"the same, by login": {url.Values{"login_hint": {"kberg"}}, signedIn, "consent_required"},
	} {
		c.parameters.Set("prompt", "none")
		if got := asking(l, c.who, c.parameters).open().location(t); got.Get("error") != c.want || got.Get("iss") != testIssuer || got.Get("state") != "the state" {
			t.Errorf("%s: expected %s, got %v", name, c.want, got)
		}
	}
}

func signInAs(t *testing.T, l *lab, user string) fapi.TokenResponse {
	t.Helper()
	f := l.ehr.newFlow()
	start, _ := f.begin()
	return f.redeem(f.browser.visit(start, user, "allow").location(t).Get("code")).tokens(t)
}

// Somebody else than the client means is not signed in for it (OIDC Core s3.1.2.1, id_token_hint).
func TestAnotherPersonThanHinted(t *testing.T) {
	l := newLab(t, strict(t))
	hint := signInAs(t, l, "olund").IDToken
	l.clock.Advance(minute(60)) // a hint may have expired
	f := asking(l, nil, url.Values{"id_token_hint": {hint}})
	page := f.open()
	a := f.browser.post(pathSignIn, url.Values{"interaction": {page.interaction()}, "username": {"kberg"}, "password": {passwords["kberg"]}})
	if got := a.location(t); got.Get("error") != "login_required" {
		t.Errorf("expected login_required, got %v", got)
	}
	f = asking(l, nil, url.Values{"id_token_hint": {hint}})
	start, _ := f.begin()
	if got := f.browser.visit(start, "olund", "allow").location(t); got.Get("code") == "" {
		t.Errorf("expected the right person to get through, got %v", got)
	}
}

// RFC 9470 s4: a stronger sign-in is asked for, had, and told to the client and the API alike.
func TestStepUp(t *testing.T) {
	l := newLab(t, strict(t))
	weak := l.ehr.newFlow()
	weak.code()
	l.clock.Advance(minute(5))
	f := asking(l, weak, url.Values{"acr_values": {"unheard-of loa-high"}, "max_age": {"0"}})
	page := f.open()
	if !page.hasForm("sign-in") || !strings.Contains(string(page.body), `id="code"`) {
		t.Fatalf("expected to be asked for a code, got %s", page.body)
	}
	wrong := f.browser.post(pathSignIn, url.Values{"interaction": {page.interaction()}, "username": {"kberg"}, "password": {passwords["kberg"]}, "code": {"111111"}})
	if wrong.StatusCode != 403 || !wrong.hasForm("sign-in") {
		t.Errorf("expected a wrong code to be refused, got %d", wrong.StatusCode)
	}
	f.browser.post(pathSignIn, url.Values{"interaction": {page.interaction()}, "username": {"kberg"}, "password": {passwords["kberg"]}, "code": {"246810"}})
	consent := f.browser.get(l.issuer + pathConsent + "?interaction=" + page.interaction())
	tokens := f.redeem(f.browser.decide(consent, "allow").location(t).Get("code")).tokens(t)
	at, id := claimsOf[fapi.AccessToken](t, tokens.AccessToken), claimsOf[fapi.IDToken](t, tokens.IDToken)
	if at.ACR != "loa-high" || id.ACR != "loa-high" || at.AuthTime != l.clock.Now().Unix() || len(id.AMR) != 3 {
		t.Errorf("got acr %q and %q, amr %q", at.ACR, id.ACR, id.AMR)
	}
	if a := asking(l, f, url.Values{"acr_values": {"loa-substantial"}}).open(); !a.hasForm("consent") {
		t.Errorf("expected a strong sign-in to do for less, got %s", a.body)
	}
	if next := l.ehr.refresh(tokens.RefreshToken).tokens(t); claimsOf[fapi.AccessToken](t, next.AccessToken).ACR != "loa-high" {
		t.Error("expected a refreshed token to say the same")
	}
}

// What cannot be had and is insisted on is an error; what is only preferred is not.
func TestUnmetAuthenticationRequirements(t *testing.T) {
	l := newLab(t, strict(t))
	insist := func(acr string) url.Values {
		return url.Values{"claims": {`{"id_token":{"acr":{"essential":true,"values":["` + acr + `"]}}}`}}
	}
	asking(l, nil, insist("unheard-of")).push().expect(t, nil, 400, "unmet_authentication_requirements")
	if a := asking(l, nil, url.Values{"acr_values": {"unheard-of"}}).open(); !a.hasForm("sign-in") {
		t.Errorf("expected the sign-in page, got %s", a.body)
	}
	for name, c := range map[string]struct{ parameters, want url.Values }{
		"essential": {insist("loa-high"), url.Values{"error": {"unmet_authentication_requirements"}}},
		"preferred": {url.Values{"acr_values": {"loa-high"}}, url.Values{}},
	} {
		f := asking(l, nil, c.parameters)
		page := f.open()
		// Lund has no code.
		a := f.browser.post(pathSignIn, url.Values{"interaction": {page.interaction()}, "username": {"olund"}, "password": {passwords["olund"]}})
		if got := a.location(t); got.Get("error") != c.want.Get("error") {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// OIDC Core s5.5: claims one by one, with values, in either place; the person reads what is asked for.
func TestClaimsParameter(t *testing.T) {
	l := newLab(t, strict(t))
	f := asking(l, nil, url.Values{"claims": {`{"userinfo":{"given_name":null,"phone_number":{"essential":true},"email":{"value":"other@example.com"}},
		"id_token":{"email":{"essential":true},"locale":{"values":["sv-SE","nb-NO"]},"auth_time":{"essential":true},"shoe_size":null}}`}})
	page := f.open()
	consent := f.browser.signIn(page, "kberg", passwords["kberg"])
	for _, line := range []string{"know your phone number", "know your given name", "know your email"} {
		if !strings.Contains(string(consent.body), line) {
			t.Errorf("expected the page to say %q, got %s", line, consent.body)
		}
	}
	tokens := f.redeem(f.browser.decide(consent, "allow").location(t).Get("code")).tokens(t)
	var id map[string]any
	if err := json.Unmarshal([]byte(mustParse(t, tokens.IDToken).Payload), &id); err != nil {
		t.Fatal(err)
	}
	if id["email"] != "kberg@people.thiefbox.test" || id["locale"] != "nb-NO" || id["shoe_size"] != nil || id["auth_time"] == nil {
		t.Errorf("ID token: got %v", id)
	}
	if info := l.ehr.userinfo(tokens).json(t); info["given_name"] != "Kari" || info["phone_number"] == nil || info["email"] != nil || len(info) != 3 {
		t.Errorf("userinfo: got %v", info)
	}
}

// Whatever a client sends to get back comes back whole, or not at all if it sent none.
func TestNonceAndState(t *testing.T) {
	l := newLab(t, strict(t))
	for _, c := range []struct{ nonce, state int }{{64, 16}, {384, 1500}, {0, 0}} {
		f := l.ehr.newFlow()
		nonce, state := strings.Repeat("n", c.nonce), strings.Repeat("s&=% ", c.state/5)
		f.request.Set("nonce", nonce)
		f.request.Set("state", state)
		code, a := f.code()
		got := a.location(t)
		if got.Get("state") != state || got.Has("state") != (c.state > 0) {
			t.Errorf("expected a state of %d characters, got %d", len(state), len(got.Get("state")))
		}
		if id := claimsOf[fapi.IDToken](t, f.redeem(code).tokens(t).IDToken); id.Nonce != nonce {
			t.Errorf("expected a nonce of %d characters, got %d", c.nonce, len(id.Nonce))
		}
	}
}

// With the setting, a hint is enough for a test person; nobody else is signed in so.
func TestAutomaticSignIn(t *testing.T) {
	l := newLabWith(t, strict(t), testIssuer, func(c *Config) {
		c.Users[0].Group = "Doctors"
		c.Automatic = Automatic{ByHint: true, Consent: true}
	})
	for _, hint := range []string{"kberg", "berg", "kberg@people.thiefbox.test"} {
		f := asking(l, nil, url.Values{"login_hint": {hint}, "acr_values": {"loa-high"}})
		code := f.open().location(t).Get("code")
		if id := claimsOf[fapi.IDToken](t, f.redeem(code).tokens(t).IDToken); id.Subject != "berg" || id.ACR != "loa-high" {
			t.Errorf("%s: got %+v", hint, id)
		}
	}
	for _, parameters := range []url.Values{{"login_hint": {"olund"}}, {"login_hint": {"nobody"}}, {}} {
		if a := asking(l, nil, parameters).open(); !a.hasForm("sign-in") {
			t.Errorf("%v: expected the sign-in page, got %d %s", parameters, a.StatusCode, a.body)
		}
	}
	if got := asking(l, nil, url.Values{"login_hint": {"kberg"}, "prompt": {"none"}}).open().location(t); got.Get("error") != "login_required" {
		t.Errorf("expected prompt none to be told the truth, got %v", got)
	}
}
