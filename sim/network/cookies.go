package network

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// jar is net/http/cookiejar with two differences: the world's clock decides what has expired, and SameSite
// is obeyed. The jar underneath sees session cookies only, whose values carry both facts in front:
// "L1795420800.value" is Lax and expires at that Unix time, "N.value" is None and stays.
type jar struct {
	now  func() time.Time
	kept *cookiejar.Jar
}

func newJar(now func() time.Time) *jar {
	kept, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: topLevel{}})
	if err != nil {
		panic("network: cookiejar.New never fails: " + err.Error())
	}
	return &jar{now, kept}
}

// topLevel makes every top-level label a public suffix, so that nobody sets cookies for all of ".test".
type topLevel struct{}

func (topLevel) PublicSuffix(domain string) string {
	return domain[strings.LastIndexByte(domain, '.')+1:]
}
func (topLevel) String() string { return "every top-level label" }

// set keeps the cookies of an answer from u.
func (j *jar) set(u *url.URL, cookies []*http.Cookie) {
	var keep []*http.Cookie
	for _, c := range cookies {
		if !acceptable(u, c) {
			continue
		}
		kept := *c
		kept.MaxAge, kept.Expires = 0, time.Time{}
		expires := j.expiry(c)
		if !expires.IsZero() && !expires.After(j.now()) {
			kept.MaxAge = -1 // the jar forgets it
		}
		kept.Value = stamp(c.SameSite, expires) + c.Value
		keep = append(keep, &kept)
	}
	if keep != nil {
		j.kept.SetCookies(u, keep)
	}
}

// acceptable: RFC 6265bis s5.7, as far as cookiejar does not ask itself.
func acceptable(u *url.URL, c *http.Cookie) bool {
	if c.Secure && u.Scheme != "https" || c.SameSite == http.SameSiteNoneMode && !c.Secure {
		return false
	}
	name := strings.ToLower(c.Name)
	switch {
	case strings.HasPrefix(name, "__secure-"):
		return c.Secure
	case strings.HasPrefix(name, "__host-"):
		return c.Secure && c.Domain == "" && c.Path == "/"
	}
	return true
}

// expiry: Max-Age goes before Expires; zero is the end of the session.
func (j *jar) expiry(c *http.Cookie) time.Time {
	switch {
	case c.MaxAge < 0:
		return j.now()
	case c.MaxAge > 0:
		return j.now().Add(time.Duration(c.MaxAge) * time.Second)
	}
	return c.Expires
}

func stamp(s http.SameSite, expires time.Time) string {
	word := "L" // the default of browsers today, RFC 6265bis s5.6.7
	switch s {
	case http.SameSiteStrictMode:
		word = "S"
	case http.SameSiteNoneMode:
		word = "N"
	}
	if expires.IsZero() {
		return word + "."
	}
	return word + strconv.FormatInt(expires.Unix(), 10) + "."
}

// cookies returns what goes with a navigation from a page (nil: the address bar) to u.
func (j *jar) cookies(u *url.URL, from *source, method string) []*http.Cookie {
	// As in browsers, the page that started it decides, not the redirects on the way.
	sameSite := from == nil || from.origin.site() == originOf(u).site()
	safe := method == http.MethodGet || method == http.MethodHead
	var out []*http.Cookie
	for _, c := range j.kept.Cookies(u) {
		facts, value, _ := strings.Cut(c.Value, ".")
		if !sameSite && (facts[0] == 'S' || facts[0] == 'L' && !safe) {
			continue
		}
		if until, err := strconv.ParseInt(facts[1:], 10, 64); err == nil && j.now().Unix() >= until {
			continue
		}
		out = append(out, &http.Cookie{Name: c.Name, Value: value, Quoted: c.Quoted})
	}
	return out
}

func cookieHeader(cookies []*http.Cookie) string {
	var b strings.Builder
	for i, c := range cookies {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(c.Name)
		b.WriteByte('=')
		if c.Quoted {
			b.WriteString(`"` + c.Value + `"`)
		} else {
			b.WriteString(c.Value)
		}
	}
	return b.String()
}
