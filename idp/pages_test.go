package idp

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/control"

	"golang.org/x/net/html"
)

func signInPageOf(t *testing.T, l *lab) (*flow, answer) {
	t.Helper()
	f := l.ehr.newFlow()
	start, _ := f.begin()
	page := f.browser.get(start)
	if page.StatusCode != http.StatusOK || !page.hasForm("sign-in") {
		t.Fatalf("expected the sign-in page, got %d\n%s", page.StatusCode, page.body)
	}
	return f, page
}

// Whoever drives the pages, person or program, finds the same forms and fields.
func TestForms(t *testing.T) {
	f, signIn := signInPageOf(t, newLab(t, strict(t)))
	wantForm(t, signIn, "sign-in", pathSignIn, "interaction", "username", "password")
	consent := f.browser.signIn(signIn, "kberg", passwords["kberg"])
	wantForm(t, consent, "consent", pathConsent, "interaction", "decision=allow", "decision=deny")
	for _, text := range []string{"The ehr", "Kari Berg", "user/*.rs", "offline_access", "know who you are"} {
		if !strings.Contains(string(consent.body), text) {
			t.Errorf("expected the consent page to say %q", text)
		}
	}
}

func wantForm(t *testing.T, page answer, id, action string, fields ...string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(string(page.body)))
	if err != nil {
		t.Fatal(err)
	}
	form := find(doc, func(n *html.Node) bool { return n.Data == "form" && attr(n, "id") == id })
	if form == nil || attr(form, "method") != "post" || attr(form, "action") != action {
		t.Fatalf("expected a form %q that posts to %s, got %s", id, action, page.body)
	}
	for _, field := range fields {
		name, value, _ := strings.Cut(field, "=")
		if find(form, func(n *html.Node) bool { return attr(n, "name") == name && (value == "" || attr(n, "value") == value) }) == nil {
			t.Errorf("form %s: expected a field %s", id, field)
		}
	}
	// Every field a person fills in has a label.
	for n := range form.Descendants() {
		if n.Data == "input" && attr(n, "type") != "hidden" &&
			find(form, func(l *html.Node) bool { return l.Data == "label" && attr(l, "for") == attr(n, "id") }) == nil {
			t.Errorf("form %s: expected a label for %s", id, attr(n, "name"))
		}
	}
	for _, want := range []func(*html.Node) bool{
		func(n *html.Node) bool { return n.Data == "html" && attr(n, "lang") == "en" },
		func(n *html.Node) bool {
			return n.Data == "meta" && attr(n, "name") == "viewport" && strings.Contains(attr(n, "content"), "width=device-width")
		},
		func(n *html.Node) bool { return n.Data == "title" && n.FirstChild != nil },
		func(n *html.Node) bool { return n.Data == "main" },
		func(n *html.Node) bool { return n.Data == "h1" },
	} {
		if find(doc, want) == nil {
			t.Errorf("page %s: expected lang, viewport, title, main and h1", id)
		}
	}
	if find(doc, func(n *html.Node) bool { return n.Data == "script" }) != nil {
		t.Errorf("page %s: expected no script", id)
	}
}

