package report

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// peeked is a JWT opened for reading. Nothing about it has been verified.
type peeked struct {
	Typ    string
	Alg    string
	JWK    map[string]any
	Header json.RawMessage
	Claims json.RawMessage
	claims map[string]any
}

// peek opens a compact JWS. A token without a signature (alg none) opens too: a reader wants to see it.
func peek(compact string) (peeked, bool) {
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return peeked{}, false
	}
	header, err1 := base64.RawURLEncoding.DecodeString(parts[0])
	claims, err2 := base64.RawURLEncoding.DecodeString(parts[1])
	if err1 != nil || err2 != nil {
		return peeked{}, false
	}
	p := peeked{Header: header, Claims: claims}
	var h struct {
		Typ string         `json:"typ"`
		Alg string         `json:"alg"`
		JWK map[string]any `json:"jwk"`
	}
	if json.Unmarshal(header, &h) != nil || json.Unmarshal(claims, &p.claims) != nil || p.claims == nil {
		return peeked{}, false
	}
	p.Typ, p.Alg, p.JWK = h.Typ, h.Alg, h.JWK
	return p, true
}

func (p peeked) claim(name string) string {
	s, _ := p.claims[name].(string)
	return s
}

// boundTo is the thumbprint of the key the token is bound to, empty for none.
func (p peeked) boundTo() string {
	cnf, _ := p.claims["cnf"].(map[string]any)
	jkt, _ := cnf["jkt"].(string)
	return jkt
}

// certificate is the thumbprint of the certificate the token is bound to, empty for none.
func (p peeked) certificate() string {
	cnf, _ := p.claims["cnf"].(map[string]any)
	x5t, _ := cnf["x5t#S256"].(string)
	return x5t
}

// thumbprint computes the RFC 7638 thumbprint of the key in the header, empty if there is none. It is
// written out here, since a reader that imported the signing code would be more than a reader.
func (p peeked) thumbprint() string {
	members := map[string][]string{"EC": {"crv", "kty", "x", "y"}, "RSA": {"e", "kty", "n"}, "OKP": {"crv", "kty", "x"}}
	kty, _ := p.JWK["kty"].(string)
	names := members[kty]
	if names == nil {
		return ""
	}
	required := make(map[string]string, len(names)) // encoding/json sorts the keys, as s3 demands
	for _, name := range names {
		value, ok := p.JWK[name].(string)
		if !ok {
			return ""
		}
		required[name] = value
	}
	b, err := json.Marshal(required)
	if err != nil {
		return ""
	}
	return hash(string(b))
}

// kind says what a JWT is for, by its typ, or by its claims where the typ does not tell.
func (p peeked) kind() string {
	switch strings.TrimPrefix(strings.ToLower(p.Typ), "application/") {
	case "dpop+jwt":
		return kindProof
	case "at+jwt":
		return kindAccessToken
	case "client-authentication+jwt":
		return kindAssertion
	case "oauth-authz-req+jwt":
		return kindRequestObject
	case "token-introspection+jwt":
		return kindIntrospection
	}
	switch iss := p.claim("iss"); {
	case p.claims["htm"] != nil:
		return kindProof
	case iss != "" && iss == p.claim("sub"):
		return kindAssertion
	case p.claims["scope"] != nil:
		return kindAccessToken
	case p.claims["nonce"] != nil:
		return kindIDToken
	case p.claims["code"] != nil, p.claims["error"] != nil:
		return kindResponse
	}
	return kindJWT
}

// hash is SHA-256 in base64url: the ath of a token, the thumbprint of a canonical key.
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
