package fapi

import "fmt"

// Metadata is an authorization server's metadata (RFC 8414; OIDC Discovery), the members thiefbox uses.
type Metadata struct {
	Issuer                             string   `json:"issuer"`
	AuthorizationEndpoint              string   `json:"authorization_endpoint,omitempty"`
	TokenEndpoint                      string   `json:"token_endpoint,omitempty"`
	PushedAuthorizationRequestEndpoint string   `json:"pushed_authorization_request_endpoint,omitempty"`
	IntrospectionEndpoint              string   `json:"introspection_endpoint,omitempty"`
	RevocationEndpoint                 string   `json:"revocation_endpoint,omitempty"`
	UserinfoEndpoint                   string   `json:"userinfo_endpoint,omitempty"`
	EndSessionEndpoint                 string   `json:"end_session_endpoint,omitempty"`
	JWKSURI                            string   `json:"jwks_uri,omitempty"`
	RegistrationEndpoint               string   `json:"registration_endpoint,omitempty"`
	LaunchEndpoint                     string   `json:"launch_endpoint,omitempty"` // thiefbox's own: where an EHR says which app it opens
	RequirePAR                         bool     `json:"require_pushed_authorization_requests"`
	IssParameter                       bool     `json:"authorization_response_iss_parameter_supported"`
	ScopesSupported                    []string `json:"scopes_supported,omitempty"`
	ResponseTypesSupported             []string `json:"response_types_supported,omitempty"`
	ResponseModesSupported             []string `json:"response_modes_supported,omitempty"`
	GrantTypesSupported                []string `json:"grant_types_supported,omitempty"`
	SubjectTypesSupported              []string `json:"subject_types_supported,omitempty"`
	IDTokenAlgs                        []string `json:"id_token_signing_alg_values_supported,omitempty"`
	UserinfoAlgs                       []string `json:"userinfo_signing_alg_values_supported,omitempty"`
	ACRValues                          []string `json:"acr_values_supported,omitempty"`
	PromptValues                       []string `json:"prompt_values_supported,omitempty"`
	ClaimsParameter                    bool     `json:"claims_parameter_supported,omitempty"`
	ClaimsSupported                    []string `json:"claims_supported,omitempty"`
	ClaimTypesSupported                []string `json:"claim_types_supported,omitempty"`
	TokenEndpointAuthMethods           []string `json:"token_endpoint_auth_methods_supported,omitempty"`
	TokenEndpointAuthAlgs              []string `json:"token_endpoint_auth_signing_alg_values_supported,omitempty"`
	RevocationAuthMethods              []string `json:"revocation_endpoint_auth_methods_supported,omitempty"` // without it, client_secret_basic (RFC 8414 s2)
	RevocationAuthAlgs                 []string `json:"revocation_endpoint_auth_signing_alg_values_supported,omitempty"`
	IntrospectionAuthMethods           []string `json:"introspection_endpoint_auth_methods_supported,omitempty"`
	CodeChallengeMethods               []string `json:"code_challenge_methods_supported,omitempty"`
	DPoPAlgs                           []string `json:"dpop_signing_alg_values_supported,omitempty"`
	// Signed requests, responses and introspection (RFC 9101 s10.5, JARM s4, RFC 9701 s7).
	RequestParameter     bool     `json:"request_parameter_supported"`
	RequestURIParameter  bool     `json:"request_uri_parameter_supported"`
	RequireSignedRequest bool     `json:"require_signed_request_object"`
	RequestAlgs          []string `json:"request_object_signing_alg_values_supported,omitempty"`
	AuthorizationAlgs    []string `json:"authorization_signing_alg_values_supported,omitempty"`
	IntrospectionAlgs    []string `json:"introspection_signing_alg_values_supported,omitempty"`
	DetailTypes          []string `json:"authorization_details_types_supported,omitempty"` // RFC 9396 s10

	CertificateBoundTokens bool        `json:"tls_client_certificate_bound_access_tokens,omitempty"`
	MTLSAliases            MTLSAliases `json:"mtls_endpoint_aliases,omitzero"`
}

// ParseMetadata reads a metadata document, strictly: see parseObject. The slices in it are for reading: see lately.
func ParseMetadata(document []byte) (Metadata, error) {
	m, known := documents.get(document)
	if known {
		return m, nil
	}
	m, err := parseMetadata(document)
	if err == nil {
		documents.put(string(document), m)
	}
	return m, err
}

