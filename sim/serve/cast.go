package serve

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"thiefbox/fhirmock"
	"thiefbox/idp"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// The cast of every issuer: six clients, six for the conformance suite (oidf.go), the doctors and the
// patients.

// Password is that of every test person, and Code what her key card shows, for a sign-in that takes one.
const (
	Password = "thiefbox"
	Code     = "123456"
)

// Client is a registered client, with what it authenticates with.
type Client struct {
	ID, Name string
	// AuthMethod is its registered method (RFC 7591 s2).
	AuthMethod string
	GrantTypes []string
	Scope      string
	// RedirectURIs are those on localhost, where http ones stand for any port, and those of Config.
	RedirectURIs []string
	// Key authenticates it, or signs its proofs, and is written in JWKFile and PEMFile; nil for a client with a
	// Secret.
	Key              *fapi.Key
	JWKFile, PEMFile string
	Secret           string
	// Certificate is its client certificate, written in CertificateFile with the key in TLSKeyFile; nil for
	// a client that has none. Its tokens are bound to it where it sends no proof.
	Certificate                 *fapi.KeyPair
	CertificateFile, TLSKeyFile string
	// For says in a line what the client is there for.
	For string
}

const (
	scopePeople = "openid profile email phone address offline_access user/*.rs patient/*.rs user/*.cruds patient/*.cruds launch launch/patient launch/encounter fhirUser online_access"
	scopeSystem = "system/*.rs system/*.cruds"
)

// system is a client before it has keys.
type system struct {
	id, name, purpose, scope string
	method                   control.ClientAuth
	grants                   []string
	redirects                bool
	organization             string
	suite                    bool   // sent back to the conformance suite, and nowhere else
	certificate              bool   // has a client certificate, to authenticate with or to bind tokens to
	proofs                   bool   // binds its tokens by proofs alone, whatever certificate it shows
	tenancy                  string // how it stands to organisations, under HelseID; empty for none
}

var people = []string{"authorization_code", "refresh_token", "client_credentials"}

var systems = []system{
	{"web-app", "Web journal", "people sign in to it", scopePeople + " " + scopeSystem, control.PrivateKeyJWT, people, true, "granfjelldal", false, true, false, ""},
	{"second-app", "Second web journal", "the same again, with a key of its own", scopePeople + " " + scopeSystem, control.PrivateKeyJWT, people, true, "flaksvagoy", false, false, false, ""},
	{"machine", "Nightly batch", "acts in its own name, and reads the log of accesses", scopeSystem + " system/AuditEvent.rs", control.PrivateKeyJWT, []string{"client_credentials"}, false, "granfjelldal", false, false, false, ""},
	{"oidf-1", "Conformance suite", "the OpenID Foundation's suite, first client", scopePeople + " " + scopeSystem, control.PrivateKeyJWT, people, true, "granfjelldal", true, true, false, ""},
	{"oidf-2", "Conformance suite, second client", "the OpenID Foundation's suite, second client", scopePeople + " " + scopeSystem, control.PrivateKeyJWT, people, true, "flaksvagoy", true, true, false, ""},
	{"legacy-app", "Journal of 2020", "has a shared secret, which FAPI refuses", scopePeople + " " + scopeSystem, control.ClientSecretBasic, people, true, "granfjelldal", false, false, false, ""},
	{"mtls-app", "Web journal with a certificate", "authenticates with a client certificate", scopePeople + " " + scopeSystem, control.TLSClientAuth, people, true, "granfjelldal", false, true, false, ""},
	{"self-signed-app", "Web journal with a certificate of its own", "likewise, with one that it has made itself", scopePeople + " " + scopeSystem, control.SelfSignedTLSClientAuth, people, true, "flaksvagoy", false, true, false, ""},
	{"oidf-mtls-1", "Conformance suite with a certificate", "the OpenID Foundation's suite, first client, for mtls", scopePeople + " " + scopeSystem, control.TLSClientAuth, people, true, "granfjelldal", true, true, false, ""},
	{"oidf-mtls-2", "Conformance suite with a certificate, second client", "the OpenID Foundation's suite, second client, for mtls", scopePeople + " " + scopeSystem, control.TLSClientAuth, people, true, "flaksvagoy", true, true, false, ""},
	{"oidf-mtls-dpop-1", "Conformance suite with a certificate and proofs", "the OpenID Foundation's suite, first client, for mtls with dpop", scopePeople + " " + scopeSystem, control.TLSClientAuth, people, true, "granfjelldal", true, true, true, ""},
	{"oidf-mtls-dpop-2", "Conformance suite with a certificate and proofs, second client", "the OpenID Foundation's suite, second client, for mtls with dpop", scopePeople + " " + scopeSystem, control.TLSClientAuth, people, true, "flaksvagoy", true, true, true, ""},
}

// localRedirects are where clients on a developer's machine want to be sent: the paths that frameworks
// use, at any port (RFC 8252 s7.3).
func localRedirects() []string {
	return onLocalhost("/callback", "/cb", "/signin-oidc", "/login/oauth2/code/thiefbox", "/oauth2/callback")
}

// localGoodbyes are where they want people to be sent after signing out.
func localGoodbyes() []string {
	return onLocalhost("", "/", "/signed-out", "/logout/callback", "/signout-callback-oidc", "/oauth2/logout/callback")
}

func onLocalhost(paths ...string) (uris []string) {
	for _, host := range []string{"localhost", "127.0.0.1", "[::1]"} {
		for _, path := range paths {
			uris = append(uris, "http://"+host+path)
		}
	}
	return uris
}

