package fapi

import (
	"fmt"
	"net/url"
	"strings"
)

// WithoutQuery cuts a URL before its query and fragment.
func WithoutQuery(rawURL string) string {
	if i := strings.IndexAny(rawURL, "?#"); i >= 0 {
		return rawURL[:i]
	}
	return rawURL
}

// SameURI compares two request URIs without query and fragment, after the normalisation that RFC 9449
// s4.3-9 asks for (RFC 3986 s6.2.2 and s6.2.3) and no other: case of scheme and host, default port,
// percent-encoding of unreserved characters, dot segments, and an empty path. What may be another
// resource stays one: %2F is not a slash, a slash at the end counts, and so do two in a row.
func SameURI(a, b string) bool {
	if a == b {
		return a != ""
	}
	na, errA := normalURI(a)
	nb, errB := normalURI(b)
	return errA == nil && errB == nil && na == nb
}

// normalURI works on the text itself. net/url keeps the path decoded, and where it encodes it again
// a %2F can come out as a slash.
func normalURI(raw string) (string, error) {
	raw = WithoutQuery(raw)
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return "", fmt.Errorf("expected an absolute http or https URL, got %q", raw)
	}
	authority := raw[len(u.Scheme)+len("://"):]
	path := ""
	if i := strings.IndexByte(authority, '/'); i >= 0 {
		authority, path = authority[:i], authority[i:]
	}
	return u.Scheme + "://" + withoutDefaultPort(u.Scheme, lowerASCII(authority)) + normalPath(path), nil
}

// withoutDefaultPort is RFC 3986 s6.2.3; an empty port is the default one.
func withoutDefaultPort(scheme, authority string) string {
	port := ":443"
	if scheme == "http" {
		port = ":80"
	}
	return strings.TrimSuffix(strings.TrimSuffix(authority, port), ":")
}

// lowerASCII leaves other letters alone: to strings.ToLower the Kelvin sign is a k, and a host with
// one would be a host with the other.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func normalPath(path string) string {
	if path == "" {
		return "/"
	}
	return withoutDots(normalEscapes(path))
}

// normalEscapes decodes the unreserved characters, and writes the other escapes in upper case (RFC
// 3986 s6.2.2.1, s6.2.2.2). Bytes that may not stand in a URI are escaped, as a client does when it
// sends them.
func normalEscapes(path string) string {
	var out strings.Builder
	out.Grow(len(path))
	for i := 0; i < len(path); i++ {
		c := path[i]
		escaped := c == '%' // url.Parse has seen to it that two hexadecimal digits follow
		if escaped {
			c = unhex(path[i+1])<<4 | unhex(path[i+2])
			i += 2
		}
		if unreserved(c) || !escaped && strings.IndexByte("/!$&'()*+,;=:@", c) >= 0 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

// unreserved is RFC 3986 s2.3.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}

// withoutDots removes dot segments (RFC 3986 s5.2.4). Unlike path.Clean it keeps empty segments, which
// are segments like others: /fhir//Patient is not /fhir/Patient.
func withoutDots(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	segments := strings.Split(path[1:], "/")
	var kept []string
	for i, s := range segments {
		switch s {
		case "..":
			kept = kept[:max(len(kept)-1, 0)]
		case ".":
		default:
			kept = append(kept, s)
			continue
		}
		if i == len(segments)-1 {
			kept = append(kept, "") // "/a/." is the directory "/a/"
		}
	}
	return "/" + strings.Join(kept, "/")
}
