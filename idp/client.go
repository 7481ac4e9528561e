package idp

import "thiefbox/sim/fapi"

// Client is a registered client. All are confidential (SP 5.3.2.1-3).
type Client struct {
	ID   string
	Name string // for the consent page
	// AuthMethod is the one registered way to authenticate: client_secret_basic, client_secret_post,
	// private_key_jwt, tls_client_auth or self_signed_tls_client_auth (RFC 7591 s2, RFC 8705 s2). A client that has moved to keys may still have an old Secret.
	AuthMethod   string
	Secret       string
	Keys         []fapi.Public // for private_key_jwt
	TLS          TLSIdentity   // for the two methods of RFC 8705
	RedirectURIs []string
	GrantTypes   []string
	Scope        fapi.Scope // all it may ask for
	// DPoPKeys are the thumbprints of the only keys it may use in proofs; none registered means any.
	DPoPKeys []string
	// RequireSignedRequest: it pushes signed request objects and nothing else (RFC 9101 s10.5,
	// require_signed_request_object). They are verified with Keys.
	RequireSignedRequest bool
	// CertificateBound is tls_client_certificate_bound_access_tokens (RFC 8705 s3.4): where the client
	// sends no DPoP proof, its tokens are bound to the certificate it shows.
	CertificateBound bool
	// Organisation is the organisation number that goes into its tokens; empty for none.
	Organisation string
	// DetailTypes are the types of authorization details it may ask for (RFC 9396 s10, authorization_details_types).
	DetailTypes []string
	// RecordElements are the elements of records that it may ask for by details of the type patient_record, such as
	// "Patient.name"; none for all. An operator says so, and not the client.
	RecordElements []string
	// Tenancy is whom it may act for, under HelseID.
	Tenancy Tenancy
	// API is the identifier of the resource that this client is when it is called, and Downstream those of the APIs it
	// calls in turn: tokens addressed to the former may be exchanged for tokens to the latter (RFC 8693).
	API        string
	Downstream []string
	// EHR: it is a system in which people open apps, and may say here which on what (SMART EHR launch).
	EHR bool
	// DPoPBound is the client's own wish to get no token without a proof (RFC 9449 s5.2).
	DPoPBound bool
	// RegistrationToken manages the registration (RFC 7592 s1.2); empty for one that is not managed.
	RegistrationToken string
	// IDTokenAlg signs its ID tokens (id_token_signed_response_alg); empty for the server's choice.
	IDTokenAlg string
	// UserinfoAlg signs what userinfo tells it (userinfo_signed_response_alg); empty for plain JSON.
	UserinfoAlg string
	// ResponseAlg signs the authorization responses it asks to have signed (authorization_signed_response_alg of
	// JARM s3); empty for the server's choice.
	ResponseAlg string
	// ResponseModes are the only ones it may ask for (response_modes of FAPI 2.0 MS 5.3.3); empty for any.
	ResponseModes []string
	// PostLogoutRedirectURIs are where people may be sent after signing out (RP-Initiated Logout s3.1).
	PostLogoutRedirectURIs []string
}
