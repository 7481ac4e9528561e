package idp

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Config is what an authorization server is made of.
type Config struct {
	// Issuer is the issuer identifier, which is also the base URL of every endpoint. It may have a
	// path, and may be http on a loopback address.
	Issuer    string
	Party     *party.Party
	Clients   []Client
	Users     []User
	Resources []Resource
	// Registration lets clients register themselves; nil for a server that registers nobody.
	Registration *Registration
	// MTLSBase is the base URL of the endpoints at which clients are asked for a certificate: like Issuer,
	// or another host or port. Empty if nobody is asked.
	MTLSBase string
	// Authorities are trusted to issue certificates for tls_client_auth (RFC 8705 s2.1).
	Authorities []*x509.Certificate
	// Key signs access and ID tokens. It is called once, when the first of them is made.
	Key func() *fapi.Key
	// OtherKeys makes the key for another algorithm that a client has registered for (IDTokenAlg,
	// UserinfoAlg, ResponseAlg). It is called once for each, when it is first needed; nil if there are none.
	OtherKeys func(alg string) *fapi.Key
	// IDTokenAlg signs the ID tokens of clients that have registered for no algorithm, with a key of OtherKeys. Empty for
	// the algorithm of the dialect.
	IDTokenAlg string
	// Retired are keys that signed for this server before, and are published for a while yet.
	Retired []RetiredKey
	// NonceKey is 32 bytes that make the DPoP nonces: two servers with the same one take each other's, and one that is started
	// again its own. Empty for some of the dice.
	NonceKey []byte
	// Lifetimes say how long things live; the zero value is the defaults.
	Lifetimes Lifetimes
	// Levels are the values of acr this server knows, lowest first; nil for loa-substantial, which a password
	// reaches, and loa-high, which takes a code as well.
	Levels []Level
	// Automatic says which sign-ins need no pages; the zero value is none.
	Automatic Automatic
	// DetailTypes are the types of authorization details it understands (RFC 9396); nil for none.
	DetailTypes []DetailType
	// ConnectPaths: the metadata names the endpoints below /connect, as HelseID's does. They answer there and at the
	// plain paths in any case.
	ConnectPaths bool
	// Keeper remembers what outlives the process; nil for nobody.
	Keeper Keeper
	// Directory knows whose records an app can be opened on (SMART App Launch); nil for a server that opens none.
	Directory Directory
	// Reasons is the address of a page that explains refusals, for those who test; empty for none.
	Reasons string
	// SignOutRevokes: a person who signs out here withdraws all she allowed in that session.
	SignOutRevokes bool
	// Memo remembers what cryptography gave, for worlds that do the same over and over; nil for none.
	Memo *fapi.Memo
}

// The grants a client can be registered for.
const (
	grantAuthorizationCode = "authorization_code"
	grantClientCredentials = "client_credentials"
	grantRefreshToken      = "refresh_token"
	grantTokenExchange     = "urn:ietf:params:oauth:grant-type:token-exchange"
)