func find(root *html.Node, match func(*html.Node) bool) *html.Node {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && match(n) {
			return n
		}
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Every page is for its reader alone: not cached, not framed, not told to others by Referer.
func TestPageHeaders(t *testing.T) {
	l := newLab(t, strict(t))
	f, signIn := signInPageOf(t, l)
	consent := f.browser.signIn(signIn, "kberg", passwords["kberg"])
	for name, page := range map[string]answer{
		"sign-in": signIn, "consent": consent, "error": l.get(l.at.authorize),
		"wrong password": f.browser.signIn(signIn, "kberg", "guess"),
	} {
		for header, want := range map[string]string{
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Frame-Options": "DENY",
			"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": pagePolicy,
			"Access-Control-Allow-Origin": "", // SP 5.2.3-3
		} {
			if got := page.Header.Get(header); got != want {
				t.Errorf("%s: expected %s %q, got %q", name, header, want, got)
			}
		}
		// The policy allows the style that is really on the page.
		_, rest, _ := strings.Cut(string(page.body), "<style>")
		style, _, _ := strings.Cut(rest, "</style>")
		sum := sha256.Sum256([]byte(style))
		if !strings.Contains(pagePolicy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || style == "" {
			t.Errorf("%s: the style is not the one that was hashed", name)
		}
	}
	if !strings.Contains(pagePolicy, "frame-ancestors 'none'") || !strings.Contains(pagePolicy, "default-src 'none'") {
		t.Errorf("policy: got %s", pagePolicy)
	}
}

func TestCookies(t *testing.T) {
	for _, c := range []struct {
		issuer, path string
		secure       bool
	}{
		{testIssuer, "/authorize", true}, {"https://as.example/tenant", "/tenant/authorize", true}, {"http://127.0.0.1:4000", "/authorize", false},
	} {
		l := newLabAt(t, strict(t), c.issuer)
		f, page := signInPageOf(t, l)
		next := f.browser.post(pathSignIn, url.Values{"interaction": {page.interaction()}, "username": {"kberg"}, "password": {passwords["kberg"]}})
		cookies := append(page.Cookies(), next.Cookies()...)
		if len(cookies) != 2 {
			t.Fatalf("expected a cookie of the interaction and one of the session, got %v", cookies)
		}
		for _, cookie := range cookies {
			if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != c.path || cookie.Secure != c.secure || len(cookie.Value) != 43 {
				t.Errorf("%s: got %s", c.issuer, cookie)
			}
		}
	}
}

func TestWrongPassword(t *testing.T) {
	l := newLab(t, strict(t))
	f, page := signInPageOf(t, l)
	for _, try := range [][2]string{{"kberg", "guess"}, {"nobody", "guess"}, {"kberg", ""}, {"", ""}, {"kberg", passwords["olund"]}} {
		a := f.browser.signIn(page, try[0], try[1])
		if a.StatusCode != http.StatusForbidden || !a.hasForm("sign-in") || !strings.Contains(string(a.body), `role="alert"`) {
			t.Errorf("%v: expected the page again with an alert, got %d\n%s", try, a.StatusCode, a.body)
		}
		if a.fault == "" || strings.Contains(a.fault, try[1]) && try[1] != "" {
			t.Errorf("%v: expected a diagnosis without the password, got %q", try, a.fault)
		}
	}
	if a := f.browser.signIn(page, "kberg", passwords["kberg"]); !a.hasForm("consent") {
		t.Errorf("expected to get on with the right password, got %d %s", a.StatusCode, a.body)
	}
}

// Who has signed in once is asked for consent only, in that browser, for a working day.
func TestSecondSignInIsSilentUpToConsent(t *testing.T) {
	l := newLab(t, strict(t))
	first := l.ehr.newFlow()
	first.code()
	second := l.other.newFlow()
	second.browser = first.browser
	start, _ := second.begin()
	if page := second.browser.get(start); !page.hasForm("consent") {
		t.Errorf("expected the consent page, got %s", page.body)
	}
	if page := l.newBrowser().get(start); !page.hasForm("sign-in") {
		t.Errorf("expected another browser to have to sign in, got %s", page.body)
	}
	l.clock.Advance(l.lifetimes().Session)
	start, _ = second.begin()
	if page := second.browser.get(start); !page.hasForm("sign-in") {
		t.Errorf("expected the session to be over, got %s", page.body)
	}
}

// OIDC Core s3.1.2.1: prompt and max_age.
func TestPrompt(t *testing.T) {
	l := newLab(t, strict(t))
	f := l.ehr.newFlow()
	f.request.Set("prompt", "none")
	start, _ := f.begin()
	if got := f.browser.get(start).location(t); got.Get("error") != "login_required" || got.Get("iss") != testIssuer {
		t.Errorf("prompt=none before sign-in: got %v", got)
	}
	f.request.Del("prompt")
	if code, a := f.code(); code == "" {
		t.Fatal(a.by, a.fault)
	}
	f.request.Set("prompt", "none")
	start, _ = f.begin()
	if got := f.browser.get(start).location(t); got.Get("code") == "" {
		t.Errorf("prompt=none after sign-in and consent: got %v", got)
	}
	l.clock.Advance(minute(10))
	for _, again := range []url.Values{{"prompt": {"login"}}, {"max_age": {"599"}}, {"max_age": {"0"}}} {
		f := l.ehr.newFlow()
		f.browser = &browser{l, clone(f.browser.cookies)}
		for k, v := range again {
			f.request[k] = v
		}
		start, _ := f.begin()
		page := f.browser.get(start)
		if !page.hasForm("sign-in") {
			t.Errorf("%v: expected to sign in again, got %s", again, page.body)
		}
		if page = f.browser.signIn(page, "kberg", passwords["kberg"]); !page.hasForm("consent") {
			t.Errorf("%v: expected the consent page, got %s", again, page.body)
		}
	}
}

func clone(m map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// Nobody else's browser can press the buttons, not even with the id of the interaction.
func TestInteractionBelongsToItsBrowser(t *testing.T) {
	l := newLab(t, strict(t))
	f, page := signInPageOf(t, l)
	consent := f.browser.signIn(page, "kberg", passwords["kberg"])
	session := map[string]string{sessionCookie: f.browser.cookies[sessionCookie]}
	for name, foreign := range map[string]*browser{"stranger": l.newBrowser(), "the session alone": {l, session}} {
		if a := foreign.decide(consent, "allow"); a.StatusCode != 400 || a.fault == "" {
			t.Errorf("%s: expected a page with status 400, got %d to %q", name, a.StatusCode, a.Header.Get("Location"))
		}
		if a := foreign.get(l.issuer + pathConsent + "?interaction=" + consent.interaction()); a.StatusCode != 400 {
			t.Errorf("%s: expected a page with status 400, got %d", name, a.StatusCode)
		}
	}
	if a := f.browser.decide(consent, "allow"); a.location(t).Get("code") == "" {
		t.Errorf("expected the right browser to get on")
	}
}

func TestAnswersThatComeTooLate(t *testing.T) {
	l := newLab(t, strict(t))
	f, page := signInPageOf(t, l)
	consent := f.browser.signIn(page, "kberg", passwords["kberg"])
	if a := f.browser.decide(consent, "maybe"); a.StatusCode != 400 || a.fault == "" {
		t.Errorf("unknown decision: got %d", a.StatusCode)
	}
	f.browser.decide(consent, "allow")
	if a := f.browser.decide(consent, "allow"); a.StatusCode != 400 || a.fault == "" {
		t.Errorf("double click: expected a page with status 400, got %d", a.StatusCode)
	}
	f, page = signInPageOf(t, l)
	l.clock.Advance(l.lifetimes().Interaction)
	if a := f.browser.signIn(page, "kberg", passwords["kberg"]); a.StatusCode != 400 {
		t.Errorf("after ten minutes: expected a page with status 400, got %d", a.StatusCode)
	}
}

// If somebody else signs in meanwhile, in another tab, the first one's consent is not his.
func TestConsentIsOfThePersonItWasShownTo(t *testing.T) {
	l := newLab(t, strict(t))
	f, page := signInPageOf(t, l)
	consent := f.browser.signIn(page, "kberg", passwords["kberg"])
	switchUser := f.browser.get(l.issuer + pathSignIn + "?interaction=" + consent.interaction())
	wantForm(t, switchUser, "sign-in", pathSignIn, "interaction")
	f.browser.post(pathSignIn, url.Values{"interaction": {page.interaction()}, "username": {"olund"}, "password": {passwords["olund"]}})
	again := f.browser.decide(consent, "allow")
	if !again.hasForm("consent") || !strings.Contains(string(again.body), "Ola Lund") {
		t.Errorf("expected the consent page for the other person, got %d %s", again.StatusCode, again.body)
	}
	code := f.browser.decide(again, "allow").location(t).Get("code")
	id := mustParse(t, f.redeem(code).tokens(t).IDToken)
	if !strings.Contains(string(id.Payload), "lund") {
		t.Errorf("expected a token of the other person, got %s", id.Payload)
	}
}

// A fresh cookie at each sign-in: nobody can prepare a session for somebody else.
func TestSessionCookieChangesAtSignIn(t *testing.T) {
	l := newLab(t, strict(t))
	f, page := signInPageOf(t, l)
	f.browser.cookies[sessionCookie] = "planted"
	f.browser.signIn(page, "kberg", passwords["kberg"])
	if f.browser.cookies[sessionCookie] == "planted" {
		t.Error("expected a fresh cookie")
	}
	if who := l.sessionOf(withCookie(sessionCookie, "planted")); who != nil {
		t.Error("expected nobody behind the planted cookie")
	}
}

func withCookie(name, value string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, testIssuer, nil)
	r.AddCookie(&http.Cookie{Name: name, Value: value})
	return r
}

// Names come from registrations and from people: whatever is in them is text.
func TestPagesEscape(t *testing.T) {
	l := newLab(t, strict(t).Without(control.ASScope))
	l.clients["ehr"].Name = `<script>alert("x")</script>`
	f := l.ehr.newFlow()
	f.request.Set("scope", "openid <b>'")
	start, _ := f.begin()
	page := f.browser.get(start)
	consent := f.browser.signIn(page, `<i>`, "guess")
	for _, p := range []answer{page, consent, f.browser.signIn(page, "kberg", passwords["kberg"])} {
		if strings.Contains(string(p.body), "<script") || strings.Contains(string(p.body), "<b>") || strings.Contains(string(p.body), "<i>") {
			t.Errorf("expected text, got markup: %s", p.body)
		}
	}
}

func TestScopesInWords(t *testing.T) {
	for scope, want := range map[string]string{
		"openid": "know who you are", "profile": "know your name, date of birth and language", "offline_access": "keep its access when you are not there",
		"user/*.rs":           "read every kind of record that you may open",
		"user/Observation.rs": "read Observation that you may open",
		"patient/*.read":      "read every kind of record of one patient",
		"patient/*.write":     "read and change every kind of record of one patient",
		"system/*.cruds":      "read and change every kind of record in its own name",
		"system/*.*":          "read and change every kind of record in its own name",
		"nhn:kjernejournal":   "", "launch/everything": "", "user/x": "",
	} {
		if got := describeScope(scope); got != want {
			t.Errorf("%s: expected %q, got %q", scope, want, got)
		}
	}
}
