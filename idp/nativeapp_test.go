package idp

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// RFC 8252 s7.3: an app on the person's own machine listens on whatever port is free.
func TestLoopbackRedirectMayNameAnyPort(t *testing.T) {
	l := newLab(t, strict(t))
	l.clients["ehr"].RedirectURIs = []string{"http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost/cb", "http://127.0.0.1:4000/fixed", "https://localhost/cb", "https://app.example/cb"}
	for uri, ok := range map[string]bool{
		"http://127.0.0.1/cb": true, "http://127.0.0.1:1/cb": true, "http://127.0.0.1:65535/cb": true,
		"http://[::1]:51004/cb": true, "http://localhost:3000/cb": true, "http://127.0.0.1:4000/fixed": true,
		"http://127.0.0.1:4001/fixed":             false, // the registration has a port
		"http://127.0.0.1/fixed":                  false,
		"http://127.0.0.2:3000/cb":                false,
		"http://localhost:3000/cb/":               false,
		"http://localhost:3000/cb?next=1":         false,
		"http://user@localhost:3000/cb":           false,
		"http://localhost:3000@evil.example/cb":   false,
		"https://localhost:3000/cb":               false, // RFC 8252 speaks of http
		"https://app.example:3000/cb":             false,
		"http://evil.example:3000/cb":             false,
		"http://localhost.evil.example:3000/cb":   false,
		"http://LOCALHOST:3000/cb":                false,
		"http://[0:0:0:0:0:0:0:1]:3000/cb":        false,
		"http://127.0.0.1:3000/cb:3000":           false,
		"http://evil.example/?http://localhost:1": false,
	} {
		f := l.ehr.newFlow()
		f.request.Set("redirect_uri", uri)
		a := f.push()
		if ok != a.succeeded() || !ok && a.by != control.ASRedirectURI.ID {
			t.Errorf("%s: expected registered to be %v, got %d by %q %s", uri, ok, a.StatusCode, a.by, a.fault)
		}
	}
}

// A code for a native app is redeemed with the port that its request named.
func TestNativeAppFlow(t *testing.T) {
	l := newLab(t, strict(t))
	l.clients["ehr"].RedirectURIs = []string{"http://127.0.0.1/cb"}
	f := l.ehr.newFlow()
	f.request.Set("redirect_uri", "http://127.0.0.1:51004/cb")
	code, a := f.code()
	if code == "" || !strings.HasPrefix(a.Header.Get("Location"), "http://127.0.0.1:51004/cb?") {
		t.Fatalf("expected a redirect to the port of the request, got %s by %q %s", a.Header.Get("Location"), a.by, a.fault)
	}
}

func TestPickAPersonFromTheList(t *testing.T) {
	l := newLab(t, strict(t))
	config := l.config(testIssuer)
	config.Users = append(config.Users,
		User{Subject: "vik", Username: "vik", Password: "secret", Name: "Rolig Vik", Group: "Doctors"},
		User{Subject: "p01", Username: "p01", Password: "secret", Name: "Glad Fjell", Group: "Patients"},
		User{Subject: "dal", Username: "dal", Password: "secret", Name: "Blid Dal", Group: "Doctors"})
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	l.Server = s
	f, page := signInPageOf(t, l)
	wantForm(t, page, "sign-in", pathSignIn, "interaction", "username", "password")
	if doctors, patients := strings.Index(string(page.body), `label="Doctors"`), strings.Index(string(page.body), `label="Patients"`); !page.hasForm("pick-person") ||
		strings.Count(string(page.body), "<optgroup") != 2 || doctors < 0 || patients < doctors || strings.Contains(string(page.body), "kberg") {
		t.Errorf("expected the listed people under two headings, got %s", page.body)
	}
	for _, name := range []string{"kberg", "nobody", ""} { // kberg has not put herself on the list
		if a := f.browser.post(pathSignIn, url.Values{"interaction": {page.interaction()}, "person": {name}}); a.StatusCode != http.StatusForbidden {
			t.Errorf("%q: expected to be refused, got %d", name, a.StatusCode)
		}
	}
	a := f.browser.post(pathSignIn, url.Values{"interaction": {page.interaction()}, "person": {"dal"}})
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("expected to be signed in, got %d", a.StatusCode)
	}
	if next := f.browser.get(testIssuer + a.Header.Get("Location")); !next.hasForm("consent") || !strings.Contains(string(next.body), "Blid Dal") {
		t.Errorf("expected the consent page of the person picked, got %s", next.body)
	}
	if again := f.browser.signIn(page, "vik", "secret"); !again.hasForm("consent") {
		t.Errorf("expected a listed person to sign in with her password too, got %s", again.body)
	}
}
