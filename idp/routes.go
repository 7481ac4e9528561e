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
	pathPick       = "/authorize/patient"
	pathLaunch     = "/launch"
	pathPAR        = "/par"
	pathToken      = "/token"
	pathIntrospect = "/introspect"
	pathRevoke     = "/revoke"
	pathJWKS       = "/jwks"
	pathExpired    = "/jwks/expired"
	pathIDPs       = "/idps"
	pathRegister   = "/register"
	// pathRegistration has the id of a client behind it.
	pathRegistration = "/register/"
	pathUserinfo     = "/userinfo"
	pathEndSession   = "/authorize/end-session" // where the cookie of the session goes

	wellKnownOpenID = "/.well-known/openid-configuration"
	wellKnownOAuth  = "/.well-known/oauth-authorization-server"
)

// route is what answers at a path. A method without a handler is refused.
type route struct {
	get, post, put, del func(*Server, http.ResponseWriter, *http.Request)
	// shared: pages of other origins may call it (origins.go). The pages of this server are not among them
	// (SP 5.2.3-3), nor is what only servers call.
	shared bool
}

var routes = map[string]route{
	wellKnownOpenID:  {get: (*Server).serveMetadata, shared: true},
	wellKnownOAuth:   {get: (*Server).serveMetadata, shared: true},
	pathJWKS:         {get: (*Server).serveJWKS, shared: true},
	pathExpired:      {get: (*Server).serveExpired, shared: true},
	pathIDPs:         {get: (*Server).serveIDPs, shared: true},
	pathPAR:          {post: (*Server).servePAR, shared: true},
	pathAuthorize:    {get: (*Server).serveAuthorize, post: (*Server).serveAuthorize},
	pathSignIn:       {get: (*Server).serveSignInPage, post: (*Server).serveSignIn},
	pathConsent:      {get: (*Server).serveConsentPage, post: (*Server).serveConsent},
	pathPick:         {get: (*Server).servePickPage, post: (*Server).servePick},
	pathLaunch:       {post: (*Server).serveLaunch},
	pathEndSession:   {get: (*Server).serveEndSession, post: (*Server).serveEndSession},
	pathToken:        {post: (*Server).serveToken, shared: true},
	pathUserinfo:     {get: (*Server).serveUserinfo, post: (*Server).serveUserinfo, shared: true},
	pathIntrospect:   {post: (*Server).serveIntrospect},
	pathRevoke:       {post: (*Server).serveRevoke, shared: true},
	pathRegister:     {post: (*Server).serveRegister},
	pathRegistration: {get: (*Server).serveRegistration, put: (*Server).serveReplaceRegistration, del: (*Server).serveWithdrawRegistration},
}

// ServeHTTP answers a request to any endpoint.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.ledger != nil {
		w = &settling{ResponseWriter: w, s: s, r: r}
	}
	s.serve(w, r)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	path := PlainPath(s.pathBelowIssuer(r.URL.Path))
	if strings.HasPrefix(path, pathRegistration) {
		path = pathRegistration
	}
	endpoint, ok := routes[path]
	if !ok {
		s.refuse(w, r, &fault{status: http.StatusNotFound, code: "not_found", safe: "no such endpoint",
			detail: "expected one of this server's endpoints, got " + r.URL.Path, clause: "RFC 8414 s2",
			fix: "take the endpoints from the metadata, " + strings.TrimSuffix(s.issuer, "/") + wellKnownOpenID})
		return
	}
	if !endpoint.shared {
		s.secureTransport(w.Header())
	} else if s.answerOrigin(w, r, endpoint) {
		return
	}
	handle := endpoint.handler(r.Method)
	if handle == nil {
		w.Header().Set("Allow", endpoint.allow())
		s.refuse(w, r, &fault{status: http.StatusMethodNotAllowed, code: "invalid_request", safe: "method not allowed",
			detail: "expected the method " + endpoint.allow() + ", got " + r.Method, clause: "RFC 6749 s3.2; RFC 9126 s2; RFC 9110 s15.5.6",
			fix: "send the parameters with the method that the endpoint takes; a redirect that was followed makes a GET of a POST"})
		return
	}
	handle(s, w, r)
}

func (e route) handler(method string) func(*Server, http.ResponseWriter, *http.Request) {
	switch method {
	case http.MethodGet, http.MethodHead:
		return e.get
	case http.MethodPost:
		return e.post
	case http.MethodPut:
		return e.put
	case http.MethodDelete:
		return e.del
	}
	return nil
}

func (e route) allow() string {
	var methods []string
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if e.handler(m) != nil {
			methods = append(methods, m)
		}
	}
	return strings.Join(methods, ", ")
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
