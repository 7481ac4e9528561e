package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"

	"thiefbox/fhirmock"
	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
)

// The OpenID Foundation's conformance suite as a developer of this server runs it: clients of its own
// at every issuer, and the configuration that its test plans take.

// Where the suite is unless Config says otherwise: its own development setup, and the alias under which
// it waits for browsers.
const (
	DefaultSuite      = "https://localhost.emobix.co.uk:8443"
	DefaultSuiteAlias = "thiefbox"

	localSuite = "https://localhost:8443" // the same without a name from the DNS
)

// suiteQuery is what the suite adds to the redirect URI of its second client, to see that a registered
// query stays.
const suiteQuery = "?dummy1=lorem&dummy2=ipsum"

var suiteAlias = regexp.MustCompile(`^[A-Za-z0-9._-]{1,80}$`)

// checkSuite fills in the defaults.
func (c *Config) checkSuite() error {
	if c.Suite == "" {
		c.Suite = DefaultSuite
	}
	if c.SuiteAlias == "" {
		c.SuiteAlias = DefaultSuiteAlias
	}
	u, err := url.Parse(c.Suite)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(c.Suite, "?#") {
		return fmt.Errorf("serve: expected the base URL of the conformance suite to begin with https:// and have no query, got %q", c.Suite)
	}
	if !suiteAlias.MatchString(c.SuiteAlias) {
		return fmt.Errorf("serve: expected the alias of the conformance suite to be letters, digits, dots and dashes, got %q", c.SuiteAlias)
	}
	c.Suite = strings.TrimSuffix(c.Suite, "/")
	return nil
}

// suiteRedirects are the redirect URIs of both clients, plain and with the query.
func (c Config) suiteRedirects() (uris []string) {
	bases := []string{c.Suite}
	for _, base := range []string{DefaultSuite, localSuite} {
		if base != c.Suite {
			bases = append(bases, base)
		}
	}
	for _, base := range bases {
		callback := base + "/test/a/" + c.SuiteAlias + "/callback"
		uris = append(uris, callback, callback+suiteQuery)
	}
	return uris
}

// suiteNames are the ids of its clients.
func suiteNames() (names []string) {
	for _, s := range systems {
		if s.suite {
			names = append(names, s.id)
		}
	}
	return names
}

// The configuration, in the suite's own words (its library of test plans documents them field by field).
type (
	suiteConfig struct {
		Alias       string      `json:"alias"`
		Description string      `json:"description"`
		Server      suiteServer `json:"server"`
		Client      suiteClient `json:"client"`
		Client2     suiteClient `json:"client2"`
		// MTLS and MTLS2 are the certificates of the two clients, in variants with mtls.
		MTLS     *suiteTLS      `json:"mtls,omitempty"`
		MTLS2    *suiteTLS      `json:"mtls2,omitempty"`
		Resource suiteResource  `json:"resource"`
		Browser  []suiteBrowser `json:"browser,omitempty"`
		// Override holds what differs for a module.
		Override map[string]suiteOverride `json:"override,omitempty"`
	}
	suiteServer struct {
		DiscoveryURL string `json:"discoveryUrl"`
	}
	suiteClient struct {
		ID      string   `json:"client_id"`
		Scope   string   `json:"scope"`
		JWKS    suiteSet `json:"jwks"`
		DPoPAlg string   `json:"dpop_signing_alg"`
	}
	suiteTLS struct {
		Certificate string `json:"cert"`
		Key         string `json:"key"`
		CA          string `json:"ca"`
	}
	suiteSet struct {
		Keys []json.RawMessage `json:"keys"`
	}
	suiteResource struct {
		URL string `json:"resourceUrl"`
	}
)

// suiteConfig is the configuration for a variant of the plans.
func (i *Issuer) suiteConfig(v SuiteVariant) suiteConfig {
	s, ids := i.tenant.server, v.clients()
	client := func(n int, dpopAlg string) suiteClient {
		c := i.Client(ids[n])
		key := c.Key
		if rsa := i.tenant.suite.Load(); rsa != nil && n == 0 {
			key = rsa
		}
		return suiteClient{ID: c.ID, Scope: v.scope(), JWKS: suiteSet{[]json.RawMessage{key.PrivateJWK()}}, DPoPAlg: dpopAlg}
	}
	config := suiteConfig{
		Alias: s.config.SuiteAlias, Description: "thiefbox, issuer " + i.Name + ", profile " + i.Profile + ": made-up people and records",
		Server:   suiteServer{i.URL + "/.well-known/openid-configuration"},
		Client:   client(0, "PS256"), // an RSA key lets the suite try RS256 too
		Client2:  client(1, "ES256"),
		Resource: suiteResource{i.FHIR + "/Patient/p01"},
	}
	if v.certificates() {
		config.Resource.URL = i.mtlsFHIR() + "/Patient/p01"
		config.MTLS, config.MTLS2 = s.suiteTLS(i.Client(ids[0])), s.suiteTLS(i.Client(ids[1]))
	}
	if v.pages() {
		config.Browser = i.suiteBrowser(suiteAllow)
		config.Override = i.suiteOverrides()
	}
	return config
}

// suiteTLS is a client's certificate with all that belongs to it.
func (s *Server) suiteTLS(c *Client) *suiteTLS {
	ca := &fapi.KeyPair{Certificate: s.ca.certificate}
	return &suiteTLS{Certificate: string(c.Certificate.PEM()), Key: string(c.Certificate.Key.PrivatePEM()), CA: string(ca.PEM())}
}

// PrintSuiteConfig writes the configuration for a variant of the suite's plans and the issuer that c would serve. It opens no socket, but makes the
// keys that are not in c.Dir yet, so that a server that is started later finds them there; one that is running with
// SuiteKey has them already.
func PrintSuiteConfig(c Config, v SuiteVariant, w io.Writer) error {
	if err := v.check(); err != nil {
		return err
	}
	c, profile, err := c.checked()
	if err != nil {
		return err
	}
	if c.Dir == "" || c.HTTPSPort <= 0 || c.MTLSPort < 0 && v.certificates() {
		return errors.New("serve: expected a data directory and ports, so that the server that is started later has the same keys and URLs")
	}
	s := &Server{config: c, profile: profile, dice: dice.Secure(), people: fhirmock.Everybody(), https: c.HTTPSPort, mtls: max(c.MTLSPort, 0),
		origins: map[string]string{}, aliases: map[string]string{}, tenants: map[string]*tenant{}}
	if err := s.openDir(); err != nil {
		return err
	}
	if s.ca, err = openAuthority(s.config.Dir, s.config.hostNames(), s.config.Now()); err != nil {
		return err
	}
	s.enterAliases()
	i, err := s.Issuer(inPath(profile.Name))
	if err != nil {
		return err
	}
	if len(c.Names) > 0 { // a suite in a container calls the server by the name it has from there
		if i, err = s.issuerAt("https://"+hostPort("https", c.Names[0], c.HTTPSPort), i.Name); err != nil {
			return err
		}
	}
	key, err := i.tenant.suiteKey()
	if err != nil {
		return err
	}
	i.tenant.suite.Store(key)
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(i.suiteConfig(v)); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}
