package network

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"testing"

	"thiefbox/sim/event"
)

// TestReferer is the table of W3C Referrer Policy s3, a row per policy.
func TestReferer(t *testing.T) {
	const whole, bare = "https://me.test/page?code=1", "https://me.test/"
	cases := []struct{ policy, same, cross, plain string }{
		{"", whole, bare, ""},
		{"strict-origin-when-cross-origin", whole, bare, ""},
		{"no-referrer", "", "", ""},
		{"no-referrer-when-downgrade", whole, whole, ""},
		{"same-origin", whole, "", ""},
		{"origin", bare, bare, bare},
		{"strict-origin", bare, bare, ""},
		{"origin-when-cross-origin", whole, bare, bare},
		{"unsafe-url", whole, whole, whole},
		{"no-referrer, unsafe-url, from-the-future", whole, whole, whole},
		{"rubbish", whole, bare, ""},
	}
	for _, how := range []string{"header", "meta"} {
		for _, c := range cases {
			if how == "meta" && len(c.policy) > 32 {
				continue // a list is for headers
			}
			t.Run(how+" "+c.policy, func(t *testing.T) {
				w := newWorld(t, false)
				w.site("me.test", "me", func(rw http.ResponseWriter, _ *http.Request) {
					rw.Header().Set("Content-Type", "text/html")
					if how == "header" {
						rw.Header().Set("Referrer-Policy", c.policy)
					} else {
						_, _ = io.WriteString(rw, `<meta name="referrer" content="`+c.policy+`">`)
					}
				})
				w.site("other.test", "other", write("hello"))
				w.site("http://plain.test", "plain", write("hello"))
				b := w.NewBrowser("berg")
				for link, want := range map[string]string{"/next": c.same, "https://other.test/": c.cross, "http://plain.test/": c.plain} {
					page, err := b.Open(context.Background(), "https://user:secret@me.test/page?code=1#top")
					if err != nil {
						t.Fatal(err)
					}
					if _, err := b.Follow(context.Background(), page, link, ""); err != nil {
						t.Fatal(err)
					}
					sent := told[event.Request](w)
					if got := sent[len(sent)-1].Message.Header.Get("Referer"); got != want {
						t.Errorf("%s: expected Referer %q, got %q", link, want, got)
					}
				}
			})
		}
	}
}

// TestRefererAcrossRedirects: it names the page that was left, under the policy of the last answer.
func TestRefererAcrossRedirects(t *testing.T) {
	w := newWorld(t, false)
	w.site("me.test", "me", write("hello"))
	w.site("hop.test", "hop", func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "quiet" {
			rw.Header().Set("Referrer-Policy", "no-referrer")
		}
		http.Redirect(rw, r, "https://end.test/", http.StatusFound)
	})
	w.site("end.test", "end", write("hello"))
	b := w.NewBrowser("berg")
	for query, want := range map[string]string{"quiet": "", "": "https://me.test/"} {
		if _, err := b.Follow(context.Background(), &Page{URL: "https://me.test/secret"}, "https://hop.test/?"+query, ""); err != nil {
			t.Fatal(err)
		}
		sent := told[event.Request](w)
		if got := sent[len(sent)-1].Message.Header.Get("Referer"); got != want {
			t.Errorf("%q: expected Referer %q, got %q", query, want, got)
		}
	}
}

func TestOrigin(t *testing.T) {
	cases := []struct{ name, policy, action, want string }{
		{"same origin", "", "https://me.test/", "https://me.test"},
		{"across", "", "https://other.test/", "https://me.test"},
		{"across, quietly", "no-referrer", "https://other.test/", "null"},
		{"across, same-origin", "same-origin", "https://other.test/", "null"},
		{"home, same-origin", "same-origin", "https://me.test/", "https://me.test"},
		{"to plain http", "", "http://plain.test/", "null"},
		{"to plain http, unsafe", "unsafe-url", "http://plain.test/", "https://me.test"},
		{"redirected home", "", "https://me.test/go?https://me.test/", "https://me.test"},
		{"redirected away", "", "https://me.test/go?https://other.test/", "https://me.test"},
		{"sent on by another", "", "https://other.test/go?https://me.test/", "null"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, false)
			answer := func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/go" {
					http.Redirect(rw, r, r.URL.RawQuery, http.StatusTemporaryRedirect)
				}
			}
			w.site("me.test", "me", answer)
			w.site("other.test", "other", answer)
			w.site("http://plain.test", "plain", answer)
			page := &Page{URL: "https://me.test/", policy: referrerPolicy(c.policy)}
			form := &Form{Method: "POST", Action: c.action}
			if _, err := w.NewBrowser("berg").Submit(context.Background(), page, form, url.Values{}, ""); err != nil {
				t.Fatal(err)
			}
			sent := told[event.Request](w)
			if got := sent[len(sent)-1].Message.Header.Get("Origin"); got != c.want {
				t.Errorf("expected Origin %q, got %q", c.want, got)
			}
		})
	}
}