// register makes the clients of a tenant, or finds their keys from an earlier start.
func (t *tenant) register() ([]Client, error) {
	var clients []Client
	for _, s := range t.systems() {
		c := Client{ID: s.id, Name: s.name, AuthMethod: string(s.method), GrantTypes: s.grants, Scope: s.scope, For: s.purpose}
		switch {
		case s.suite:
			c.RedirectURIs = t.server.config.suiteRedirects()
		case s.redirects:
			c.RedirectURIs = append(localRedirects(), t.server.config.RedirectURIs...)
		}
		if err := t.equip(&c); err != nil {
			return nil, err
		}
		if s.certificate {
			if err := t.certify(&c); err != nil {
				return nil, err
			}
		}
		clients = append(clients, c)
	}
	return clients, nil
}

// equip gives a client its key or its secret.
func (t *tenant) equip(c *Client) (err error) {
	if !control.ClientAuth(c.AuthMethod).Asymmetric() {
		c.Secret, err = secretFile(t.file(c.ID+".secret"), t.dice.Fork("secret of "+c.ID).Token)
		return err
	}
	c.JWKFile = t.file(c.ID + ".jwk")
	c.PEMFile = pemBeside(c.JWKFile)
	c.Key, err = keyFile(c.JWKFile, func() (*fapi.Key, error) {
		return fapi.NewES256Key(c.ID+"-"+t.dice.Fork("kid of " + c.ID).ID()[:8], t.dice.Fork("key of "+c.ID))
	})
	return err
}

// registrations are the clients as the authorization server knows them.
func (i *Issuer) registrations() []idp.Client {
	var out []idp.Client
	cast := i.tenant.systems()
	for n, c := range i.tenant.clients {
		reg := idp.Client{
			ID: c.ID, Name: c.Name, AuthMethod: c.AuthMethod, Secret: c.Secret, GrantTypes: c.GrantTypes, Scope: fapi.Scope(c.Scope),
			RedirectURIs: c.RedirectURIs, Organisation: i.tenant.server.mustNumber(cast[n].organization),
			DetailTypes: detailNames, Tenancy: i.tenant.server.tenancy(cast[n]),
		}
		if cast[n].redirects && !cast[n].suite {
			reg.RedirectURIs = append(slices.Clip(reg.RedirectURIs), i.URL+pathCallback)
			reg.PostLogoutRedirectURIs = localGoodbyes()
		}
		reg.CertificateBound = c.Certificate != nil && !cast[n].proofs
		switch control.ClientAuth(c.AuthMethod) {
		case control.TLSClientAuth:
			reg.TLS.Subject = i.tenant.subject(&c)
		case control.SelfSignedTLSClientAuth:
			reg.TLS.Certificates = []*x509.Certificate{c.Certificate.Certificate}
		}
		if c.Key != nil { // a client with a certificate signs its requests with it (FAPI 2.0 MS 5.3.1)
			reg.Keys = i.tenant.suiteKeys(&c)
		}
		out = append(out, reg)
	}
	return out
}

// organisationNumber finds an organisation by its id; "" is none.
func (s *Server) organisationNumber(id string) (string, error) {
	if id == "" {
		return "", nil
	}
	var ids []string
	for _, o := range s.people.Organizations() {
		if o.ID == id {
			return o.Number, nil
		}
		ids = append(ids, o.ID)
	}
	return "", fmt.Errorf("expected an organization that is here (%s), got %q", strings.Join(ids[:min(len(ids), 8)], ", "), id)
}

// mustNumber is that of an organisation of the cast.
func (s *Server) mustNumber(id string) string {
	number, err := s.organisationNumber(id)
	if err != nil {
		panic("serve: " + err.Error())
	}
	return number
}

// registeredCaller tells the API for whom a client acts that is none of the cast.
func (i *Issuer) registeredCaller(client string) fhirmock.Caller {
	return fhirmock.Caller{Organization: i.tenant.server.organisations[i.as.OrganisationOf(client)]}
}

// Clients lists the clients that are registered at the issuer.
func (i *Issuer) Clients() []Client { return slices.Clone(i.tenant.clients) }

// Client finds a client; nil if nobody is called so.
func (i *Issuer) Client(id string) *Client { return i.tenant.client(id) }

func (t *tenant) client(id string) *Client {
	for n := range t.clients {
		if t.clients[n].ID == id {
			return &t.clients[n]
		}
	}
	return nil
}

// users are the people who can sign in, all with the same password, and on the list of the page.
func (t *tenant) users() []idp.User {
	places := map[string]string{}
	for _, o := range t.server.people.Organizations() {
		places[o.ID] = o.Name
	}
	var users []idp.User
	for _, p := range t.server.people.Practitioners() {
		users = append(users, idp.User{Subject: p.ID, Username: p.ID, Password: Password, Code: Code, Name: p.Name, Claims: t.server.practitionerClaims(p.ID, p.HPR), FHIRUser: "Practitioner/" + p.ID,
			Group: "Doctors at " + cmp.Or(places[p.Organization], p.Organization)})
	}
	for _, p := range t.server.people.Patients() {
		users = append(users, idp.User{Subject: p.ID, Username: p.ID, Password: Password, Code: Code, Name: p.Name, Claims: patientClaims(p.NationalID), FHIRUser: "Patient/" + p.ID, Group: "Patients"})
	}
	return users
}

// callers tells the API who is behind a token's sub. Clients act for their clinic.
func (t *tenant) callers() map[string]fhirmock.Caller {
	m := map[string]fhirmock.Caller{}
	for _, p := range t.server.people.Practitioners() {
		m[p.ID] = fhirmock.Caller{Practitioner: p.ID}
	}
	for _, p := range t.server.people.Patients() {
		m[p.ID] = fhirmock.Caller{Patient: p.ID}
	}
	for _, s := range t.systems() {
		m[s.id] = fhirmock.Caller{Organization: s.organization}
	}
	return m
}