func parseMetadata(document []byte) (Metadata, error) {
	o, err := parseObject(string(document))
	if err != nil {
		return Metadata{}, fmt.Errorf("not a metadata document: %w", err)
	}
	c := claims{object: o}
	m := Metadata{
		Issuer:                             c.text("issuer"),
		AuthorizationEndpoint:              c.text("authorization_endpoint"),
		TokenEndpoint:                      c.text("token_endpoint"),
		PushedAuthorizationRequestEndpoint: c.text("pushed_authorization_request_endpoint"),
		IntrospectionEndpoint:              c.text("introspection_endpoint"),
		RevocationEndpoint:                 c.text("revocation_endpoint"),
		UserinfoEndpoint:                   c.text("userinfo_endpoint"),
		EndSessionEndpoint:                 c.text("end_session_endpoint"),
		JWKSURI:                            c.text("jwks_uri"),
		RegistrationEndpoint:               c.text("registration_endpoint"),
		LaunchEndpoint:                     c.text("launch_endpoint"),
		RequirePAR:                         c.truth("require_pushed_authorization_requests"),
		IssParameter:                       c.truth("authorization_response_iss_parameter_supported"),
		ScopesSupported:                    c.texts("scopes_supported"),
		ResponseTypesSupported:             c.texts("response_types_supported"),
		ResponseModesSupported:             c.texts("response_modes_supported"),
		GrantTypesSupported:                c.texts("grant_types_supported"),
		SubjectTypesSupported:              c.texts("subject_types_supported"),
		IDTokenAlgs:                        c.texts("id_token_signing_alg_values_supported"),
		UserinfoAlgs:                       c.texts("userinfo_signing_alg_values_supported"),
		ACRValues:                          c.texts("acr_values_supported"),
		PromptValues:                       c.texts("prompt_values_supported"),
		ClaimsParameter:                    c.truth("claims_parameter_supported"),
		ClaimsSupported:                    c.texts("claims_supported"),
		ClaimTypesSupported:                c.texts("claim_types_supported"),
		TokenEndpointAuthMethods:           c.texts("token_endpoint_auth_methods_supported"),
		TokenEndpointAuthAlgs:              c.texts("token_endpoint_auth_signing_alg_values_supported"),
		RevocationAuthMethods:              c.texts("revocation_endpoint_auth_methods_supported"),
		RevocationAuthAlgs:                 c.texts("revocation_endpoint_auth_signing_alg_values_supported"),
		IntrospectionAuthMethods:           c.texts("introspection_endpoint_auth_methods_supported"),
		CodeChallengeMethods:               c.texts("code_challenge_methods_supported"),
		DPoPAlgs:                           c.texts("dpop_signing_alg_values_supported"),
		RequestParameter:                   c.truth("request_parameter_supported"),
		RequestURIParameter:                c.truth("request_uri_parameter_supported"),
		RequireSignedRequest:               c.truth("require_signed_request_object"),
		RequestAlgs:                        c.texts("request_object_signing_alg_values_supported"),
		AuthorizationAlgs:                  c.texts("authorization_signing_alg_values_supported"),
		IntrospectionAlgs:                  c.texts("introspection_signing_alg_values_supported"),
		DetailTypes:                        c.texts("authorization_details_types_supported"),

		CertificateBoundTokens: c.truth("tls_client_certificate_bound_access_tokens"),
	}
	if aliases := c.member("mtls_endpoint_aliases"); aliases != nil {
		m.MTLSAliases = MTLSAliases{
			TokenEndpoint:                      aliases.text("token_endpoint"),
			PushedAuthorizationRequestEndpoint: aliases.text("pushed_authorization_request_endpoint"),
			IntrospectionEndpoint:              aliases.text("introspection_endpoint"),
			RevocationEndpoint:                 aliases.text("revocation_endpoint"),
			UserinfoEndpoint:                   aliases.text("userinfo_endpoint"),
			LaunchEndpoint:                     aliases.text("launch_endpoint"),
		}
		c.err = aliases.err
	}
	if c.err != nil {
		return Metadata{}, fmt.Errorf("metadata document: %w", c.err)
	}
	return m, nil
}

// MTLSAliases are the endpoints at which a server asks for client certificates (RFC 8705 s5).
type MTLSAliases struct {
	TokenEndpoint                      string `json:"token_endpoint,omitempty"`
	PushedAuthorizationRequestEndpoint string `json:"pushed_authorization_request_endpoint,omitempty"`
	IntrospectionEndpoint              string `json:"introspection_endpoint,omitempty"`
	RevocationEndpoint                 string `json:"revocation_endpoint,omitempty"`
	UserinfoEndpoint                   string `json:"userinfo_endpoint,omitempty"`
	LaunchEndpoint                     string `json:"launch_endpoint,omitempty"`
}

// PreferAliases returns the metadata as a client that shows certificates reads it: where there is an
// alias, it is used instead (RFC 8705 s5; SP 5.3.3.1).
func (m Metadata) PreferAliases() Metadata {
	for _, e := range []struct {
		at    *string
		alias string
	}{
		{&m.TokenEndpoint, m.MTLSAliases.TokenEndpoint},
		{&m.PushedAuthorizationRequestEndpoint, m.MTLSAliases.PushedAuthorizationRequestEndpoint},
		{&m.IntrospectionEndpoint, m.MTLSAliases.IntrospectionEndpoint},
		{&m.RevocationEndpoint, m.MTLSAliases.RevocationEndpoint},
		{&m.UserinfoEndpoint, m.MTLSAliases.UserinfoEndpoint},
		{&m.LaunchEndpoint, m.MTLSAliases.LaunchEndpoint},
	} {
		if e.alias != "" {
			*e.at = e.alias
		}
	}
	return m
}
