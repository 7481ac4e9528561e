package network

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"thiefbox/sim/clock"
	"thiefbox/sim/event"
)

func parse(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// keep hands Set-Cookie lines of an answer to a jar, as they would come off the wire.
func (j *jar) keep(t testing.TB, from string, lines ...string) {
	t.Helper()
	resp := http.Response{Header: http.Header{"Set-Cookie": lines}}
	j.set(parse(t, from), resp.Cookies())
}

func TestCookieScope(t *testing.T) {
	const as = "https://as.thiefbox.test"
	cases := []struct{ line, from, to, want string }{
		{"a=1", as, as + "/x", "a=1"},
		{"a=1", as, "https://as.thiefbox.test:8443/", "a=1"},
		{"a=1", as, "https://ehr.thiefbox.test/", ""},
		{"a=1; Domain=thiefbox.test", as, "https://ehr.thiefbox.test/", "a=1"},
		{"a=1; Domain=test", as, "https://mallory.test/", ""},
		{"a=1; Domain=as.thiefbox.test", "https://mallory.test/", as, ""},
		{"a=1; Path=/deep", as, as + "/deep/er", "a=1"},
		{"a=1; Path=/deep", as, as + "/deeper", ""},
		{"a=1; Secure", as, "http://as.thiefbox.test/", ""},
		{"a=1", as, "http://as.thiefbox.test/", "a=1"},
		{"a=1; Secure", "http://as.thiefbox.test/", as, ""},
		{"a=1; SameSite=None", as, as, ""},
		{"a=1; SameSite=None; Secure", as, as, "a=1"},
		{"__Host-a=1; Path=/; Secure", as, as, "__Host-a=1"},
		{"__Host-a=1; Path=/x; Secure", as, as + "/x", ""},
		{"__Host-a=1; Path=/; Secure; Domain=as.thiefbox.test", as, as, ""},
		{"__Host-a=1; Path=/", as, as, ""},
		{"__secure-a=1", as, as, ""},
		{"__Secure-a=1; Secure", as, as, "__Secure-a=1"},
		{`a="1 2"`, as, as, `a="1 2"`},
		{"a=x.y.z", as, as, "a=x.y.z"},
		{"a=", as, as, "a="},
		{"a=1", "https://localhost:1/", "https://localhost/", "a=1"},
		{"a=1", "https://127.0.0.1/", "https://127.0.0.1/", "a=1"},
	}
	for _, c := range cases {
		j := newJar(clock.Virtual(clock.Epoch).Now)
		j.keep(t, c.from, c.line)
		if got := cookieHeader(j.cookies(parse(t, c.to), nil, "GET")); got != c.want {
			t.Errorf("%s from %s to %s: expected %q, got %q", c.line, c.from, c.to, c.want, got)
		}
	}
}

// What differs from net/http/cookiejar is time and SameSite; all else is as there.
func TestCookiesAreThoseOfNetHTTP(t *testing.T) {
	hosts := rapid.SampledFrom([]string{"a.test", "b.a.test", "c.b.a.test", "test", "localhost", "127.0.0.1", "A.test:8443", "a.test.", "xa.test"})
	paths := rapid.SampledFrom([]string{"", "/", "/x", "/x/", "/x/y", "/xy", "/x/y/z"})
	domains := rapid.SampledFrom([]string{"", "", "a.test", ".a.test", "b.a.test", "A.TEST", "test", ".", "..a.test", "a.test.", "localhost", "127.0.0.1", "x.test", "ø.test"})
	rapid.Check(t, func(t *rapid.T) {
		theirs, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: topLevel{}})
		if err != nil {
			t.Fatal(err)
		}
		ours := newJar(clock.Virtual(clock.Epoch).Now)
		at := func(label string) *url.URL {
			return &url.URL{Scheme: "https", Host: hosts.Draw(t, label+" host"), Path: paths.Draw(t, label+" path")}
		}
		for range rapid.IntRange(1, 8).Draw(t, "cookies") {
			c := &http.Cookie{Name: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "name"), Value: rapid.StringMatching("[a-z]{0,3}").Draw(t, "value"),
				Domain: domains.Draw(t, "domain"), Path: rapid.OneOf(paths, rapid.Just("odd")).Draw(t, "of"), Secure: rapid.Bool().Draw(t, "secure"), MaxAge: rapid.SampledFrom([]int{0, 0, 0, -1}).Draw(t, "age")}
			from := at("from")
			theirs.SetCookies(from, []*http.Cookie{c})
			ours.set(from, []*http.Cookie{c})
		}
		to := at("to")
		if got, want := cookieHeader(ours.cookies(to, nil, "GET")), cookieHeader(theirs.Cookies(to)); got != want {
			t.Fatalf("%s: expected %q, got %q", to, want, got)
		}
	})
}

// topLevel makes every top-level label a public suffix.
type topLevel struct{}

func (topLevel) PublicSuffix(domain string) string {
	return domain[strings.LastIndexByte(domain, '.')+1:]
}
func (topLevel) String() string { return "every top-level label" }

