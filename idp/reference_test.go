package idp

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"thiefbox/sim/control"
)

func wrongReferences() []wrong {
	return []wrong{
		{name: "of another client", by: by(control.ASPARClient), do: func(l *lab) answer {
			f := l.other.newFlow()
			pushed := f.push()
			f.id = "ehr" // the name in the browser's URL
			_, a := f.approve(f.referenceURL(pushed.str(l.t, "request_uri")))
			return a
		}},
		{name: "expired", by: by(control.ASPARExpiry), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			start, _ := f.begin()
			l.clock.Advance(90 * time.Second)
			_, a := f.approve(start)
			return a
		}},
		{name: "of a client that was restricted since", by: by(control.ASPARClientNow), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			start, _ := f.begin()
			narrowed := *l.client("ehr")
			narrowed.Scope = "openid"
			if err := l.Register(narrowed); err != nil {
				l.t.Fatal(err)
			}
			_, a := f.approve(start)
			return a
		}},
		{name: "completed twice", by: by(control.ASPAROnce), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			start, _ := f.begin()
			f.approve(start)
			f.browser = l.newBrowser()
			_, a := f.approve(start)
			return a
		}},
		{name: "opened before, completed after another", by: by(control.ASPAROnce), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			start, _ := f.begin()
			early := l.newBrowser()
			page := early.signIn(early.get(start), "olund", passwords["olund"])
			f.approve(start)
			return early.decide(page, "allow")
		}},
	}
}

// A fault of the reference is shown on a page: whoever made the link is not the client (RFC 9126 s2.3;
// SP 5.3.2.1-7).
func TestWrongReferenceNeverRedirects(t *testing.T) {
	for _, w := range wrongReferences() {
		a := w.do(newLab(t, strict(t)))
		if a.StatusCode != http.StatusBadRequest || a.Header.Get("Location") != "" {
			t.Errorf("%s: expected a page with status 400, got %d to %q", w.name, a.StatusCode, a.Header.Get("Location"))
		}
	}
}

func TestUnknownReference(t *testing.T) {
	l := newLab(t, strict(t).Bare())
	for _, uri := range []string{requestURIPrefix + "guess", "https://evil.example/request.jwt", "urn:x"} {
		a := l.get(l.ehr.newFlow().referenceURL(uri))
		a.expect(t, nil, http.StatusBadRequest, "")
	}
}

// People reload: the request_uri is used up when a code is issued, not when a page is loaded.
func TestReloadingIsFine(t *testing.T) {
	f := newLab(t, strict(t)).ehr.newFlow()
	start, _ := f.begin()
	f.browser.get(start)
	f.browser.get(start)
	code, _ := f.approve(start)
	if a := f.redeem(code); !a.succeeded() {
		t.Errorf("refused by %q (%s)", a.by, a.fault)
	}
}

// Saying no uses nothing up: she may change her mind and open the link again.
func TestDenyingUsesNothingUp(t *testing.T) {
	f := newLab(t, strict(t)).ehr.newFlow()
	start, _ := f.begin()
	f.browser.visit(start, "kberg", "deny")
	if code, a := f.approve(start); code == "" {
		t.Errorf("refused by %q (%s)", a.by, a.fault)
	}
}

// Of a pushed request, only what was pushed counts (conformance suite, state-only-outside and others).
func TestParametersBesideAReferenceAreIgnored(t *testing.T) {
	f := newLab(t, strict(t)).ehr.newFlow()
	f.request.Del("state")
	start, _ := f.begin()
	code, a := f.approve(start + "&state=outside&scope=system%2F*.rs&redirect_uri=https%3A%2F%2Fevil.example&nonce=outside")
	if got := a.location(t); got.Has("state") {
		t.Errorf("expected no state, got %q", got.Get("state"))
	}
	r := f.redeem(code).tokens(t)
	if r.Scope != f.request.Get("scope") {
		t.Errorf("expected the scope that was pushed, got %q", r.Scope)
	}
}

func TestPushedResponse(t *testing.T) {
	l := newLab(t, strict(t))
	a := l.ehr.newFlow().push()
	m := a.json(t)
	if a.StatusCode != http.StatusCreated || m["expires_in"] != 90.0 || len(a.str(t, "request_uri")) != len(requestURIPrefix)+43 {
		t.Errorf("expected 201 with a long request_uri for 90 s, got %d %s", a.StatusCode, a.body)
	}
}

// The proof at PAR binds the code by itself, and so does dpop_jkt (RFC 9449 s10, s10.1).
func TestCodeIsBoundAtPAR(t *testing.T) {
	for name, spoil := range map[string]func(*flow){
		"by the proof": func(f *flow) { f.request.Del("dpop_jkt") },
		"by dpop_jkt":  func(f *flow) { f.pushed = func(c *call) { c.noProof = true } },
	} {
		t.Run(name, func(t *testing.T) {
			f := newLab(t, strict(t).Without(control.ASDPoPKeyPinned)).ehr.newFlow()
			spoil(f)
			code, _ := f.code()
			f.redeem(code, withKey("thief")).expect(t, control.ASCodeDPoPKey, 400, "invalid_grant")
			if a := f.redeem(code); !a.succeeded() {
				t.Errorf("refused by %q (%s)", a.by, a.fault)
			}
		})
	}
}

func withKey(name string) func(*call) {
	return func(c *call) { c.proofKey, c.proofHeader.JWK = key(name), publicJWK(key(name)) }
}

// A server that does not compare shows the name in the URL, and serves the request that was pushed.
func TestWhoseNameAConfusedServerShows(t *testing.T) {
	l := newLab(t, strict(t).Without(control.ASPARClient))
	f := l.other.newFlow()
	uri := f.push().str(t, "request_uri")
	f.id = "ehr"
	page := f.browser.get(f.referenceURL(uri))
	if !contains(string(page.body), "The ehr") {
		t.Errorf("expected a page that names ehr, got %s", page.body)
	}
	to, err := url.Parse(f.browser.visit(f.referenceURL(uri), "kberg", "allow").Header.Get("Location"))
	if err != nil || to.Host != "other.example" {
		t.Errorf("expected a code for other, got %s (%v)", to, err)
	}
}
