package fapi

import (
	"encoding/json"
	"fmt"
	"strings"
)

// TypAccessToken is the typ of a JWT access token (RFC 9068 s2.1).
const TypAccessToken = "at+jwt"

// AccessToken is the claims of a JWT access token (RFC 9068 s2.2).
type AccessToken struct {
	Issuer       string        `json:"iss,omitempty"`
	Subject      string        `json:"sub,omitempty"`
	Audience     Audience      `json:"aud,omitzero"`
	ClientID     string        `json:"client_id,omitempty"`
	Scope        Scope         `json:"scope,omitempty"`
	IssuedAt     int64         `json:"iat,omitempty"`
	Expires      int64         `json:"exp,omitempty"`
	NotPrior     int64         `json:"nbf,omitempty"` // RFC 7519 s4.1.5; 0 for at once
	JTI          string        `json:"jti,omitempty"`
	AuthTime     int64         `json:"auth_time,omitempty"`
	ACR          string        `json:"acr,omitempty"` // RFC 9470 s5
	Confirmation *Confirmation `json:"cnf,omitempty"`
	// Details are the authorization details that were granted (RFC 9396 s9.1), and Actor who acts for the subject,
	// where the token was exchanged for hers (RFC 8693 s4.1): an array and an object, as they are written.
	Details json.RawMessage `json:"authorization_details,omitempty"`
	Actor   json.RawMessage `json:"act,omitempty"`
	// Patient and Encounter are the launch context of an app, to which scopes for one patient are limited, by id;
	// FHIRUser is who signed in, as a resource of the API (SMART App Launch 2.2).
	Patient   string `json:"patient,omitempty"`
	Encounter string `json:"encounter,omitempty"`
	FHIRUser  string `json:"fhirUser,omitempty"`
	// Organisation the client acts for: a claim of the national profile.
	OrganisationNumber string `json:"helseid://claims/client/claims/orgnr_parent,omitempty"`
	// ScopeList: the scope is written as an array, as HelseID does. More is a JSON object whose members are
	// written after these. Neither is filled in when a token is read.
	ScopeList bool            `json:"-"`
	More      json.RawMessage `json:"-"`
}

// Confirmation ties a token to a key (RFC 7800).
type Confirmation struct {
	JKT string `json:"jkt,omitempty"`      // RFC 9449 s6.1
	X5T string `json:"x5t#S256,omitempty"` // RFC 8705 s3.1
}

// JKT is the thumbprint of the key the token is bound to; empty for none.
func (t *AccessToken) JKT() string {
	if t.Confirmation == nil {
		return ""
	}
	return t.Confirmation.JKT
}

// X5T is the thumbprint of the certificate the token is bound to; empty for none.
func (t *AccessToken) X5T() string {
	if t.Confirmation == nil {
		return ""
	}
	return t.Confirmation.X5T
}

// Bound is the thumbprint the token is bound to, of a key or of a certificate; empty for a bearer token.
func (t *AccessToken) Bound() string {
	if jkt := t.JKT(); jkt != "" {
		return jkt
	}
	return t.X5T()
}

// Sign makes the token.
func (t AccessToken) Sign(key *Key) (string, error) {
	return Sign(Header{Typ: TypAccessToken, Kid: key.ID}, t, key)
}

// IDToken is the claims of an ID token (OIDC Core s2).
type IDToken struct {
	Issuer   string   `json:"iss,omitempty"`
	Subject  string   `json:"sub,omitempty"`
	Audience Audience `json:"aud,omitzero"`
	IssuedAt int64    `json:"iat,omitempty"`
	Expires  int64    `json:"exp,omitempty"`
	AuthTime int64    `json:"auth_time,omitempty"`
	Nonce    string   `json:"nonce,omitempty"`
	ACR      string   `json:"acr,omitempty"`
	AMR      []string `json:"amr,omitempty"`
	AtHash   string   `json:"at_hash,omitempty"` // OIDC Core s3.1.3.6
	Name     string   `json:"name,omitempty"`
	FHIRUser string   `json:"fhirUser,omitempty"` // SMART App Launch 2.2: URL of who signed in, as a FHIR resource
	// More is a JSON object whose members are written after these, such as claims that a client asked
	// for one by one. It is not filled in when a token is read.
	More json.RawMessage `json:"-"`
}

// Sign makes the ID token.
func (t IDToken) Sign(key *Key) (string, error) {
	return Sign(Header{Typ: "JWT", Kid: key.ID}, t, key)
}

// Scope is a space-separated list. Reading also takes a JSON array, which the national profile uses.
type Scope string

// Has tells whether the list contains value.
func (s Scope) Has(value string) bool {
	for v := range strings.FieldsSeq(string(s)) {
		if v == value {
			return true
		}
	}
	return false
}

// Within tells whether every value of s is in t.
func (s Scope) Within(t Scope) bool {
	for v := range strings.FieldsSeq(string(s)) {
		if !t.Has(v) {
			return false
		}
	}
	return true
}

// UnmarshalJSON reads a string or an array of strings.
func (s *Scope) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*s = ""
		return nil
	}
	return s.read(string(data))
}

// read takes valid JSON.
func (s *Scope) read(data string) error {
	if data[0] == '"' {
		*s = Scope(unquote(data))
		return nil
	}
	many, err := stringsOf(data)
	if err != nil {
		return fmt.Errorf("expected scope to be a string or an array of strings, got %.80s", data)
	}
	*s = Scope(strings.Join(many, " "))
	return nil
}

// Credentials is a client's registration with its private material, as a configuration file holds it
// and as a thief who owns or has stolen a client gets it.
type Credentials struct {
	Issuer     string          `json:"issuer"`
	ClientID   string          `json:"client_id"`
	AuthMethod string          `json:"token_endpoint_auth_method"`
	Secret     string          `json:"client_secret,omitempty"`
	JWK        json.RawMessage `json:"jwk,omitempty"`      // private, for client authentication
	DPoPJWK    json.RawMessage `json:"dpop_jwk,omitempty"` // private, for proofs; the former if empty
	// Certificate is a client certificate in PEM, and TLSJWK its private key.
	Certificate string          `json:"certificate,omitempty"`
	TLSJWK      json.RawMessage `json:"tls_jwk,omitempty"`
	// CertificateBound: its tokens are bound to the certificate (RFC 8705 s3.4).
	CertificateBound bool     `json:"tls_client_certificate_bound_access_tokens,omitempty"`
	RedirectURI      string   `json:"redirect_uri,omitempty"`
	Scope            Scope    `json:"scope,omitempty"`
	GrantTypes       []string `json:"grant_types,omitempty"`
	// AssertionAudience is "issuer" or "token_endpoint": how the client addresses its assertions.
	AssertionAudience string `json:"assertion_audience,omitempty"`
	AssertionTyp      string `json:"assertion_typ,omitempty"`
	// RegistrationToken manages the registration (RFC 7592 s1.2).
	RegistrationToken string `json:"registration_access_token,omitempty"`
}