func (c Config) validate() error {
	if p := c.Party; p == nil || p.Policy == nil || p.Clock == nil || p.Dice == nil || p.Tell == nil {
		return errors.New("idp: expected a party with policy, clock, dice and a way to tell")
	}
	if c.Key == nil {
		return errors.New("idp: expected a signing key, got none")
	}
	if err := validateLevels(c.Levels); err != nil {
		return err
	}
	if len(c.Resources) == 0 {
		return errors.New("idp: expected at least one resource: without one a token has no audience")
	}
	if err := c.validateMTLS(); err != nil {
		return err
	}
	kinds := map[string]string{}
	for _, kind := range c.DetailTypes {
		if kind.Name == "" || kind.Read == nil {
			return fmt.Errorf("idp: type of authorization details %q: expected a name and a way to read it", kind.Name)
		}
		if err := claim(kinds, kind.Name, "type of authorization details"); err != nil {
			return err
		}
	}
	usual := Client{IDTokenAlg: c.IDTokenAlg}
	if err := errors.Join(usual.validateAlgs(), (&keyring{other: c.OtherKeys}).use(&usual, c.Party.Dialect().TokenAlg)); err != nil {
		return fmt.Errorf("idp: IDTokenAlg: %w", err)
	}
	names := map[string]string{} // whatever can stand in a sub claim, and what it is
	for _, client := range c.Clients {
		if err := client.validate(); err != nil {
			return fmt.Errorf("idp: client %q: %w", client.ID, err)
		}
		if err := (&keyring{other: c.OtherKeys}).use(&client, c.Party.Dialect().TokenAlg); err != nil {
			return fmt.Errorf("idp: client %q: %w", client.ID, err)
		}
		if err := claim(names, client.ID, "client"); err != nil {
			return err
		}
		for _, name := range client.DetailTypes {
			if kinds[name] == "" {
				return fmt.Errorf("idp: client %q: expected a type of authorization details this server has, got %q", client.ID, name)
			}
		}
	}
	if err := c.validateUsers(names); err != nil {
		return err
	}
	if err := c.validateResources(); err != nil {
		return err
	}
	return c.validateExchange()
}

// validateMTLS refuses two clients that one certificate would stand for (RFC 8705 s7.4), and a subject
// that nobody vouches for.
func (c Config) validateMTLS() error {
	if c.MTLSBase != "" {
		if u, err := parseIssuer(c.MTLSBase); err != nil || u.Scheme != "https" {
			return fmt.Errorf("idp: expected MTLSBase to be an https URL without query, fragment and slash at the end, got %q", c.MTLSBase)
		}
	}
	subjects := map[string]string{}
	for _, client := range c.Clients {
		if client.AuthMethod != string(control.TLSClientAuth) {
			continue
		}
		if len(c.Authorities) == 0 {
			return fmt.Errorf("idp: client %q: expected Authorities for tls_client_auth, got none", client.ID)
		}
		if err := claim(subjects, client.TLS.Subject.Canonical(), "client"); err != nil {
			return fmt.Errorf("idp: client %q: two clients with the same certificate subject: %w", client.ID, err)
		}
	}
	return nil
}

// validateUsers refuses a subject that is also a client's id: an API that looks at sub alone could not
// tell the two apart (BCP s4.15).
func (c Config) validateUsers(names map[string]string) error {
	logins := map[string]string{}
	for _, u := range c.Users {
		if u.Subject == "" || u.Username == "" || u.Password == "" && u.Secrets == nil {
			return fmt.Errorf("idp: user %q: expected subject, username and password", u.Username)
		}
		if err := claim(names, u.Subject, "user"); err != nil {
			return err
		}
		if err := claim(logins, u.Username, "username"); err != nil {
			return err
		}
	}
	return nil
}

func (c Config) validateResources() error {
	identifiers, ids := map[string]string{}, map[string]string{}
	for _, r := range c.Resources {
		// RFC 8707 s2: an absolute URI without a fragment.
		if u, err := url.Parse(r.Identifier); err != nil || !u.IsAbs() || strings.Contains(r.Identifier, "#") {
			return fmt.Errorf("idp: resource: expected an absolute URI without fragment, got %q", r.Identifier)
		}
		if (r.ID == "") != (r.Secret == "" && r.TLS.method() == "") {
			return fmt.Errorf("idp: resource %q: expected an id with a secret or a certificate, or neither", r.Identifier)
		}
		if err := claim(identifiers, r.Identifier, "resource"); err != nil {
			return err
		}
		if r.ID != "" {
			if err := claim(ids, r.ID, "resource id"); err != nil {
				return err
			}
		}
	}
	return nil
}

// validateExchange refuses a client that is an API nobody knows, or calls one.
func (c Config) validateExchange() error {
	for _, client := range c.Clients {
		for _, api := range append([]string{client.API}, client.Downstream...) {
			if api != "" && !slices.ContainsFunc(c.Resources, func(r Resource) bool { return r.Identifier == api }) {
				return fmt.Errorf("idp: client %q: expected an API among the resources, got %q", client.ID, api)
			}
		}
	}
	return nil
}

