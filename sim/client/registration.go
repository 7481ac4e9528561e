package client

import (
	"fmt"
	"net/url"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// Scopes that the honest clients ask for (SMART App Launch v2).
const (
	SignInScope = "openid profile offline_access user/*.rs" // a clinician at the EHR, whose name it shows
	SystemScope = "system/*.rs"                             // a system in its own name
)

// Registration is a client's registration at one authorization server.
type Registration struct {
	Label string // of the server, for people: "National sign-in"
	fapi.Credentials
	// Key is the parsed private key of Credentials.JWK, for a caller that has it at hand. It is
	// parsed from there if nil.
	Key *fapi.Key
}

// prepare checks a registration and parses its key.
func (r Registration) prepare() (*Registration, error) {
	if u, err := url.Parse(r.Issuer); err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("issuer: expected an absolute URL without query and fragment, got %q", r.Issuer)
	}
	if r.ClientID == "" {
		return nil, fmt.Errorf("registration at %s: expected a client_id, got none", r.Issuer)
	}
	if r.Label == "" {
		r.Label = r.Issuer
	}
	return &r, r.prepareAuth()
}

func (r *Registration) prepareAuth() error {
	switch control.ClientAuth(r.AuthMethod) {
	case control.ClientSecretBasic, control.ClientSecretPost:
		if r.Secret == "" {
			return fmt.Errorf("registration at %s: expected a client_secret for %s, got none", r.Issuer, r.AuthMethod)
		}
		return nil
	case control.TLSClientAuth, control.SelfSignedTLSClientAuth:
		return nil // the connection shows the certificate: that is a matter for the HTTP client
	case control.PrivateKeyJWT:
		if r.Key != nil {
			return nil
		}
		key, err := fapi.ParseKey(r.JWK)
		if err != nil {
			return fmt.Errorf("registration at %s: jwk for private_key_jwt: %w", r.Issuer, err)
		}
		r.Key = key
		return nil
	}
	return fmt.Errorf("registration at %s: expected token_endpoint_auth_method to be client_secret_basic, client_secret_post, private_key_jwt, tls_client_auth or self_signed_tls_client_auth, got %q", r.Issuer, r.AuthMethod)
}

// proofKey is the key for DPoP proofs: the one configured, or of the registration (dpop_jwk, else the
// key for client authentication). Nil if there is none.
func (r *Registration) proofKey(configured *fapi.Key) (*fapi.Key, error) {
	if configured != nil || len(r.DPoPJWK) == 0 {
		if configured == nil {
			configured = r.Key
		}
		return configured, nil
	}
	key, err := fapi.ParseKey(r.DPoPJWK)
	if err != nil {
		return nil, fmt.Errorf("registration at %s: dpop_jwk: %w", r.Issuer, err)
	}
	return key, nil
}
