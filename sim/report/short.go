package report

import (
	"net/url"
	"strings"
)

// shortPath is the part of a URL that tells one request from another: FHIR without its base path,
// long queries cut.
func shortPath(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "?"
	}
	p := u.EscapedPath()
	if i := strings.Index(p, "/fhir/"); i >= 0 {
		p = p[i+len("/fhir"):]
	}
	if p == "" {
		p = "/"
	}
	return p + shortQuery(u)
}

// shortQuery shows a FHIR search, and of other queries what they are about: they carry secrets.
func shortQuery(u *url.URL) string {
	q := u.Query()
	switch {
	case u.RawQuery == "":
		return ""
	case q.Has("access_token"):
		return "?access_token=…"
	case strings.Contains(u.Path, "/fhir/") && len(u.RawQuery) <= 40:
		return "?" + u.RawQuery
	case q.Has("code"):
		return "?code=…"
	case q.Has("error"):
		return "?error=" + q.Get("error")
	}
	return "?…"
}

// shortURL is host and path.
func shortURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "an address that is none"
	}
	if u.Host == "" {
		return u.Path
	}
	return u.Host + strings.TrimSuffix(u.Path, "/")
}
