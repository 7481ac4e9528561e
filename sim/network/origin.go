package network

import (
	"net"
	"net/url"
	"strings"
)

// origin is scheme and host, with the port if it is not the scheme's own (RFC 6454 s4).
type origin struct{ scheme, host string }

func originOf(u *url.URL) origin {
	host := strings.ToLower(u.Host)
	if strings.HasSuffix(host, defaultPort(u.Scheme)) {
		host = strings.TrimSuffix(host, defaultPort(u.Scheme))
	}
	return origin{u.Scheme, host}
}

// parseHost reads the host of Serve.
func parseHost(host string) origin {
	scheme := "https"
	if rest, ok := strings.CutPrefix(host, "http://"); ok {
		scheme, host = "http", rest
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "https://"), "/")
	return originOf(&url.URL{Scheme: scheme, Host: host})
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return ":443"
	}
	return ":80"
}

func (o origin) String() string { return o.scheme + "://" + o.host }

// name is the host without its port.
func (o origin) name() string {
	u := url.URL{Host: o.host}
	return u.Hostname()
}

// address is where a client would dial: always with a port.
func (o origin) address() string {
	u := url.URL{Host: o.host}
	if u.Port() != "" {
		return o.host
	}
	return o.host + defaultPort(o.scheme)
}

// site is what cookies call the same site: the scheme and the registrable domain (RFC 6265bis s5.2).
// Every top-level label counts as a public suffix, which is all that an invented internet needs.
func (o origin) site() origin {
	name := o.name()
	if net.ParseIP(name) != nil {
		return origin{o.scheme, name}
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[strings.LastIndexByte(name[:i], '.')+1:]
	}
	return origin{o.scheme, name}
}
