package idp

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// ClientMetadata is a registration as it is written down (RFC 7591 s2): by a client that registers itself,
// or in a file. Members that are not listed here are passed over, as RFC 7591 s2 asks.
type ClientMetadata struct {
	ClientID      string   `json:"client_id,omitempty"`
	ClientName    string   `json:"client_name,omitempty"`
	RedirectURIs  []string `json:"redirect_uris,omitempty"`
	AuthMethod    string   `json:"token_endpoint_auth_method,omitempty"`
	GrantTypes    []string `json:"grant_types,omitempty"`
	ResponseTypes []string `json:"response_types,omitempty"`
	Scope         string   `json:"scope,omitempty"`
	// JWKS holds the client's public keys. JWKSURI is refused: this server fetches nothing that a stranger
	// names, which leaves nothing to aim at its neighbours (RFC 7591 s5).
	JWKS    json.RawMessage `json:"jwks,omitempty"`
	JWKSURI string          `json:"jwks_uri,omitempty"`
	// DPoPBound asks that no token is given to this client without a proof (RFC 9449 s5.2).
	DPoPBound bool `json:"dpop_bound_access_tokens,omitempty"`
	// RequireSignedRequest asks that no request of this client's is taken but signed ones (RFC 9101 s10.5).
	RequireSignedRequest bool `json:"require_signed_request_object,omitempty"`
	// CertificateSubject is the client's name in its certificate, for tls_client_auth (RFC 8705 s2.1.2).
	fapi.CertificateSubject
	// CertificateBound asks for tokens bound to the client's certificate (RFC 8705 s3.4).
	CertificateBound bool `json:"tls_client_certificate_bound_access_tokens,omitempty"`
	// How ID tokens and userinfo are signed for this client (OIDC Registration s2), and where people may be sent
	// after signing out (RP-Initiated Logout s3.1).
	IDTokenAlg             string   `json:"id_token_signed_response_alg,omitempty"`
	UserinfoAlg            string   `json:"userinfo_signed_response_alg,omitempty"`
	PostLogoutRedirectURIs []string `json:"post_logout_redirect_uris,omitempty"`
	// How authorization responses are signed for it (JARM s3), and in which modes it may ask for them (FAPI 2.0 MS 5.3.3).
	ResponseAlg   string   `json:"authorization_signed_response_alg,omitempty"`
	ResponseModes []string `json:"response_modes,omitempty"`
	// DetailTypes are the types of authorization details it may ask for (RFC 9396 s10).
	DetailTypes []string `json:"authorization_details_types,omitempty"`
}

// invalidMetadata is the refusal of a registration that cannot be (RFC 7591 s3.2.2). Its reason may be
// told: it is about what the client wrote itself.
func invalidMetadata(format string, args ...any) *fault {
	text := fmt.Sprintf(format, args...)
	return faultOf(400, "invalid_client_metadata", text, text).because("", "correct the member that is named, and register again")
}

// client turns metadata into a registration. The id is the caller's to choose.
func (m ClientMetadata) client(id string) (Client, error) {
	c := Client{
		ID: id, Name: m.ClientName, AuthMethod: m.AuthMethod, RedirectURIs: slices.Clone(m.RedirectURIs), GrantTypes: slices.Clone(m.GrantTypes),
		Scope: fapi.Scope(strings.Join(strings.Fields(m.Scope), " ")), RequireSignedRequest: m.RequireSignedRequest,
		IDTokenAlg: m.IDTokenAlg, UserinfoAlg: m.UserinfoAlg, PostLogoutRedirectURIs: slices.Clone(m.PostLogoutRedirectURIs),
		DetailTypes: slices.Clone(m.DetailTypes), ResponseAlg: m.ResponseAlg,
	}
	for _, mode := range m.ResponseModes { // those that this server has not are left out (RFC 7591 s3.2.1)
		if slices.Contains(responseModes, mode) {
			c.ResponseModes = append(c.ResponseModes, mode)
		}
	}
	if len(m.ResponseModes) > 0 && len(c.ResponseModes) == 0 {
		return c, invalidMetadata("expected some of the response_modes %s, got %s", strings.Join(responseModes, ", "), strings.Join(m.ResponseModes, ", "))
	}
	if c.AuthMethod == "" {
		c.AuthMethod = string(control.ClientSecretBasic) // RFC 7591 s2
	}
	if len(c.GrantTypes) == 0 {
		c.GrantTypes = []string{grantAuthorizationCode}
	}
	for _, r := range m.ResponseTypes {
		if r != "code" {
			return c, invalidMetadata("expected response_types to be code, got %q", r)
		}
	}
	if m.JWKSURI != "" {
		return c, invalidMetadata("expected the keys in jwks: this server fetches no jwks_uri")
	}
	for _, uri := range c.RedirectURIs {
		if err := checkRegisteredURI(uri); err != nil {
			return c, faultOf(400, "invalid_redirect_uri", err.Error(), err.Error())
		}
	}
	var err error
	c.TLS.Subject, c.CertificateBound = m.CertificateSubject, m.CertificateBound
	if c.AuthMethod == string(control.SelfSignedTLSClientAuth) {
		if c.TLS.Certificates, err = fapi.CertificatesInJWKS(m.JWKS); err != nil {
			return c, invalidMetadata("%v", err)
		}
		return c, nil
	}
	if c.Keys, err = m.keys(); err != nil {
		return c, err
	}
	return c, nil
}

