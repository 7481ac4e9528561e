package idp

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// serveMetadata publishes what clients need to know (RFC 8414; OpenID Connect Discovery). It says how
// honest parties speak at present; what is refused, nobody is told beforehand.
func (s *Server) serveMetadata(w http.ResponseWriter, r *http.Request) {
	d := s.party.Dialect()
	doc := s.published.Load()
	if doc == nil || doc.dialect != d {
		m := s.metadata(d)
		doc = &document{dialect: d, body: m.JSON()}
		doc.national = doc.body
		if s.connect {
			doc.national = marshalled(s.nationalMetadata(m))
		}
		s.published.Store(doc)
	}
	if s.pathBelowIssuer(r.URL.Path) == wellKnownOpenID {
		publish(w, "application/json", doc.national)
		return
	}
	publish(w, "application/json", doc.body)
}

// document is the metadata as long as the dialect stays.
type document struct {
	dialect        control.Dialect
	body, national []byte
}

func marshalled(m any) []byte {
	body, err := json.Marshal(m)
	if err != nil {
		panic("idp: the metadata does not marshal: " + err.Error())
	}
	return body
}

func (s *Server) metadata(d control.Dialect) fapi.Metadata {
	methods := []string{string(control.PrivateKeyJWT)}
	if !d.ClientAuth.Asymmetric() {
		methods = append(methods, string(control.ClientSecretBasic), string(control.ClientSecretPost))
	}
	if s.mutual {
		methods = append(methods, string(control.TLSClientAuth), string(control.SelfSignedTLSClientAuth))
	}
	register := ""
	if s.registration != nil {
		register = s.at.register
	}
	clientAlgs, algs := fapi.AlgorithmsNamed(d.ClientAlgs), s.keys.algorithms(d.TokenAlg)
	m := fapi.Metadata{
		RegistrationEndpoint: register, LaunchEndpoint: s.launchEndpoint(),
		Issuer: s.issuer, AuthorizationEndpoint: s.at.authorize, TokenEndpoint: s.at.token,
		PushedAuthorizationRequestEndpoint: s.at.par, IntrospectionEndpoint: s.at.introspect,
		RevocationEndpoint: s.at.revoke, JWKSURI: s.at.jwks, UserinfoEndpoint: s.at.userinfo, EndSessionEndpoint: s.at.endSession,
		RequirePAR: d.Request != control.PlainRequest, IssParameter: true,
		ScopesSupported:        s.scopes(),
		ResponseTypesSupported: []string{"code"}, ResponseModesSupported: responseModes,
		GrantTypesSupported:   []string{grantAuthorizationCode, grantClientCredentials, grantRefreshToken, grantTokenExchange},
		SubjectTypesSupported: []string{"public"}, IDTokenAlgs: algs, UserinfoAlgs: algs,
		ACRValues: s.acrValues(), PromptValues: promptValues, ClaimsParameter: true, ClaimsSupported: s.claims(),
		ClaimTypesSupported:      []string{"normal"},
		TokenEndpointAuthMethods: methods, TokenEndpointAuthAlgs: clientAlgs,
		RevocationAuthMethods: methods, RevocationAuthAlgs: clientAlgs, IntrospectionAuthMethods: s.askingMethods(),
		CodeChallengeMethods: []string{"S256"}, DPoPAlgs: clientAlgs,
		// Request objects are pushed, so where nothing need be pushed they are not offered.
		RequestParameter: d.Request != control.PlainRequest, RequireSignedRequest: d.Request == control.SignedRequest, RequestAlgs: clientAlgs,
		AuthorizationAlgs: slices.DeleteFunc(slices.Clone(algs), func(alg string) bool { return alg != d.TokenAlg && !slices.Contains(responseAlgs, alg) }), IntrospectionAlgs: []string{d.TokenAlg},
		DetailTypes:            s.detailNames(),
		CertificateBoundTokens: s.mutual, MTLSAliases: s.publishedAliases(),
	}
	if s.connect {
		s.connectMetadata(&m)
	}
	return m
}

// askingMethods are the ways in which APIs prove who they are that ask about tokens.
func (s *Server) askingMethods() []string {
	var methods []string
	for _, asker := range s.askers {
		if asker.Secret != "" {
			methods = append(methods, string(control.ClientSecretBasic))
		}
		if m := asker.TLS.method(); m != "" {
			methods = append(methods, string(m))
		}
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}

// scopes is every scope that some client may ask for.
func (s *Server) scopes() []string {
	var all []string
	for _, c := range s.clients {
		all = append(all, strings.Fields(string(c.Scope))...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// claims are those that can be had here; who somebody is at the APIs is known of some people and not of all.
func (s *Server) claims() []string {
	for _, u := range s.users {
		if u.FHIRUser != "" {
			return append(claimsSupported(), "fhirUser")
		}
	}
	return claimsSupported()
}

// launchEndpoint is told where some client is an EHR.
func (s *Server) launchEndpoint() string {
	for _, c := range s.clients {
		if c.EHR {
			return s.at.launch
		}
	}
	return ""
}

func (s *Server) publishedAliases() fapi.MTLSAliases {
	a := s.aliases
	if s.launchEndpoint() == "" {
		a.LaunchEndpoint = ""
	}
	return a
}
