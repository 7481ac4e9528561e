package idp

import (
	"net/http"
	"slices"
	"strings"

	"thiefbox/sim/control"
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
	connectExpired:        pathExpired,
	connectIDPs:           pathIDPs,
}

const (
	connectJWKS    = wellKnownOpenID + "/jwks"
	connectExpired = "/connect/expiredjwks"
	connectIDPs    = "/connect/availableidps"
)

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

// nationalMetadata is what HelseID's discovery document has, which is more than its profile allows: a client for it
// cannot learn the profile there, and one that tries should notice here. What this server really does stands in the
// document of RFC 8414.
type nationalMetadata struct {
	fapi.Metadata
	ExpiredJWKS               string `json:"expired_jwks_uri"`
	AvailableIDPs             string `json:"available_idps"`
	FrontchannelLogout        bool   `json:"frontchannel_logout_supported"`
	FrontchannelLogoutSession bool   `json:"frontchannel_logout_session_supported"`
	BackchannelLogout         bool   `json:"backchannel_logout_supported"`
	BackchannelLogoutSession  bool   `json:"backchannel_logout_session_supported"`
}

func (s *Server) nationalMetadata(m fapi.Metadata) nationalMetadata {
	base := strings.TrimSuffix(s.issuer, "/")
	m.RequirePAR = false
	m.GrantTypesSupported = []string{grantAuthorizationCode, grantClientCredentials, grantRefreshToken, "implicit",
		"urn:ietf:params:oauth:grant-type:device_code", "urn:openid:params:grant-type:ciba", grantTokenExchange}
	m.ResponseTypesSupported = []string{"code", "token", "id_token", "id_token token", "code id_token", "code token", "code id_token token"}
	m.ResponseModesSupported = []string{"form_post", "query", "fragment"}
	m.CodeChallengeMethods = []string{"plain", "S256"}
	m.TokenEndpointAuthMethods = []string{string(control.ClientSecretBasic), string(control.ClientSecretPost), string(control.PrivateKeyJWT)}
	m.TokenEndpointAuthAlgs = nil
	m.RevocationAuthMethods, m.RevocationAuthAlgs, m.IntrospectionAuthMethods = nil, nil, nil // of which HelseID says nothing
	m.RequestAlgs = append(slices.Clone(m.RequestAlgs), "HS256", "HS384", "HS512")
	m.PromptValues = []string{"none", "login", "consent", "select_account"}
	return nationalMetadata{m, base + connectExpired, base + connectIDPs, true, true, true, true}
}

// serveExpired publishes the keys that sign no more (expired_jwks_uri).
func (s *Server) serveExpired(w http.ResponseWriter, _ *http.Request) {
	publish(w, "application/jwk-set+json", fapi.JWKS(s.keys.expired(s.now())...))
}

// serveIDPs publishes who signs people in here (available_idps), by the names that acr_values and the claim idp use.
// How HelseID lists them is not public.
func (s *Server) serveIDPs(w http.ResponseWriter, _ *http.Request) {
	publish(w, "application/json", []byte(`["`+nationalIDP+`"]`))
}

// connectMetadata names the endpoints as HelseID does.
func (s *Server) connectMetadata(m *fapi.Metadata) {
	base := strings.TrimSuffix(s.issuer, "/")
	m.AuthorizationEndpoint, m.TokenEndpoint = base+"/connect/authorize", base+"/connect/token"
	m.PushedAuthorizationRequestEndpoint, m.UserinfoEndpoint = base+"/connect/par", base+"/connect/userinfo"
	m.IntrospectionEndpoint, m.RevocationEndpoint = base+"/connect/introspect", base+"/connect/revocation"
	m.EndSessionEndpoint, m.JWKSURI = base+"/connect/endsession", base+connectJWKS
}
