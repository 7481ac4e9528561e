package idp

import (
	"net/http"
	"strings"

	"thiefbox/sim/fapi"
)

// HelseID has its endpoints below /connect. They answer there under every issuer, beside the plain paths, so that a
// client with written-down paths works too; the metadata names the ones or the others (Config.ConnectPaths).

const prefixConnect = "/connect/"

// connectPaths are HelseID's paths, and what they are called here.
var connectPaths = map[string]string{
	"/connect/authorize":  pathAuthorize,
	"/connect/par":        pathPAR,
	"/connect/token":      pathToken,
	"/connect/userinfo":   pathUserinfo,
	"/connect/endsession": pathEndSession,
	"/connect/revocation": pathRevoke,
	"/connect/introspect": pathIntrospect,
	connectJWKS:           pathJWKS,
}

const connectJWKS = wellKnownOpenID + "/jwks"

// PlainPath is what a path below an issuer is called here; one that HelseID does not have stays as it is.
func PlainPath(path string) string {
	if plain, ok := connectPaths[path]; ok {
		return plain
	}
	return path
}

// called is the URL of the endpoint that a request went to, which proofs name.
func (s *Server) called(r *http.Request, plain string) string {
	if below := s.pathBelowIssuer(r.URL.Path); strings.HasPrefix(below, prefixConnect) {
		return strings.TrimSuffix(s.issuer, "/") + below
	}
	return plain
}

// connectMetadata names the endpoints as HelseID does.
func (s *Server) connectMetadata(m *fapi.Metadata) {
	base := strings.TrimSuffix(s.issuer, "/")
	m.AuthorizationEndpoint, m.TokenEndpoint = base+"/connect/authorize", base+"/connect/token"
	m.PushedAuthorizationRequestEndpoint, m.UserinfoEndpoint = base+"/connect/par", base+"/connect/userinfo"
	m.IntrospectionEndpoint, m.RevocationEndpoint = base+"/connect/introspect", base+"/connect/revocation"
	m.EndSessionEndpoint, m.JWKSURI = base+"/connect/endsession", base+connectJWKS
}
