package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"thiefbox/idp"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// Registrations of one's own, in a file of YAML or JSON:
//
//	clients:
//	  - client_id: my-app                          # these are the names of RFC 7591 s2
//	    client_name: My app
//	    token_endpoint_auth_method: private_key_jwt
//	    redirect_uris: [https://localhost:8000/cb]
//	    grant_types: [authorization_code, refresh_token]
//	    scope: openid user/*.rs
//	    jwks_file: my-app.public.jwks              # beside the file; or jwks, written out
//	    organization: granfjelldal                 # for whom it acts: whose patients it may see in its own name, and whose
//	                                               # number goes into its tokens; it may see nobody if left out
//	    authorization_details_types: [helseid_authorization, patient_record]
//	    record_elements: [Patient.name, Patient.telecom]  # all that a patient_record of its may be for; any if left out
//	    tenancy: {kind: multi-tenant, parents: {"999977774": [], "999977782": ["999977790"]}}  # of HelseID
//	    issuers: [team-a]                          # where it is registered; everywhere if left out
//	settings:                                      # what the specifications leave open, over what the flags say
//	  - issuers: [team-a]                          # where; everywhere if left out
//	    lifetimes: {access_token: 1m, code: 10s}
//	    sign_in_as: berg                           # or sign_in_by_hint: true; with consent: true no page is shown at all
//	    registered_for: granfjelldal               # for whom clients act that register themselves (RFC 7591)
//
// An unknown name, a second client of the same id, a key that is private: each is an error with line and
// column, and nothing of the file is taken. The file is read again when it changes; a mistake then leaves
// all as it was, and is told where refusals are told.

// fileClient is an entry. client_secret is for the methods that have one.
type fileClient struct {
	idp.ClientMetadata `yaml:"-"`

	ClientID      string         `yaml:"client_id"`
	ClientName    string         `yaml:"client_name"`
	RedirectURIs  []string       `yaml:"redirect_uris"`
	AuthMethod    string         `yaml:"token_endpoint_auth_method"`
	GrantTypes    []string       `yaml:"grant_types"`
	ResponseTypes []string       `yaml:"response_types"`
	Scope         string         `yaml:"scope"`
	JWKS          map[string]any `yaml:"jwks"`
	JWKSFile      string         `yaml:"jwks_file"`
	Secret        string         `yaml:"client_secret"`
	DPoPBound     bool           `yaml:"dpop_bound_access_tokens"`
	SignsRequests bool           `yaml:"require_signed_request_object"`
	ResponseModes []string       `yaml:"response_modes"`
	ResponseAlg   string         `yaml:"authorization_signed_response_alg"`
	IDTokenAlg    string         `yaml:"id_token_signed_response_alg"`
	UserinfoAlg   string         `yaml:"userinfo_signed_response_alg"`
	Goodbyes      []string       `yaml:"post_logout_redirect_uris"`
	Bound         bool           `yaml:"tls_client_certificate_bound_access_tokens"`
	SubjectDN     string         `yaml:"tls_client_auth_subject_dn"`
	SANDNS        string         `yaml:"tls_client_auth_san_dns"`
	SANURI        string         `yaml:"tls_client_auth_san_uri"`
	SANIP         string         `yaml:"tls_client_auth_san_ip"`
	SANEmail      string         `yaml:"tls_client_auth_san_email"`
	Organization  string         `yaml:"organization"`
	DetailTypes   []string       `yaml:"authorization_details_types"`
	Elements      []string       `yaml:"record_elements"`
	Tenancy       idp.Tenancy    `yaml:"tenancy"`
	Issuers       []string       `yaml:"issuers"`
}

// clientsFile is all that stands in the file.
type clientsFile struct {
	Clients  []fileClient   `yaml:"clients"`
	Settings []fileSettings `yaml:"settings"`
}

// fileSettings are what issuers do.
type fileSettings struct {
	Change  settingsChange `yaml:",inline"`
	Issuers []string       `yaml:"issuers"`
}

// beside are what reading the file takes: the files that it names, and whether settings are any good.
type beside struct {
	read  func(string) ([]byte, error)
	check func(settingsChange) error
	// organization finds the number of one by its id.
	organization func(id string) (string, error)
}

// FileError is a mistake in a file, and where it is.
type FileError struct {
	File         string
	Line, Column int // from 1; 0 for the whole file
	Text         string
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
}

// readClients reads registrations and settings. Errors are *FileError.
func readClients(name string, data []byte, with beside) (*clientsFile, error) {
	var doc clientsFile
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, at0(name, err)
	}
	if err := yaml.UnmarshalWithOptions(data, &doc, yaml.Strict()); err != nil {
		return nil, at0(name, err)
	}
	seen := map[string]bool{}
	for n := range doc.Clients {
		c := &doc.Clients[n]
		err := c.complete(with)
		if err == nil && seen[c.ClientID] {
			err = fmt.Errorf("expected each client_id once, got %q twice", c.ClientID)
		}
		if err != nil {
			line, column := place(tree, "clients", n)
			return nil, &FileError{name, line, column, fmt.Sprintf("client %s: %v", firstOf(c.ClientID, fmt.Sprint("number ", n+1)), err)}
		}
		seen[c.ClientID] = true
	}
	for n, c := range doc.Settings {
		if err := with.check(c.Change); err != nil {
			line, column := place(tree, "settings", n)
			return nil, &FileError{name, line, column, "settings: " + err.Error()}
		}
	}
	return &doc, nil
}