func (m ClientMetadata) keys() ([]fapi.Public, error) {
	if len(m.JWKS) == 0 {
		return nil, nil
	}
	if fapi.HasPrivateInSet(m.JWKS) {
		return nil, invalidMetadata("expected public keys in jwks, got a private one").because("RFC 7591 s2; RFC 7517 s9.3",
			"make a new key, this one has been shown, and register its public half: the JWK without d, p, q, dp, dq and qi")
	}
	keys, err := fapi.ParseJWKS(m.JWKS)
	if err != nil {
		return nil, invalidMetadata("%v", err)
	}
	if len(keys) == 0 {
		return nil, invalidMetadata("expected a key in jwks that this server can use: EC on P-256, P-384 or P-521, RSA of 2048 bits or more, Ed25519")
	}
	return keys, nil
}

// metadataOf writes a registration down again.
func metadataOf(c *Client) ClientMetadata {
	m := ClientMetadata{
		ClientID: c.ID, ClientName: c.Name, RedirectURIs: c.RedirectURIs, AuthMethod: c.AuthMethod, GrantTypes: c.GrantTypes,
		Scope: string(c.Scope), DPoPBound: c.DPoPBound, RequireSignedRequest: c.RequireSignedRequest,
		CertificateSubject: c.TLS.Subject, CertificateBound: c.CertificateBound,
		IDTokenAlg: c.IDTokenAlg, UserinfoAlg: c.UserinfoAlg, PostLogoutRedirectURIs: c.PostLogoutRedirectURIs,
		DetailTypes: c.DetailTypes, ResponseAlg: c.ResponseAlg, ResponseModes: c.ResponseModes,
	}
	if slices.Contains(c.GrantTypes, grantAuthorizationCode) {
		m.ResponseTypes = []string{"code"}
	}
	if len(c.Keys) > 0 {
		m.JWKS = fapi.JWKS(c.Keys...)
	}
	if len(c.TLS.Certificates) > 0 {
		m.JWKS = certificateSet(c.TLS.Certificates)
	}
	return m
}

// Client makes a registration out of metadata that somebody trusted wrote, with the id that stands in it
// and the secret that is given, if its method wants one.
func (m ClientMetadata) Client(secret string) (Client, error) {
	if m.ClientID == "" {
		return Client{}, errors.New("expected a client_id")
	}
	c, err := m.client(m.ClientID)
	if err == nil {
		c.Secret, c.DPoPBound = secret, m.DPoPBound
		err = c.validate()
	}
	var f *fault
	if errors.As(err, &f) {
		err = errors.New(f.told("").Detail)
	}
	return c, err
}

// certificateSet writes certificates as a JWK Set. One whose key no JWK holds is left out.
func certificateSet(certificates []*x509.Certificate) json.RawMessage {
	var keys []json.RawMessage
	for _, c := range certificates {
		if jwk, err := fapi.CertificateJWK(c); err == nil {
			keys = append(keys, jwk)
		}
	}
	set, _ := json.Marshal(map[string]any{"keys": keys}) // what was written here marshals
	return set
}
