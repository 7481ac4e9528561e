package network

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// jar keeps cookies as net/http/cookiejar does, with two differences: the world's clock decides what has expired, and
// SameSite is obeyed. A test holds the two together. A browser has a handful of cookies, so they lie in a list.
type jar struct {
	now func() time.Time

	mu   sync.Mutex
	kept []cookie // oldest first
}

// cookie is one that was set. What it is known by is name, domain and path.
type cookie struct {
	name, domain, path string
	hostOnly           bool // it goes to no host below its domain

	value          string
	quoted, secure bool
	sameSite       http.SameSite
	ends           bool
	until          int64 // Unix seconds
}

func newJar(now func() time.Time) *jar { return &jar{now: now} }

// set keeps the cookies of an answer from u.
func (j *jar) set(u *url.URL, cookies []*http.Cookie) {
	if len(cookies) == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range cookies {
		domain, hostOnly, ok := scopeOf(hostOf(u), c.Domain)
		if !ok || !acceptable(u, c) {
			continue
		}
		fresh := cookie{
			name: c.Name, domain: domain, hostOnly: hostOnly, path: c.Path,
			value: c.Value, quoted: c.Quoted, secure: c.Secure, sameSite: c.SameSite,
		}
		if !strings.HasPrefix(c.Path, "/") {
			fresh.path = defaultPath(u.Path)
		}
		expires := j.expiry(c)
		fresh.ends, fresh.until = !expires.IsZero(), expires.Unix()
		at := slices.IndexFunc(j.kept, func(old cookie) bool {
			return old.name == fresh.name && old.domain == fresh.domain && old.path == fresh.path
		})
		switch gone := fresh.ends && !expires.After(j.now()); {
		case gone && at >= 0:
			j.kept = slices.Delete(j.kept, at, at+1)
		case gone:
		case at >= 0:
			j.kept[at] = fresh // it stays as old as it was
		default:
			j.kept = append(j.kept, fresh)
		}
	}
}

// hostOf is the host of a URL as cookies know it.
func hostOf(u *url.URL) string { return strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")) }

// defaultPath: RFC 6265 s5.1.4.
func defaultPath(path string) string {
	if last := strings.LastIndexByte(path, '/'); last > 0 && path[0] == '/' {
		return path[:last]
	}
	return "/"
}

// scopeOf says where a cookie of a host goes that names a domain or none (RFC 6265bis s5.7), and whether it may.
// Every top-level label counts as a public suffix, so nobody sets cookies for all of ".test".
func scopeOf(host, named string) (domain string, hostOnly, ok bool) {
	if named == "" {
		return host, true, true
	}
	if net.ParseIP(host) != nil || strings.ContainsAny(host, ":%") {
		return host, true, host == named
	}
	domain = strings.ToLower(strings.TrimPrefix(named, "."))
	switch {
	case domain == "" || domain[0] == '.' || domain[len(domain)-1] == '.':
		return "", false, false
	case strings.IndexFunc(domain, func(r rune) bool { return r > '~' }) >= 0:
		return "", false, false
	case !strings.Contains(domain, "."):
		return host, true, host == domain
	}
	return domain, false, host == domain || strings.HasSuffix(host, "."+domain)
}

// goesTo tells whether a cookie is for a host and path, of a scheme.
func (c *cookie) goesTo(scheme, host, path string) bool {
	switch {
	case host != c.domain && (c.hostOnly || !strings.HasSuffix(host, "."+c.domain)):
		return false
	case path != c.path && (!strings.HasPrefix(path, c.path) || !strings.HasSuffix(c.path, "/") && path[len(c.path)] != '/'):
		return false
	}
	return !c.secure || scheme == "https"
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

// cookies returns what goes with a navigation from a page (nil: the address bar) to u.
func (j *jar) cookies(u *url.URL, from *source, method string) []*http.Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.kept) == 0 || u.Scheme != "https" && u.Scheme != "http" {
		return nil
	}
	// As in browsers, the page that started it decides, not the redirects on the way.
	sameSite := from == nil || from.origin.site() == originOf(u).site()
	safe := method == http.MethodGet || method == http.MethodHead
	host, path, now := hostOf(u), u.Path, j.now().Unix()
	if path == "" {
		path = "/"
	}
	var sent []*cookie
	for i := range j.kept {
		c := &j.kept[i]
		switch {
		case !c.goesTo(u.Scheme, host, path) || c.ends && now >= c.until:
		case !sameSite && (c.sameSite == http.SameSiteStrictMode || c.sameSite != http.SameSiteNoneMode && !safe): // Lax is the default
		default:
			sent = append(sent, c)
		}
	}
	slices.SortStableFunc(sent, func(a, b *cookie) int { return strings.Compare(b.path, a.path) })
	out := make([]*http.Cookie, len(sent))
	for i, c := range sent {
		out[i] = &http.Cookie{Name: c.name, Value: c.value, Quoted: c.quoted}
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
