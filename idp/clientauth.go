package idp

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// Client authentication, for PAR, token and revocation alike. clientGuards judge any caller;
// assertionGuards (assertion.go) then judge the JWT of one that sent a JWT.

// caller is who sends a back-channel request, and what he shows for it.
type caller struct {
	s   *Server
	now time.Time
	at  string // URL of the endpoint he calls

	id     string  // the client he says he is
	client *Client // registered under id, nil if nobody is
	method string  // how he authenticates, by its registered name; empty if he does not
	secret string

	assertion *fapi.JWT // nil unless method is private_key_jwt
	claims    fapi.Assertion
	// certificate is the one that came along, to authenticate with or to bind tokens to; nil if none did.
	certificate *presented
	signer      *Client // the client whose keys the assertion is verified with, nil if unknown
	spent       bool    // its jti was marked as used by this very request
	query       bool    // the URL has parameters, which count for nothing
}

// clientGuards. A caller who shows nothing at all is a matter for the first of them alone: the others
// speak of what he shows.
var clientGuards = []control.Guard[caller]{
	{Control: control.ASClientAuth, Check: (*caller).checkProof, Answer: answerClient},
	{Control: control.ASClientAuthRegistered, Check: (*caller).checkMethod, Answer: answerClient},
	{Control: control.ASClientAuthAsymmetric, Check: (*caller).checkAsymmetric, Answer: answerClient},
}

// checkProof wants a registered client, and its secret if that is what was sent (RFC 6749 s3.2.1).
// Whether an assertion is any good is for its own guards.
func (c *caller) checkProof() (string, error) {
	switch {
	case c.id == "":
		return "", control.ExpectedFix("client", "a client that names and authenticates itself", "", c.adviceForNobody())
	case c.client == nil:
		return c.id, control.ExpectedFix("client_id", "a registered client", c.id, c.s.adviceForUnknown(c.id))
	case c.method == "":
		return c.id, control.ExpectedFix("client authentication of "+c.id, c.client.AuthMethod, "", c.s.adviceFor(c.client))
	case c.assertion == nil && !control.ClientAuth(c.method).ByCertificate() && !equalSecrets(c.secret, c.client.Secret):
		return c.id, c.wrongSecret()
	}
	return c.id, nil
}

// wrongSecret says so without the secret: the log is no place for secrets, not even for wrong ones.
func (c *caller) wrongSecret() error {
	if c.client.Secret == "" {
		return control.Expected("authentication of "+c.id, c.client.AuthMethod+", since it has no secret", c.method)
	}
	return control.ExpectedFix("secret of "+c.id, "the one it was given", "another one", "send the secret that it was given, form-encoded where it stands in the Authorization header")
}

// checkMethod (RFC 7591 s2, token_endpoint_auth_method).
func (c *caller) checkMethod() (string, error) {
	if c.method == "" || c.client == nil || c.method == c.client.AuthMethod {
		return c.method, nil
	}
	return c.method, control.Expected("authentication method of "+c.id, c.client.AuthMethod, c.method)
}

// checkAsymmetric (SP 5.3.2.1-6).
func (c *caller) checkAsymmetric() (string, error) {
	if c.method == "" || control.ClientAuth(c.method).Asymmetric() {
		return c.method, nil
	}
	return c.method, control.ExpectedFix("authentication method of "+c.id, string(control.PrivateKeyJWT)+" or a client certificate", c.method,
		"register a public key and sign assertions with it, or register a client certificate")
}

// equalSecrets takes equally long for every wrong guess. An empty secret equals nothing.
func equalSecrets(got, want string) bool {
	// Secrets fit, and so stay on the stack.
	g, w := sha256.Sum256(append(make([]byte, 0, 256), got...)), sha256.Sum256(append(make([]byte, 0, 256), want...))
	return subtle.ConstantTimeCompare(g[:], w[:]) == 1 && want != ""
}

