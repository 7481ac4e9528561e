package fapi

// JSON writes a metadata document, as encoding/json would and without reflection: each new server writes its own.
func (m Metadata) JSON() []byte {
	c := composer{b: make([]byte, 0, 3<<10)}
	c.name("issuer")
	c.b = appendString(c.b, m.Issuer)
	c.text("authorization_endpoint", m.AuthorizationEndpoint)
	c.text("token_endpoint", m.TokenEndpoint)
	c.text("pushed_authorization_request_endpoint", m.PushedAuthorizationRequestEndpoint)
	c.text("introspection_endpoint", m.IntrospectionEndpoint)
	c.text("revocation_endpoint", m.RevocationEndpoint)
	c.text("userinfo_endpoint", m.UserinfoEndpoint)
	c.text("end_session_endpoint", m.EndSessionEndpoint)
	c.text("jwks_uri", m.JWKSURI)
	c.text("registration_endpoint", m.RegistrationEndpoint)
	c.text("launch_endpoint", m.LaunchEndpoint)
	c.truth("require_pushed_authorization_requests", m.RequirePAR)
	c.truth("authorization_response_iss_parameter_supported", m.IssParameter)
	c.texts("scopes_supported", m.ScopesSupported)
	c.texts("response_types_supported", m.ResponseTypesSupported)
	c.texts("response_modes_supported", m.ResponseModesSupported)
	c.texts("grant_types_supported", m.GrantTypesSupported)
	c.texts("subject_types_supported", m.SubjectTypesSupported)
	c.texts("id_token_signing_alg_values_supported", m.IDTokenAlgs)
	c.texts("userinfo_signing_alg_values_supported", m.UserinfoAlgs)
	c.texts("acr_values_supported", m.ACRValues)
	c.texts("prompt_values_supported", m.PromptValues)
	if m.ClaimsParameter {
		c.truth("claims_parameter_supported", true)
	}
	c.texts("claims_supported", m.ClaimsSupported)
	c.texts("claim_types_supported", m.ClaimTypesSupported)
	c.texts("token_endpoint_auth_methods_supported", m.TokenEndpointAuthMethods)
	c.texts("token_endpoint_auth_signing_alg_values_supported", m.TokenEndpointAuthAlgs)
	c.texts("revocation_endpoint_auth_methods_supported", m.RevocationAuthMethods)
	c.texts("revocation_endpoint_auth_signing_alg_values_supported", m.RevocationAuthAlgs)
	c.texts("introspection_endpoint_auth_methods_supported", m.IntrospectionAuthMethods)
	c.texts("code_challenge_methods_supported", m.CodeChallengeMethods)
	c.texts("dpop_signing_alg_values_supported", m.DPoPAlgs)
	c.truth("request_parameter_supported", m.RequestParameter)
	c.truth("request_uri_parameter_supported", m.RequestURIParameter)
	c.truth("require_signed_request_object", m.RequireSignedRequest)
	c.texts("request_object_signing_alg_values_supported", m.RequestAlgs)
	c.texts("authorization_signing_alg_values_supported", m.AuthorizationAlgs)
	c.texts("introspection_signing_alg_values_supported", m.IntrospectionAlgs)
	c.texts("authorization_details_types_supported", m.DetailTypes)
	if m.CertificateBoundTokens {
		c.truth("tls_client_certificate_bound_access_tokens", true)
	}
	if m.MTLSAliases != (MTLSAliases{}) {
		c.name("mtls_endpoint_aliases")
		c.b = m.MTLSAliases.compose(c.b)
	}
	return c.end()
}

func (a MTLSAliases) compose(to []byte) []byte {
	c := composer{b: make([]byte, 0, 512)}
	c.text("token_endpoint", a.TokenEndpoint)
	c.text("pushed_authorization_request_endpoint", a.PushedAuthorizationRequestEndpoint)
	c.text("introspection_endpoint", a.IntrospectionEndpoint)
	c.text("revocation_endpoint", a.RevocationEndpoint)
	c.text("userinfo_endpoint", a.UserinfoEndpoint)
	c.text("launch_endpoint", a.LaunchEndpoint)
	return append(to, c.end()...)
}
