package network

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/event"
)

// A browser loads the scripts of a page, without the cookies and the address that are none of theirs.
func TestScriptsAreLoaded(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		w.site("a.test", "a", func(rw http.ResponseWriter, r *http.Request) {
			http.SetCookie(rw, &http.Cookie{Name: "s", Value: "1", Path: "/", Secure: true})
			rw.Header().Set("Content-Type", "text/html")
			rw.Header().Set("Referrer-Policy", "no-referrer")
			if r.URL.Path == "/policy" {
				rw.Header().Set("Content-Security-Policy", "default-src 'none'")
			}
			_, _ = rw.Write([]byte(`<p>x</p><SCRIPT SRC=" https://evil.test/x.js?a&amp;b "></SCRIPT><script src="/own.js"></script><script>inline</script><script src="https://nowhere.test/"></script>`))
		})
		asked := 0
		w.site("evil.test", "mallory", func(_ http.ResponseWriter, r *http.Request) {
			asked++
			if r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" || r.URL.RawQuery != "a&b" || r.Header.Get("Sec-Fetch-Site") != "cross-site" {
				t.Errorf("expected neither cookies nor a referrer, and to be told what asks, got %v %s", r.Header, r.URL)
			}
		})
		b := w.NewBrowser("berg")
		ctx := event.Within(context.Background(), 0)
		for path, want := range map[string]int{"/policy": 0, "/page": 2} {
			before := len(b.Scripts())
			page, err := b.Open(ctx, "https://a.test"+path)
			if err != nil {
				t.Fatal(err)
			}
			got := b.Scripts()[before:]
			if len(got) != want {
				t.Fatalf("%s: expected %d scripts, got %+v", path, want, got)
			}
			if want > 0 && (got[0].URL != "https://evil.test/x.js?a&b" || got[0].Page != page.URL || got[0].Exchange == page.Exchange || got[1].URL != "https://a.test/own.js") {
				t.Errorf("%s: got %+v", path, got)
			}
		}
		if asked != 1 {
			t.Errorf("expected one request for the script, got %d", asked)
		}
		if n := len(b.History()); n != 2 {
			t.Errorf("expected a history of visits alone, got %d", n)
		}
		if _, err := b.Fetch(ctx, "https://a.test/page"); err != nil || len(b.Scripts()) != 2 {
			t.Errorf("expected what a script fetches to run nothing, got %v %v", b.Scripts(), err)
		}
	})
}

func TestScriptPolicies(t *testing.T) {
	page, _ := url.Parse("https://a.test/page")
	for policy, want := range map[string][2]bool{ // of its own, of another
		"":                                   {true, true},
		"style-src 'self'":                   {true, true},
		"default-src 'none'":                 {false, false},
		"default-src 'self'; img-src *":      {true, false},
		"default-src 'none'; script-src *":   {true, true},
		"script-src https:; default-src *":   {true, true},
		"SCRIPT-SRC https://b.test":          {false, true},
		"script-src b.test 'unsafe-inline'":  {false, true},
		"script-src":                         {false, false},
		"default-src *; script-src 'none'":   {false, false},
		" ; ;script-src 'self' https://c.it": {true, false},
	} {
		for i, script := range []string{"https://a.test/x.js", "https://b.test/x.js"} {
			u, _ := url.Parse(script)
			if got := mayLoad([]string{policy}, page, u); got != want[i] && policy != "" {
				t.Errorf("%q, %s: expected %t, got %t", policy, script, want[i], got)
			}
		}
	}
	u, _ := url.Parse("https://b.test/x.js")
	if mayLoad([]string{"script-src *", "default-src 'self'"}, page, u) || !mayLoad(nil, page, u) {
		t.Error("expected each policy to have a say, and none to say nothing")
	}
	for body, want := range map[string]bool{"": false, "<scrip": false, "<<sCrIpT": true, strings.Repeat("<p>", 9): false, "a<script": true} {
		if got := mentionsScript([]byte(body)); got != want {
			t.Errorf("%q: expected %t, got %t", body, want, got)
		}
	}
}