func claim(names map[string]string, name, kind string) error {
	if other, taken := names[name]; taken {
		return fmt.Errorf("idp: %s %q: the name is taken by a %s", kind, name, other)
	}
	names[name] = kind
	return nil
}

func (c Client) validate() error {
	if c.ID == "" {
		return errors.New("expected an id")
	}
	switch control.ClientAuth(c.AuthMethod) {
	case control.PrivateKeyJWT:
		if len(c.Keys) == 0 {
			return errors.New("expected keys for private_key_jwt")
		}
	case control.ClientSecretBasic, control.ClientSecretPost:
		if c.Secret == "" {
			return fmt.Errorf("expected a secret for %s", c.AuthMethod)
		}
	case control.TLSClientAuth:
		if err := c.TLS.Subject.Validate(); err != nil {
			return err
		}
	case control.SelfSignedTLSClientAuth:
		if len(c.TLS.Certificates) == 0 {
			return errors.New("expected certificates for self_signed_tls_client_auth")
		}
	default:
		return fmt.Errorf("expected client_secret_basic, client_secret_post, private_key_jwt, tls_client_auth or self_signed_tls_client_auth, got %q", c.AuthMethod)
	}
	if err := errors.Join(c.validateAlgs(), c.Tenancy.Validate(), ValidateElements(c.RecordElements)); err != nil {
		return err
	}
	for _, g := range c.GrantTypes {
		if grants[g] == nil {
			return fmt.Errorf("expected a grant type this server has, got %q", g)
		}
	}
	if slices.Contains(c.GrantTypes, grantAuthorizationCode) && len(c.RedirectURIs) == 0 {
		return errors.New("expected redirect_uris for the grant authorization_code, got none")
	}
	for _, uri := range slices.Concat(c.RedirectURIs, c.PostLogoutRedirectURIs) {
		if err := checkRegisteredURI(uri); err != nil {
			return err
		}
	}
	return nil
}

// signingAlgs are those a client may register for: what SP 5.4.1 permits and keys are made for here, and what is
// a MUST for an OpenID provider (OIDC Core s15.1).
var signingAlgs = []string{"PS256", "ES256", "RS256"}

// responseAlgs are those for authorization responses, where nothing but SP 5.4.1 has a say.
var responseAlgs = []string{"PS256", "ES256"}

// SigningAlgorithms are those.
func SigningAlgorithms() []string { return slices.Clone(signingAlgs) }

func (c Client) validateAlgs() error {
	for _, alg := range []string{c.IDTokenAlg, c.UserinfoAlg} {
		if alg != "" && !slices.Contains(signingAlgs, alg) {
			return fmt.Errorf("expected a signing algorithm of %s, got %q", strings.Join(signingAlgs, ", "), alg)
		}
	}
	if c.ResponseAlg != "" && !slices.Contains(responseAlgs, c.ResponseAlg) {
		return fmt.Errorf("expected authorization_signed_response_alg to be %s (FAPI 2.0 SP 5.4.1), got %q", strings.Join(responseAlgs, " or "), c.ResponseAlg)
	}
	return nil
}

// checkRegisteredURI refuses http, except to the machine itself (SP 5.3.2.2-8).
func checkRegisteredURI(uri string) error {
	u, err := parseRedirectURI(uri)
	if err != nil {
		return err
	}
	return checkTransport(u)
}

// parseIssuer (RFC 8414 s2).
func parseIssuer(issuer string) (*url.URL, error) {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(issuer, "?#") || strings.HasSuffix(u.Path, "/") && u.Path != "/" {
		return nil, fmt.Errorf("idp: expected an issuer URL without query, fragment and slash at the end, got %q", issuer)
	}
	if err := checkTransport(u); err != nil {
		return nil, fmt.Errorf("idp: issuer: %w", err)
	}
	return u, nil
}

func checkTransport(u *url.URL) error {
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("expected https, or http on a loopback address, got %q", u)
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
