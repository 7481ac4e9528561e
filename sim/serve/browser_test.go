package serve

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A browser gets pages of what a terminal gets as text: with links to this server, and to nobody else.
func TestTextInBrowser(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, defaultProfile), "web-app")
	a.back("/par", url.Values{"response_type": {"code"}, "scope": {"openid"}, "redirect_uri": {"https://evil.example/<script>"}})
	page := func(path string) answer {
		r := a.request(http.MethodGet, a.issuer.origin+path, nil)
		r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		got := a.do(r)
		if got.StatusCode != http.StatusOK || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") || !strings.Contains(got.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: expected a page that may load nothing, got %d %v", path, got.StatusCode, got.Header)
		}
		return got
	}
	below := "/" + a.issuer.Name
	for path, want := range map[string]string{
		"/":                                   `<a href="` + a.issuer.URL + `">`,
		below:                                 `<a href="` + a.issuer.URL + `/_thiefbox/why">`,
		below + "/_thiefbox":                  `<a href="` + a.issuer.URL + `/_thiefbox/ehr">`,
		below + "/_thiefbox/":                 `<a href="` + a.issuer.URL + `/_thiefbox/ehr">`,
		below + pathWhy:                       "https://evil.example/&lt;script&gt;",
		below + pathCallback + "?error=login": `Why: <a href="` + a.issuer.URL + `/_thiefbox/why">`,
		below + pathCallback + "?code=<b>&state=ok": "&lt;b&gt;",
	} {
		got := string(page(path).body)
		if !strings.Contains(got, want) {
			t.Errorf("%s: expected %s in\n%s", path, want, got)
		}
		if strings.Contains(got, "<script") || strings.Contains(got, "<b>") || strings.Contains(got, `href="https://evil`) {
			t.Errorf("%s: expected nothing of what came in requests to become markup, got\n%s", path, got)
		}
	}
	if got := a.get(a.issuer.URL + pathWhy); got.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("expected text for a terminal, got %v", got.Header)
	}
	if got := a.get(a.issuer.URL + "/authorize?client_id=nobody"); !strings.Contains(string(got.body), `href="`+a.issuer.URL+`/_thiefbox/why"`) {
		t.Errorf("expected the page of a refusal to say where the reason stands, got\n%s", got.body)
	}
}
