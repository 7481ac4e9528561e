package idp

import (
	"maps"
	"net/http"

	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// serveJWKS publishes the keys that verify this server's tokens (RFC 7517 s5).
func (s *Server) serveJWKS(w http.ResponseWriter, _ *http.Request) {
	publish(w, "application/jwk-set+json", fapi.JWKS(s.keys.published(s.now())...))
}

// publicHeader is shared by all answers: its values are never changed in place.
var publicHeader = http.Header{
	"Cache-Control":               {"public, max-age=300"},
	"Access-Control-Allow-Origin": {"*"},
	"Vary":                        {"Origin"},
	"X-Content-Type-Options":      {"nosniff"},
}

// publish sends what anybody may read, from any page (CORS), and keep for a while.
func publish(w http.ResponseWriter, kind string, body []byte) {
	h := w.Header()
	maps.Copy(h, publicHeader)
	h.Set("Content-Type", kind)
	party.Send(w, body)
}