// TestCookieExpiry: the world's clock decides, far from the machine's.
func TestCookieExpiry(t *testing.T) {
	epoch := clock.Epoch
	in := func(d time.Duration) string { return "; Expires=" + epoch.Add(d).Format(http.TimeFormat) }
	cases := []struct {
		line  string
		after time.Duration
		there bool
	}{
		{"a=1", 1000 * time.Hour, true},
		{"a=1; Max-Age=60", 59 * time.Second, true},
		{"a=1; Max-Age=60", 60 * time.Second, false},
		{"a=1; Max-Age=0", 0, false},
		{"a=1; Max-Age=-1", 0, false},
		{"a=1" + in(time.Minute), 59 * time.Second, true},
		{"a=1" + in(time.Minute), time.Minute, false},
		{"a=1" + in(-time.Minute), 0, false},
		{"a=1; Max-Age=60" + in(-time.Hour), time.Second, true},
		{"a=1; Max-Age=1" + in(time.Hour), 2 * time.Second, false},
	}
	for _, year := range []int{0, -30, 60} { // worlds that are now, long past and far off
		for _, c := range cases {
			if year != 0 && strings.Contains(c.line, "Expires") {
				continue
			}
			clk := clock.Virtual(epoch.AddDate(year, 0, 0))
			j := newJar(clk.Now)
			j.keep(t, "https://a.test/", c.line)
			clk.Advance(c.after)
			if got := len(j.cookies(parse(t, "https://a.test/"), nil, "GET")) == 1; got != c.there {
				t.Errorf("year %+d, %q after %v: expected it to be there: %v, got %v", year, c.line, c.after, c.there, got)
			}
		}
	}
}

func TestCookieReplacedAndOrdered(t *testing.T) {
	j := newJar(clock.Virtual(clock.Epoch).Now)
	j.keep(t, "https://a.test/", "a=1", "b=2; Path=/x", "c=3")
	j.keep(t, "https://a.test/", "a=4; SameSite=Strict")
	if got := cookieHeader(j.cookies(parse(t, "https://a.test/x"), nil, "GET")); got != "b=2; a=4; c=3" {
		t.Errorf("expected the longest path first, then the oldest, got %q", got)
	}
	j.keep(t, "https://a.test/", "a=; Max-Age=0")
	if got := cookieHeader(j.cookies(parse(t, "https://a.test/x"), nil, "GET")); got != "b=2; c=3" {
		t.Errorf("expected a to be gone, got %q", got)
	}
}

func TestSameSite(t *testing.T) {
	const same, cross, plain = "https://ehr.thiefbox.test/", "https://mallory.test/", "http://as.thiefbox.test/"
	cases := []struct{ page, method, want string }{
		{"", "GET", "strict lax none default"},
		{same, "GET", "strict lax none default"},
		{same, "POST", "strict lax none default"},
		{cross, "GET", "lax none default"},
		{cross, "HEAD", "lax none default"},
		{cross, "POST", "none"},
		{plain, "GET", "lax none default"}, // another scheme is another site
		{plain, "POST", "none"},
	}
	j := newJar(clock.Virtual(clock.Epoch).Now)
	j.keep(t, "https://as.thiefbox.test/", "strict=1; SameSite=Strict", "lax=1; SameSite=Lax", "none=1; SameSite=None; Secure", "default=1")
	for _, c := range cases {
		var from *source
		if c.page != "" {
			from = (&Page{}).source(parse(t, c.page))
		}
		var names []string
		for _, cookie := range j.cookies(parse(t, "https://as.thiefbox.test/x"), from, c.method) {
			names = append(names, cookie.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s from %q: expected %q, got %q", c.method, c.page, c.want, got)
		}
	}
}

// TestCrossSitePost plays what SameSite is for: a form on the thief's site that posts to the client's.
func TestCrossSitePost(t *testing.T) {
	w := newWorld(t, false)
	w.site("ehr.thiefbox.test", "ehr", func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			http.SetCookie(rw, &http.Cookie{Name: "session", Value: "1", Path: "/", SameSite: http.SameSiteLaxMode})
		}
	})
	w.site("mallory.test", "mallory", func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost { // bounces it on
			http.Redirect(rw, r, "https://ehr.thiefbox.test/303", http.StatusSeeOther)
			return
		}
		rw.Header().Set("Content-Type", "text/html")
		_, _ = rw.Write([]byte(`<form id=steal method=post action="https://ehr.thiefbox.test/transfer"></form><form id=bounce method=post></form>`))
	})
	b := w.NewBrowser("berg")
	ctx := context.Background()
	if _, err := b.Open(ctx, "https://ehr.thiefbox.test/login"); err != nil {
		t.Fatal(err)
	}
	page, err := b.Open(ctx, "https://mallory.test/")
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"steal": "", "bounce": "session=1"} {
		if _, err := b.Submit(ctx, page, page.Form(id), nil, ""); err != nil {
			t.Fatal(err)
		}
		sent := told[event.Request](w)
		if got := sent[len(sent)-1].Message.Header.Get("Cookie"); got != want {
			t.Errorf("%s: expected the cookie %q, got %q", id, want, got)
		}
	}
	cookies, err := b.Cookies("https://ehr.thiefbox.test/")
	if err != nil || cookieHeader(cookies) != "session=1" {
		t.Errorf("expected the session cookie, got %v, %v", cookies, err)
	}
}
