package idp

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// flow is a person's sign-in at an app, one step at a time.
type flow struct {
	*app
	browser  *browser
	verifier string
	request  url.Values // parameters of the authorization request
	pushed   func(*call)

	// Of the request object, if the dialect is one of signed requests.
	object func(*fapi.RequestObject)
	header fapi.Header
	key    *fapi.Key
}

// newFlow prepares the authorization request that the app's dialect calls for.
func (a *app) newFlow() *flow {
	f := &flow{app: a, browser: a.l.newBrowser(), verifier: a.l.dice.Token(), pushed: func(*call) {}, object: func(*fapi.RequestObject) {}, key: a.key}
	f.header = fapi.Header{Typ: fapi.TypRequest, Kid: a.key.ID}
	f.request = url.Values{
		"response_type": {"code"}, "client_id": {a.id}, "redirect_uri": {a.redirect},
		"scope": {"openid offline_access user/*.rs"}, "state": {"the state"}, "nonce": {"the nonce"},
	}
	if a.dialect.PKCE {
		f.request.Set("code_challenge", fapi.Hash(f.verifier))
		f.request.Set("code_challenge_method", "S256")
	}
	if a.dialect.Response == control.JWTResponse {
		f.request.Set("response_mode", "jwt")
	}
	if a.dialect.CodeBinding && a.dialect.Constraint == control.DPoP {
		f.request.Set("dpop_jkt", a.dpop.Thumbprint())
	}
	return f
}

// push sends the request to the PAR endpoint.
func (f *flow) push() answer {
	f.l.t.Helper()
	return f.call(pathPAR, f.signed(), f.pushed)
}

// signed is the request as the dialect sends it.
func (f *flow) signed() url.Values {
	if f.dialect.Request != control.SignedRequest {
		return f.request
	}
	now := f.l.clock.Now()
	o := fapi.RequestObject{
		Issuer: f.id, Audience: fapi.Audience{Values: []string{f.l.issuer}}, JTI: f.l.dice.ID(),
		IssuedAt: now.Unix(), NotPrior: now.Unix(), Expires: now.Add(minute(5)).Unix(), Parameters: f.request,
	}
	f.object(&o)
	return url.Values{"request": {must(fapi.Sign(f.header, o, f.key))}}
}

// begin is the URL the browser is sent to. If pushing the request is refused, it is empty.
func (f *flow) begin() (string, answer) {
	f.l.t.Helper()
	if f.dialect.Request == control.PlainRequest {
		return f.plainURL(), answer{}
	}
	a := f.push()
	if a.StatusCode != http.StatusCreated {
		return "", a
	}
	return f.referenceURL(a.str(f.l.t, "request_uri")), a
}

func (f *flow) plainURL() string { return f.l.at.authorize + "?" + f.request.Encode() }

func (f *flow) referenceURL(requestURI string) string {
	return f.l.at.authorize + "?" + url.Values{"client_id": {f.id}, "request_uri": {requestURI}}.Encode()
}

// code goes all the way to the authorization response. If it is refused on the way, the code is empty.
func (f *flow) code() (string, answer) {
	f.l.t.Helper()
	start, a := f.begin()
	if start == "" {
		return "", a
	}
	return f.approve(start)
}

// approve has the person open the URL, sign in and agree.
func (f *flow) approve(start string) (string, answer) {
	f.l.t.Helper()
	a := f.browser.visit(start, "kberg", "allow")
	if a.StatusCode != http.StatusSeeOther {
		return "", a
	}
	return a.location(f.l.t).Get("code"), a
}

// redeem exchanges the code.
func (f *flow) redeem(code string, spoils ...func(*call)) answer {
	f.l.t.Helper()
	form := url.Values{"grant_type": {grantAuthorizationCode}, "code": {code}, "redirect_uri": {f.request.Get("redirect_uri")}}
	if f.request.Has("code_challenge") {
		form.Set("code_verifier", f.verifier)
	}
	return f.call(pathToken, form, spoils...)
}

// tokens goes all the way.
func (f *flow) tokens(spoils ...func(*call)) answer {
	f.l.t.Helper()
	code, a := f.code()
	if code == "" {
		return a
	}
	return f.redeem(code, spoils...)
}

// browser keeps cookies, by name.
type browser struct {
	l       *lab
	cookies map[string]string
}

func (l *lab) newBrowser() *browser { return &browser{l, map[string]string{}} }

func (b *browser) do(r *http.Request) answer {
	b.l.t.Helper()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	a := b.l.do(r)
	for _, c := range a.Cookies() {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return a
}

func (b *browser) get(rawURL string) answer {
	b.l.t.Helper()
	return b.do(httptest.NewRequest(http.MethodGet, rawURL, nil))
}

func (b *browser) post(path string, form url.Values) answer {
	b.l.t.Helper()
	return b.do(postRequest(b.l.issuer+path, form))
}

var passwords = map[string]string{"kberg": "correct horse", "olund": "battery staple"}

// visit opens an authorization request, signs in if asked to, and answers the consent page.
func (b *browser) visit(start, user, decision string) answer {
	b.l.t.Helper()
	a := b.get(start)
	if a.hasForm("sign-in") {
		a = b.signIn(a, user, passwords[user])
	}
	if !a.hasForm("consent") {
		return a
	}
	return b.decide(a, decision)
}

// signIn fills in the sign-in page and follows the redirect to the next one.
func (b *browser) signIn(page answer, user, password string) answer {
	b.l.t.Helper()
	a := b.post(pathSignIn, url.Values{"interaction": {page.interaction()}, "username": {user}, "password": {password}})
	if a.StatusCode != http.StatusSeeOther {
		return a
	}
	return b.get(testOrigin(b.l.issuer) + a.Header.Get("Location"))
}

func testOrigin(issuer string) string {
	u, err := url.Parse(issuer)
	if err != nil {
		panic(err)
	}
	return u.Scheme + "://" + u.Host
}

// decide presses a button of the consent page.
func (b *browser) decide(page answer, decision string) answer {
	b.l.t.Helper()
	return b.post(pathConsent, url.Values{"interaction": {page.interaction()}, "decision": {decision}})
}

func (a answer) hasForm(id string) bool {
	return strings.Contains(string(a.body), `<form id="`+id+`"`)
}

var hiddenInteraction = regexp.MustCompile(`name="interaction" value="([^"]*)"`)

// interaction is the hidden field of a page.
func (a answer) interaction() string {
	m := hiddenInteraction.FindSubmatch(a.body)
	if m == nil {
		return ""
	}
	return string(m[1])
}
