package idp

import (
	"net/http"
	"strings"
)

// The paths of the endpoints, below the path of the issuer.
const (
	pathAuthorize  = "/authorize"
	pathSignIn     = "/authorize/sign-in"
	pathConsent    = "/authorize/consent"
	pathPAR        = "/par"
	pathToken      = "/token"
	pathIntrospect = "/introspect"
	pathRevoke     = "/revoke"
	pathJWKS       = "/jwks"

	wellKnownOpenID = "/.well-known/openid-configuration"
	wellKnownOAuth  = "/.well-known/oauth-authorization-server"
)

// route is what answers at a path. A method without a handler is refused.
type route struct {
	get, post func(*Server, http.ResponseWriter, *http.Request)
}

var routes = map[string]route{
	wellKnownOpenID: {get: (*Server).serveMetadata},
	wellKnownOAuth:  {get: (*Server).serveMetadata},
	pathJWKS:        {get: (*Server).serveJWKS},
	pathPAR:         {post: (*Server).servePAR},
	pathAuthorize:   {get: (*Server).serveAuthorize, post: (*Server).serveAuthorize},
	pathSignIn:      {get: (*Server).serveSignInPage, post: (*Server).serveSignIn},
	pathConsent:     {get: (*Server).serveConsentPage, post: (*Server).serveConsent},
	pathToken:       {post: (*Server).serveToken},
	pathIntrospect:  {post: (*Server).serveIntrospect},
	pathRevoke:      {post: (*Server).serveRevoke},
}

// ServeHTTP answers a request to any endpoint.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	endpoint, ok := routes[s.pathBelowIssuer(r.URL.Path)]
	if !ok {
		s.refuse(w, r, &fault{status: http.StatusNotFound, code: "not_found", safe: "no such endpoint",
			detail: "expected one of this server's endpoints, got " + r.URL.Path})
		return
	}
	handle := endpoint.get
	if r.Method == http.MethodPost {
		handle = endpoint.post
	} else if r.Method != http.MethodGet && r.Method != http.MethodHead {
		handle = nil
	}
	if handle == nil {
		w.Header().Set("Allow", endpoint.allow())
		s.refuse(w, r, &fault{status: http.StatusMethodNotAllowed, code: "invalid_request", safe: "method not allowed",
			detail: "expected " + endpoint.allow() + ", got " + r.Method})
		return
	}
	handle(s, w, r)
}

func (e route) allow() string {
	switch {
	case e.post == nil:
		return "GET, HEAD"
	case e.get == nil:
		return "POST"
	}
	return "GET, HEAD, POST"
}

// pathBelowIssuer takes the issuer's path away. For metadata it knows both customs: OpenID Connect
// Discovery s4 appends the well-known part to the issuer, RFC 8414 s3.1 inserts it before its path.
func (s *Server) pathBelowIssuer(path string) string {
	if s.path == "" {
		return path
	}
	if below, ok := strings.CutPrefix(path, s.path); ok {
		return below
	}
	if wellKnown, ok := strings.CutSuffix(path, s.path); ok && (wellKnown == wellKnownOpenID || wellKnown == wellKnownOAuth) {
		return wellKnown
	}
	return ""
}