// complete checks an entry by making a registration of it.
func (c *fileClient) complete(with beside) error {
	c.ClientMetadata = idp.ClientMetadata{
		ClientID: c.ClientID, ClientName: c.ClientName, RedirectURIs: c.RedirectURIs, AuthMethod: c.AuthMethod,
		GrantTypes: c.GrantTypes, ResponseTypes: c.ResponseTypes, Scope: c.Scope, DetailTypes: c.DetailTypes, DPoPBound: c.DPoPBound, RequireSignedRequest: c.SignsRequests,
		ResponseModes: c.ResponseModes, ResponseAlg: c.ResponseAlg, IDTokenAlg: c.IDTokenAlg, UserinfoAlg: c.UserinfoAlg, PostLogoutRedirectURIs: c.Goodbyes,
		CertificateBound: c.Bound, CertificateSubject: fapi.CertificateSubject{DN: c.SubjectDN, DNS: c.SANDNS, URI: c.SANURI, IP: c.SANIP, Email: c.SANEmail},
	}
	var err error
	switch {
	case c.JWKS != nil && c.JWKSFile != "":
		return errors.New("expected jwks or jwks_file, got both")
	case c.JWKSFile != "":
		if c.ClientMetadata.JWKS, err = with.read(c.JWKSFile); err != nil {
			return err
		}
	case c.JWKS != nil:
		if c.ClientMetadata.JWKS, err = json.Marshal(c.JWKS); err != nil {
			return err
		}
	}
	if _, err = c.Client(c.Secret); err != nil {
		return err
	}
	if _, err = with.organization(c.Organization); err != nil {
		return err
	}
	return errors.Join(c.Tenancy.Validate(), idp.ValidateElements(c.Elements))
}

// place is where an entry begins.
func place(tree *ast.File, list string, entry int) (line, column int) {
	path, err := yaml.PathString(fmt.Sprintf("$.%s[%d]", list, entry))
	if err != nil {
		return 0, 0
	}
	node, err := path.FilterFile(tree)
	if err != nil || node.GetToken() == nil {
		return 0, 0
	}
	if m, ok := node.(*ast.MappingNode); ok && len(m.Values) > 0 {
		node = m.Values[0].Key
	}
	return node.GetToken().Position.Line, node.GetToken().Position.Column
}

// at0 finds the place in an error of the YAML library.
func at0(name string, err error) error {
	e := &FileError{File: name, Text: strings.TrimSpace(strings.SplitN(err.Error(), "\n", 2)[0])}
	var located yaml.Error
	if errors.As(err, &located) && located.GetToken() != nil {
		e.Line, e.Column = located.GetToken().Position.Line, located.GetToken().Position.Column
		e.Text = located.GetMessage()
	}
	return e
}

// registrar reads the file again when it has changed.
type registrar struct {
	file    string
	changed time.Time
	size    int64
	read    atomic.Pointer[clientsFile] // read without the lock that the rest is under
	wrong   string                      // what was wrong with it last time it was read; told once
}

// refresh reads the file if it is new, and tells whether it did. It keeps what it had if the file is no
// good.
func (r *registrar) refresh(with beside) (bool, error) {
	info, err := os.Stat(r.file)
	if err != nil {
		return r.failed(fmt.Errorf("expected registrations of clients in %s: %w; give the path of a YAML or JSON file", r.file, err))
	}
	if info.ModTime().Equal(r.changed) && info.Size() == r.size {
		return false, nil
	}
	r.changed, r.size = info.ModTime(), info.Size()
	data, err := os.ReadFile(r.file)
	if err != nil {
		return r.failed(err)
	}
	content, err := readClients(r.file, data, with)
	if err != nil {
		return r.failed(err)
	}
	r.read.Store(content)
	r.wrong = ""
	return true, nil
}

func (r *registrar) current() clientsFile {
	if c := r.read.Load(); c != nil {
		return *c
	}
	return clientsFile{}
}

func (r *registrar) failed(err error) (bool, error) {
	if err.Error() == r.wrong {
		return false, nil
	}
	r.wrong = err.Error()
	return false, err
}

// refreshClients takes changes of the clients' file to every issuer there is. It is asked at every
// request, and costs one look at the file's date.
func (s *Server) refreshClients(t *tenant) {
	if s.config.ClientsFile == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.registrar.current()
	changed, err := s.registrar.refresh(s.beside())
	if err != nil {
		t.journal.tell(context.Background(), event.Refused{Party: "serve", Code: "clients_file", Detail: err.Error() + "; clients and settings stay as they were"})
	}
	if !changed {
		return
	}
	is := s.registrar.current()
	for _, each := range s.tenants {
		each.mu.Lock()
		for _, i := range each.issuers {
			i.exchange(was.Clients, is.Clients)
		}
		if !reflect.DeepEqual(was.Settings, is.Settings) { // else those that a test has asked for stay
			_ = each.setLocked(s.settingsAt(each.name)) // which were good when they were read
		}
		each.mu.Unlock()
	}
}

// exchange registers clients of the file in the place of others.
func (i *Issuer) exchange(was, is []fileClient) {
	for _, c := range was {
		if !slices.ContainsFunc(is, func(o fileClient) bool { return o.ClientID == c.ClientID }) {
			i.as.Unregister(c.ClientID)
		}
	}
	for _, c := range is {
		if len(c.Issuers) > 0 && !slices.Contains(c.Issuers, i.Name) {
			continue
		}
		reg, err := c.Client(c.Secret)
		if err == nil {
			reg.Organisation, reg.Tenancy, reg.RecordElements = i.tenant.server.mustNumber(c.Organization), c.Tenancy, c.Elements
			err = i.as.Lend(reg)
		}
		if err != nil {
			panic("serve: a registration that was good when it was read is not: " + err.Error())
		}
	}
}
