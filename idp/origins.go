package idp

import (
	"net/http"
	"strings"
)

// Pages of other origins (CORS, the Fetch standard) may read metadata and keys, and may call the back-channel
// endpoints that a client calls, signing out among them (RFC 7009 s2.3): what they send there proves itself, and no cookie
// goes along. To the authorization endpoint a
// browser is sent, it does not call it (SP 5.2.3-3).

// answerOrigin answers a question of a browser's that comes before a request (preflight), and says so. On any other
// request it adds what lets the page read the answer. A caller that is no page sends no Origin and
// gets no such headers.
func (s *Server) answerOrigin(w http.ResponseWriter, r *http.Request, e route) (answered bool) {
	if r.Header.Get("Origin") == "" {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "DPoP-Nonce, Retry-After, WWW-Authenticate, x-fapi-interaction-id")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", e.allow())
	h.Set("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, DPoP, x-fapi-interaction-id")
	h.Set("Access-Control-Max-Age", "600")
	h.Set("Vary", "Origin")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// secureTransport tells browsers to come by https alone from now on (HSTS, RFC 6797; SP 5.2.3-1). Not on a machine's
// own name: there it would lock every other server on localhost, at every port, to https.
func (s *Server) secureTransport(h http.Header) {
	if s.strictTransport {
		h["Strict-Transport-Security"] = aYearOfTransport
	}
}

// aYearOfTransport is shared by all answers, and never changed in place.
var aYearOfTransport = []string{"max-age=31536000; includeSubDomains"}

// strictTransport is for issuers on https and under a name that is not this machine's.
func strictTransport(scheme, host string) bool {
	return scheme == "https" && !isLoopback(host) && !strings.HasSuffix(host, ".localhost")
}