// readCaller takes from a request who is calling. It refuses what cannot be read, and more than one
// method at once (RFC 6749 s2.3); it judges nothing.
func (s *Server) readCaller(r *http.Request, f form, at string, now time.Time) (*caller, error) {
	c := &caller{s: s, now: now, at: s.called(r, at), id: f.get("client_id"), secret: f.get("client_secret"), query: r.URL.RawQuery != ""}
	if err := c.readAssertion(f); err != nil {
		return nil, err
	}
	id, secret, basic := r.BasicAuth()
	switch {
	case basic && (c.secret != "" || c.assertion != nil), c.secret != "" && c.assertion != nil:
		return nil, malformed("expected one method of client authentication, got several").because("RFC 6749 s2.3", "send either an Authorization header, or a client_assertion, or a client_secret: an HTTP library that adds Basic by itself is the usual cause")
	case basic:
		if err := c.readBasic(id, secret); err != nil {
			return nil, err
		}
	case c.assertion != nil:
		c.method = string(control.PrivateKeyJWT)
	case c.secret != "":
		c.method = string(control.ClientSecretPost)
	}
	c.client = s.client(c.id)
	var err error
	if c.certificate, err = s.readCertificate(r, now); err != nil || c.certificate == nil || c.client == nil {
		return c, err
	}
	c.certificate.who, c.certificate.as = c.id, c.client.TLS
	// A certificate is a method of those who registered it for one; with others it is there to bind tokens to.
	if c.method == "" && control.ClientAuth(c.client.AuthMethod).ByCertificate() {
		c.method = c.client.AuthMethod
	}
	return c, nil
}

// adviceFor helps the developer of a client that shows nothing.
func (s *Server) adviceFor(c *Client) string {
	if control.ClientAuth(c.AuthMethod).ByCertificate() && s.aliases != (fapi.MTLSAliases{}) {
		return "show the client certificate, at the endpoints of mtls_endpoint_aliases: only there the server asks for one"
	}
	return ""
}

// adviceForNobody helps the developer of a client that does not even say who it is.
func (c *caller) adviceForNobody() string {
	if c.query {
		return "send the parameters in the body, as a form: what stands in a URL ends up in logs, and is not read; a secret that stood there is known"
	}
	return "send client_id, and a client assertion signed with the client's key"
}

// adviceForUnknown helps somebody who has mistyped a client_id, or registered it elsewhere.
func (s *Server) adviceForUnknown(id string) string {
	plain := strings.NewReplacer("-", "", "_", "", ".", "", " ", "").Replace(strings.ToLower(id))
	for _, m := range s.Registered() {
		if strings.NewReplacer("-", "", "_", "", ".", "", " ", "").Replace(strings.ToLower(m.ClientID)) == plain {
			return "did you mean " + m.ClientID + "?"
		}
	}
	return "register it at this issuer: each issuer has clients of its own"
}

// readBasic undoes the form encoding that RFC 6749 s2.3.1 puts inside the Basic scheme.
func (c *caller) readBasic(id, secret string) error {
	id, err1 := url.QueryUnescape(id)
	secret, err2 := url.QueryUnescape(secret)
	if err1 != nil || err2 != nil {
		return newFault(answerClient, "expected client id and secret form-encoded in the Authorization header, got a % that encodes nothing").because("RFC 6749 s2.3.1", "percent-encode both before base64")
	}
	if c.id != "" && c.id != id {
		return malformed("expected the client_id of the Authorization header, %q, got %q", id, c.id).because("RFC 6749 s2.3", "leave client_id out of the body, or send the same")
	}
	c.id, c.secret, c.method = id, secret, string(control.ClientSecretBasic)
	return nil
}

// authenticate runs the guards. On success the caller has a client.
func (s *Server) authenticate(ctx context.Context, c *caller) error {
	if err := enforceOn(ctx, s, c.id, c, clientGuards); err != nil {
		return err
	}
	if err := s.isDeniedCertificate(c.certificate); err != nil {
		return err
	}
	if err := s.judgeCertificate(ctx, c.certificate, control.ClientAuth(c.method)); err != nil {
		return err
	}
	if c.assertion != nil {
		if err := enforceOn(ctx, s, c.id, c, assertionGuards); err != nil {
			return err
		}
	}
	if c.client == nil { // even a server that believes everybody has nobody to believe
		return newFault(answerClient, "expected a registered client, got "+quoteOrNothing(c.id))
	}
	return s.isClosed(c.client)
}
