package serve

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"thiefbox/idp"
)

// A test wants short lives and no pages; its neighbour is not concerned.
func TestSettingsByAPI(t *testing.T) {
	s := start(t, Config{Settings: Settings{Lifetimes: idp.Lifetimes{IDToken: time.Minute}}})
	i, neighbour := issuer(t, s, "team-a"), issuer(t, s, "team-b")
	plain, err := s.issuerAt(s.PlainOrigin(), "team-a")
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(t, s, i, "web-app")
	expect(t, a.get(i.URL+pathSettings), 200, `"id_token": "1m0s"`)
	change := func(method, body string) answer {
		return a.json(method, pathSettings, body)
	}
	expect(t, change(http.MethodPatch, `{"lifetimes": {"access_token": 7}, "sign_in_as": "berg", "consent": true}`), 200, `"access_token": "7s"`)
	expect(t, a.ownToken(), 200, `"expires_in":7`)
	if plain.Settings().Automatic.As != "berg" || neighbour.Settings().Automatic.As != "" {
		t.Error("expected the settings at every origin of the issuer, and nowhere else")
	}
	// No page is shown: the first answer to the browser is the code.
	pushed := a.back("/par", url.Values{"response_type": {"code"}, "redirect_uri": {redirectURI}, "scope": {"openid"}, "code_challenge": {sampleChallenge}, "code_challenge_method": {"S256"}})
	expect(t, pushed, 201, "request_uri")
	went := a.get(i.URL + "/authorize?" + url.Values{"client_id": {"web-app"}, "request_uri": {pushed.member("request_uri")}}.Encode())
	if to := went.Header.Get("Location"); went.StatusCode != http.StatusSeeOther || !strings.Contains(to, "code=") {
		t.Errorf("expected to be sent back at once, got %d %s", went.StatusCode, to)
	}
	for _, wrong := range []string{`{"lifetimes": {"code": "2m"}}`, `{"lifetimes": {"codes": 1}}`, `{"sign_in_as": "mallory"}`, `{"sign_in": "berg"}`, `[]`} {
		expect(t, change(http.MethodPatch, wrong), 400, "expected")
	}
	expect(t, change(http.MethodDelete, ""), 200, `"id_token": "1m0s"`)
	if i.Settings().Automatic.As != "" {
		t.Error("expected the settings of the start")
	}
}

// The clients' file says otherwise for some issuers, also while the server runs.
func TestSettingsByFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clients.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("settings:\n  - lifetimes: {code: 10s}\n  - issuers: [team-a]\n    lifetimes: {code: \"5s\", session: 60}\n    sign_in_by_hint: true\n")
	s := start(t, Config{ClientsFile: file, HTTPSPort: -1})
	a, b := issuer(t, s, "team-a"), issuer(t, s, "team-b")
	if got := a.Settings(); got.Lifetimes.Code != 5*time.Second || got.Lifetimes.Session != time.Minute || !got.Automatic.ByHint {
		t.Errorf("got %+v", got)
	}
	if got := b.Settings(); got.Lifetimes.Code != 10*time.Second || got.Automatic.ByHint {
		t.Errorf("got %+v", got)
	}
	write("settings: []\n")
	app := newApp(t, s, a, "web-app")
	expect(t, app.get(a.URL+"/jwks"), 200, "")
	if got := a.Settings(); got.Lifetimes.Code != time.Minute || got.Automatic.ByHint {
		t.Errorf("expected the defaults again, got %+v", got)
	}
	for text, where := range map[string]string{
		"settings:\n  - issuers: [a]\n    lifetimes: {code: 2m}\n": ":2:5: settings: lifetime of a code: expected 1s to 1m0s, got 2m0s",
		"settings:\n  - {sign_in_as: mallory}\n":                   "expected sign_in_as to be a test person",
		"settings:\n  - {sign_in: mallory}\n":                      ":2:6: unknown field",
		"settings:\n  - lifetimes: {code: soon}\n":                 "expected a duration",
	} {
		write(text)
		if _, err := Start(t.Context(), Config{ClientsFile: file, HTTPSPort: -1, Now: time.Now}); err == nil || !strings.Contains(err.Error(), where) {
			t.Errorf("expected %q, got %v", where, err)
		}
	}
	if _, err := Start(t.Context(), Config{HTTPSPort: -1, Now: time.Now, Settings: Settings{Lifetimes: idp.Lifetimes{Code: time.Hour}}}); err == nil {
		t.Error("expected settings that FAPI does not permit to be refused")
	}
}
