package network

import (
	"net/http"
	"net/url"
	"strings"
)

// referrerPolicy decides what a page tells the next one about its address (W3C Referrer Policy s3).
type referrerPolicy string

// The policies. Empty means the default.
const (
	noReferrer                  referrerPolicy = "no-referrer"
	noReferrerWhenDowngrade     referrerPolicy = "no-referrer-when-downgrade"
	sameOriginOnly              referrerPolicy = "same-origin"
	originOnly                  referrerPolicy = "origin"
	strictOrigin                referrerPolicy = "strict-origin"
	originWhenCrossOrigin       referrerPolicy = "origin-when-cross-origin"
	strictOriginWhenCrossOrigin referrerPolicy = "strict-origin-when-cross-origin"
	unsafeURL                   referrerPolicy = "unsafe-url"
)

// policyOf reads Referrer-Policy: of a list the last known word counts (s8.1).
func policyOf(h http.Header, otherwise referrerPolicy) referrerPolicy {
	for _, line := range h["Referrer-Policy"] {
		for word := range strings.SplitSeq(line, ",") {
			otherwise = policyFrom(word, otherwise)
		}
	}
	return otherwise
}

func policyFrom(word string, otherwise referrerPolicy) referrerPolicy {
	switch p := referrerPolicy(strings.ToLower(strings.TrimSpace(word))); p {
	case noReferrer, noReferrerWhenDowngrade, sameOriginOnly, originOnly, strictOrigin,
		originWhenCrossOrigin, strictOriginWhenCrossOrigin, unsafeURL:
		return p
	}
	return otherwise
}

// under is the source after an answer that redirected: its policy holds from there on (Fetch s4.4).
func (s *source) under(h http.Header) *source {
	policy := policyOf(h, s.policy)
	if policy == s.policy {
		return s
	}
	changed := *s
	changed.policy = policy
	return &changed
}

// referer is the value of Referer, empty for none (s8.3).
func (nav *navigation) referer() string {
	if nav.page == nil {
		return ""
	}
	s := nav.page
	whole, bare := fullReferrer(s.url), s.origin.String()+"/"
	same := s.origin == originOf(nav.url)
	downgrade := s.origin.scheme == "https" && nav.url.Scheme != "https"
	switch s.policy {
	case noReferrer:
		return ""
	case noReferrerWhenDowngrade:
		return unless(downgrade, whole)
	case sameOriginOnly:
		return unless(!same, whole)
	case originOnly:
		return bare
	case strictOrigin:
		return unless(downgrade, bare)
	case unsafeURL:
		return whole
	case originWhenCrossOrigin:
		if same {
			return whole
		}
		return bare
	}
	if same {
		return whole
	}
	return unless(downgrade, bare)
}

// originHeader is the value of Origin, which browsers send with every POST (Fetch s3.2).
func (nav *navigation) originHeader() string {
	if nav.page == nil || nav.tainted {
		return "null"
	}
	s := nav.page
	switch s.policy {
	case noReferrer:
		return "null"
	case sameOriginOnly:
		if s.origin != originOf(nav.url) {
			return "null"
		}
	case originOnly, originWhenCrossOrigin, unsafeURL:
	default:
		if s.origin.scheme == "https" && nav.url.Scheme != "https" {
			return "null"
		}
	}
	return s.origin.String()
}

func unless(not bool, s string) string {
	if not {
		return ""
	}
	return s
}

func fullReferrer(u *url.URL) string {
	bare := *u
	bare.User = nil
	return withoutFragment(&bare)
}
