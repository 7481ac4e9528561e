package idp

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Dynamic client registration (RFC 7591) and its management (RFC 7592). Redirect URIs, grants, methods and
// keys of a registration are held to the same rules as those of Config; the server chooses the client_id,
// so none is ever taken from another (RFC 7591 erratum 7782).

// Registration says how clients may register themselves.
type Registration struct {
	// Token is the initial access token (RFC 7591 s3) that opens the door where the profile has one closed.
	Token string
	// Scope is all that such a client may ask for.
	Scope fapi.Scope
	// Organisation is the organisation number in its tokens; empty for none.
	Organisation string
}

// maxRegistered bounds what strangers can make the server hold.
const maxRegistered = 1000

// registry is who registered themselves.
type registry struct {
	mu     sync.Mutex
	tokens map[string]digest // registration access tokens by client
	count  int
}

var registrationGuards = []control.Guard[registrant]{
	{Control: control.ASRegistrationToken, Check: (*registrant).checkToken, Answer: answerToken},
}

var managementGuards = []control.Guard[registrant]{
	{Control: control.ASRegistrationAccess, Check: (*registrant).checkAccess, Answer: answerToken},
}

var answerToken = control.Answer{Status: http.StatusUnauthorized, Code: "invalid_token", Safe: "the token is missing or not acceptable"}

// registrant is who wants to register a client, or to read or change a registration.
type registrant struct {
	s     *Server
	token string
	id    string // of the client to manage
}

// checkToken (RFC 7591 s3, s5).
func (r *registrant) checkToken() (string, error) {
	if equalSecrets(r.token, r.s.registration.Token) {
		return "the initial access token", nil
	}
	return shown(r.token), control.ExpectedFix("initial access token", "the one that this server hands out", shown(r.token), "ask whoever runs the server for it")
}

// checkAccess (RFC 7592 s2, s3).
func (r *registrant) checkAccess() (string, error) {
	r.s.registered.mu.Lock()
	want, known := r.s.registered.tokens[r.id]
	r.s.registered.mu.Unlock()
	if known && r.token != "" && digestOf(r.token) == want {
		return "the token of " + r.id, nil
	}
	return shown(r.token), control.Expected("registration access token", "that of "+r.id, shown(r.token))
}

// shown says that there is a token without saying which.
func shown(token string) string {
	if token == "" {
		return ""
	}
	return "another token"
}

// registered is the answer to a registration (RFC 7591 s3.2.1; RFC 7592 s3).
type registered struct {
	ClientMetadata
	ClientSecret string `json:"client_secret,omitempty"`
	IssuedAt     int64  `json:"client_id_issued_at,omitempty"`
	// SecretExpiresAt is 0, for never, where there is a secret.
	SecretExpiresAt *int64 `json:"client_secret_expires_at,omitempty"`
	Token           string `json:"registration_access_token,omitempty"`
	URI             string `json:"registration_client_uri,omitempty"`
}

func (s *Server) serveRegister(w http.ResponseWriter, r *http.Request) {
	answer, err := s.register(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	writeJSON(w, http.StatusCreated, answer)
}

func (s *Server) register(r *http.Request) (*registered, error) {
	if s.registration == nil {
		return nil, faultOf(http.StatusNotFound, "not_found", "no such endpoint", "this server registers nobody")
	}
	m, err := readMetadata(r)
	if err != nil {
		return nil, err
	}
	if err := party.Enforce(r.Context(), s.party, &registrant{s: s, token: bearerOf(r)}, registrationGuards); err != nil {
		return nil, err
	}
	c, err := s.admit(m, s.party.Dice.ID(), s.registration.Scope)
	if err != nil {
		return nil, err
	}
	token := s.party.Dice.Token()
	s.registered.mu.Lock()
	full := s.registered.count >= maxRegistered
	if !full {
		s.registered.count++
		s.registered.tokens[c.ID] = digestOf(token)
	}
	s.registered.mu.Unlock()
	if full {
		return nil, faultOf(http.StatusServiceUnavailable, "temporarily_unavailable", "too many clients are registered", "expected at most 1000 registrations")
	}
	s.operate(func(o *operations) { o.clients[c.ID] = &c })
	s.keepClient(c.ID)
	s.party.Tell(r.Context(), event.Issued{Type: "registration", ID: c.ID, Client: c.ID, Scope: string(c.Scope)})
	answer := s.describe(&c, token)
	answer.IssuedAt = s.now().Unix()
	return answer, nil
}

// admit holds a registration to the rules, and gives it what only the server can: its id, a secret, scopes.
func (s *Server) admit(m ClientMetadata, id string, may fapi.Scope) (Client, error) {
	c, err := m.client(id)
	if err != nil {
		return c, err
	}
	c.DPoPBound, c.Organisation = m.DPoPBound, cmp.Or(s.Settings().RegisteredFor, s.registration.Organisation)
	if c.AuthMethod == "none" {
		return c, invalidMetadata("expected client_secret_basic, client_secret_post, private_key_jwt, tls_client_auth or self_signed_tls_client_auth, got \"none\"").because("SP 5.3.2.1-3",
			"clients are confidential here: have the app make a key and register it for private_key_jwt, each installation its own, or let a server of yours hold one")
	}
	if c.AuthMethod == string(control.ClientSecretBasic) || c.AuthMethod == string(control.ClientSecretPost) {
		c.Secret = s.party.Dice.Token()
	}
	// What a client asks for beyond what it may have is left out, and it is told (RFC 7591 s3.2.1).
	asked := strings.Fields(string(c.Scope))
	if len(asked) == 0 {
		asked = strings.Fields(string(may))
	}
	asked = slices.DeleteFunc(asked, func(scope string) bool { return !may.Has(scope) })
	c.Scope = fapi.Scope(strings.Join(asked, " "))
	if c.Scope == "" {
		return c, invalidMetadata("expected some of the scopes %s, got %q", may, m.Scope)
	}
	c.DetailTypes = slices.DeleteFunc(c.DetailTypes, func(name string) bool { return s.detailTypes[name] == nil })
	if err := c.validate(); err != nil {
		return c, invalidMetadata("%v", err)
	}
	if c.AuthMethod == string(control.TLSClientAuth) && len(s.authorities) == 0 {
		return c, invalidMetadata("expected another method than tls_client_auth: this server trusts no certificate authority")
	}
	if err := s.prepareKeys(&c); err != nil {
		return c, invalidMetadata("%v", err)
	}
	return c, nil
}

func (s *Server) describe(c *Client, token string) *registered {
	a := &registered{ClientMetadata: metadataOf(c), ClientSecret: c.Secret, Token: token, URI: s.at.register + "/" + c.ID}
	if c.Secret != "" {
		a.SecretExpiresAt = new(int64)
	}
	return a
}

// readMetadata reads the body, which is JSON.
func readMetadata(r *http.Request) (m ClientMetadata, err error) {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
		return m, invalidMetadata("expected the content type application/json, got %q", kind)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return m, faultOf(http.StatusRequestEntityTooLarge, "invalid_client_metadata", "the request is too large", "expected a body of at most 64 KiB")
	} else if err != nil {
		return m, malformed("the body cannot be read: %v", err)
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return m, invalidMetadata("expected client metadata as a JSON object: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if err := fapi.CheckObject(body); err != nil {
		return m, invalidMetadata("client metadata: %v", err)
	}
	return m, nil
}

// bearerOf is the token of the Authorization header (RFC 6750 s2.1); empty if there is none.
func bearerOf(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
