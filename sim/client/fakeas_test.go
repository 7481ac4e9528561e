package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
)

// fakeAS is a small honest authorization server. It checks what the client says as strictly as the
// dialect allows, and answers correctly unless a test spoils one thing.
type fakeAS struct {
	issuer  string
	subject string // who signs in, without being asked
	key     *fapi.Key
	clients map[string]*Registration
	dialect func() control.Dialect
	clock   *clock.Clock
	dice    *dice.Dice

	nonce string // demanded in proofs, if not empty

	spoilMetadata func(*fapi.Metadata)
	spoilAnswer   func(url.Values)
	spoilResponse func(*fapi.AuthorizationResponse)
	signResponse  func(fapi.AuthorizationResponse) string // signs the answer, if not nil
	spoilAccess   func(*fapi.AccessToken)
	spoilID       func(*fapi.IDToken)
	signID        func(fapi.IDToken) string // signs the ID token, if not nil
	spoilTokens   func(*fapi.TokenResponse)
	spoilStatus   map[string]int // by path: answer with this status

	mu       sync.Mutex
	requests []string // "PAR", "authorization_code", …: every one that was accepted
	pushed   map[string]url.Values
	codes    map[string]url.Values // code to the authorization request
	refresh  map[string]bool
	access   map[string]bool
	seen     map[string]bool // jti of assertions and proofs
	fetches  map[string]int  // by path
	faults   []string        // what an honest client would never say
	lastForm url.Values
}

func newFakeAS(issuer, subject string, d func() control.Dialect, c *clock.Clock, rolls *dice.Dice) *fakeAS {
	key, err := fapi.NewES256Key("as-1", rolls.Fork("key"))
	if err != nil {
		panic(err)
	}
	return &fakeAS{issuer: issuer, subject: subject, key: key, clients: map[string]*Registration{}, dialect: d, clock: c, dice: rolls,
		pushed: map[string]url.Values{}, codes: map[string]url.Values{}, refresh: map[string]bool{}, access: map[string]bool{},
		seen: map[string]bool{}, fetches: map[string]int{}, spoilStatus: map[string]int{}}
}

func (s *fakeAS) metadata() fapi.Metadata {
	m := fapi.Metadata{
		Issuer: s.issuer, AuthorizationEndpoint: s.issuer + "/authorize?ui=plain", TokenEndpoint: s.issuer + "/token",
		PushedAuthorizationRequestEndpoint: s.issuer + "/par", RevocationEndpoint: s.issuer + "/revoke", JWKSURI: s.issuer + "/jwks",
	}
	if s.dialect().Certificates() {
		m.MTLSAliases = fapi.MTLSAliases{
			TokenEndpoint: s.issuer + "/mtls/token", PushedAuthorizationRequestEndpoint: s.issuer + "/mtls/par", RevocationEndpoint: s.issuer + "/mtls/revoke",
		}
	}
	if s.spoilMetadata != nil {
		s.spoilMetadata(&m)
	}
	return m
}

func (s *fakeAS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, alias := strings.CutPrefix(r.URL.Path, "/mtls")
	if backChannel := r.Method == http.MethodPost; backChannel && alias != s.dialect().Certificates() {
		s.faults = append(s.faults, "expected an alias where clients have certificates, and only there, got "+r.URL.Path)
	}
	r.URL.Path = path
	s.fetches[r.URL.Path]++
	if status := s.spoilStatus[r.URL.Path]; status != 0 {
		w.WriteHeader(status)
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server":
		writeJSON(w, 200, s.metadata())
	case "/jwks":
		_, _ = w.Write(fapi.JWKS(s.key.Public()))
	case "/par":
		s.par(w, r)
	case "/authorize":
		s.authorize(w, r)
	case "/token":
		s.token(w, r)
	case "/revoke":
		s.revoke(w, r)
	default:
		w.WriteHeader(404)
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (s *fakeAS) refuse(w http.ResponseWriter, code, format string, args ...any) {
	s.faults = append(s.faults, code+": "+fmt.Sprintf(format, args...))
	writeJSON(w, 400, fapi.TokenResponse{Error: code, ErrorDescription: fmt.Sprintf(format, args...)})
}

// authenticated checks the caller's credentials, by the method it registered.
func (s *fakeAS) authenticated(r *http.Request) (*Registration, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	id := r.PostForm.Get("client_id")
	basicID, basicSecret, basic := r.BasicAuth()
	if basic {
		id, _ = url.QueryUnescape(basicID)
	}
	reg := s.clients[id]
	if reg == nil {
		return nil, fmt.Errorf("unknown client %q", id)
	}
	switch control.ClientAuth(reg.AuthMethod) {
	case control.ClientSecretBasic:
		if secret, _ := url.QueryUnescape(basicSecret); !basic || secret != reg.Secret || r.PostForm.Has("client_secret") {
			return nil, fmt.Errorf("expected a secret in the header")
		}
		return reg, nil
	case control.ClientSecretPost:
		if basic || r.PostForm.Get("client_secret") != reg.Secret {
			return nil, fmt.Errorf("expected a secret in the body")
		}
		return reg, nil
	case control.TLSClientAuth, control.SelfSignedTLSClientAuth:
		if basic || r.PostForm.Has("client_secret") || r.PostForm.Has("client_assertion") {
			return nil, fmt.Errorf("expected nothing but a client_id beside the certificate")
		}
		return reg, nil
	}
	if basic || r.PostForm.Get("client_assertion_type") != fapi.AssertionType {
		return nil, fmt.Errorf("expected an assertion")
	}
	return reg, s.assertion(reg, r.PostForm.Get("client_assertion"))
}

func (s *fakeAS) assertion(reg *Registration, compact string) error {
	t, err := fapi.ParseJWT(compact)
	if err != nil {
		return err
	}
	var c fapi.Assertion
	if err := t.Claims(&c); err != nil {
		return err
	}
	if err := t.VerifyTrustingAlg(reg.Key.Public().Key); err != nil {
		return err
	}
	d, want := s.dialect(), s.issuer
	if d.AssertionAudience == control.AudienceEndpoint {
		want = s.issuer + "/token"
	}
	lifetime := d.AssertionLifetime
	if lifetime == 0 {
		lifetime = time.Minute
	}
	switch now := s.clock.Now().Unix(); {
	case t.Header.Typ != d.AssertionTyp:
		return fmt.Errorf("expected typ %q, got %q", d.AssertionTyp, t.Header.Typ)
	case !c.Audience.IsOnly(want):
		return fmt.Errorf("expected audience %s, got %s", want, c.Audience)
	case c.Issuer != reg.ClientID || c.Subject != reg.ClientID:
		return fmt.Errorf("expected issuer and subject %s, got %s and %s", reg.ClientID, c.Issuer, c.Subject)
	case c.IssuedAt != now || c.Expires != now+int64(lifetime/time.Second):
		return fmt.Errorf("expected a lifetime of %s", lifetime)
	case c.JTI == "" || s.seen[c.JTI]:
		return fmt.Errorf("assertion used twice")
	}
	s.seen[c.JTI] = true
	return nil
}

func (s *fakeAS) tokenURL() string {
	if s.dialect().Certificates() {
		return s.issuer + "/mtls/token"
	}
	return s.issuer + "/token"
}

// proof checks the DPoP proof. It returns the key's thumbprint, empty in the bearer dialect.
func (s *fakeAS) proof(w http.ResponseWriter, r *http.Request) (jkt string, ok bool) {
	if s.dialect().Constraint != control.DPoP {
		if r.Header.Get("DPoP") != "" {
			s.refuse(w, "invalid_request", "a proof in the bearer dialect")
			return "", false
		}
		return "", true
	}
	p, err := checkProof(r, s.tokenURL(), "", s.clock, s.seen)
	if err != nil {
		s.refuse(w, "invalid_dpop_proof", "%v", err)
		return "", false
	}
	if s.nonce != "" && p.Claims.Nonce != s.nonce {
		w.Header().Set("DPoP-Nonce", s.nonce)
		writeJSON(w, 400, fapi.TokenResponse{Error: "use_dpop_nonce"})
		return "", false
	}
	return p.Key.Thumbprint, true
}

func checkProof(r *http.Request, htu, token string, c *clock.Clock, seen map[string]bool) (*fapi.ReceivedProof, error) {
	if n := len(r.Header.Values("DPoP")); n != 1 {
		return nil, fmt.Errorf("expected one proof, got %d", n)
	}
	p, err := fapi.ParseProof(r.Header.Get("DPoP"))
	if err != nil {
		return nil, err
	}
	want := fapi.NewProof(r.Method, htu, token, c.Now(), p.Claims.JTI)
	want.Nonce = p.Claims.Nonce
	if p.Claims != want {
		return nil, fmt.Errorf("expected %+v, got %+v", want, p.Claims)
	}
	if seen[p.Claims.JTI] {
		return nil, fmt.Errorf("proof used twice")
	}
	seen[p.Claims.JTI] = true
	return p, p.JWT.VerifyTrustingAlg(p.Key.Key)
}

func (s *fakeAS) par(w http.ResponseWriter, r *http.Request) {
	reg, err := s.authenticated(r)
	if err != nil {
		s.refuse(w, "invalid_client", "%v", err)
		return
	}
	if r.PostForm.Get("client_id") != reg.ClientID && reg.AuthMethod != "client_secret_basic" {
		s.refuse(w, "invalid_request", "no client_id")
		return
	}
	s.requests = append(s.requests, "PAR")
	uri := "urn:ietf:params:oauth:request_uri:" + s.dice.Token()
	s.pushed[uri] = s.opened(reg, r.PostForm)
	writeJSON(w, 201, map[string]any{"request_uri": uri, "expires_in": 60})
}

// authorize signs the subject in without asking and answers with a code.
func (s *fakeAS) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if uri := q.Get("request_uri"); uri != "" {
		if len(q) != 3 {
			s.faults = append(s.faults, "more than client_id and request_uri in the address bar: "+r.URL.RawQuery)
		}
		q = s.pushed[uri]
	}
	if q.Get("ui") == "" && s.dialect().Request == control.PlainRequest {
		s.faults = append(s.faults, "the query of the authorization endpoint was lost")
	}
	if wantPKCE := s.dialect().PKCE; wantPKCE != (q.Get("code_challenge_method") == "S256") {
		s.faults = append(s.faults, fmt.Sprintf("PKCE: expected %t, got %q", wantPKCE, q.Get("code_challenge_method")))
	}
	if d := s.dialect(); (d.CodeBinding && d.Constraint == control.DPoP) != q.Has("dpop_jkt") {
		s.faults = append(s.faults, "dpop_jkt: "+q.Get("dpop_jkt"))
	}
	code := s.dice.Token()
	s.codes[code] = q
	answer := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {s.issuer}}
	if s.spoilAnswer != nil {
		s.spoilAnswer(answer)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+s.signed(q, answer).Encode(), http.StatusSeeOther)
}

func (s *fakeAS) token(w http.ResponseWriter, r *http.Request) {
	reg, err := s.authenticated(r)
	if err != nil {
		s.refuse(w, "invalid_client", "%v", err)
		return
	}
	jkt, ok := s.proof(w, r)
	if !ok {
		return
	}
	form := r.PostForm
	s.lastForm = form
	if s.dialect().PerAPITokens != (len(form["resource"]) == 1) {
		s.refuse(w, "invalid_target", "resource %q", form["resource"])
		return
	}
	out := fapi.TokenResponse{TokenType: scheme(s.dialect()), ExpiresIn: 60}
	claims := fapi.AccessToken{Issuer: s.issuer, Subject: s.subject, ClientID: reg.ClientID, JTI: s.dice.ID(),
		Audience: fapi.Audience{Values: form["resource"]}, Expires: s.clock.Now().Add(time.Minute).Unix()}
	if jkt != "" {
		claims.Confirmation = &fapi.Confirmation{JKT: jkt}
	}
	grant := form.Get("grant_type")
	switch grant {
	case "authorization_code":
		if !s.redeem(w, form, reg, &out) {
			return
		}
	case "refresh_token":
		if !s.refresh[form.Get("refresh_token")] {
			s.refuse(w, "invalid_grant", "unknown refresh token")
			return
		}
	case "client_credentials":
		claims.Subject = reg.ClientID
		if scope := form.Get("scope"); scope != SystemScope && scope != ReportScope {
			s.refuse(w, "invalid_scope", "%s", form.Get("scope"))
			return
		}
	default:
		s.refuse(w, "unsupported_grant_type", "%s", grant)
		return
	}
	s.requests = append(s.requests, grant)
	s.answer(w, claims, &out)
}

func (s *fakeAS) answer(w http.ResponseWriter, claims fapi.AccessToken, out *fapi.TokenResponse) {
	if s.spoilAccess != nil {
		s.spoilAccess(&claims)
	}
	var err error
	if out.AccessToken, err = claims.Sign(s.key); err != nil {
		panic(err)
	}
	s.access[out.AccessToken] = true
	if s.spoilTokens != nil {
		s.spoilTokens(out)
	}
	writeJSON(w, 200, out)
}

// redeem checks the code and adds the ID token and the refresh token.
func (s *fakeAS) redeem(w http.ResponseWriter, form url.Values, reg *Registration, out *fapi.TokenResponse) bool {
	request, known := s.codes[form.Get("code")]
	if !known {
		s.refuse(w, "invalid_grant", "unknown code")
		return false
	}
	delete(s.codes, form.Get("code"))
	if form.Get("redirect_uri") != request.Get("redirect_uri") {
		s.refuse(w, "invalid_grant", "redirect_uri %s", form.Get("redirect_uri"))
		return false
	}
	if challenge := request.Get("code_challenge"); challenge != "" && fapi.Hash(form.Get("code_verifier")) != challenge ||
		challenge == "" && form.Has("code_verifier") {
		s.refuse(w, "invalid_grant", "verifier %s", form.Get("code_verifier"))
		return false
	}
	if strings.Contains(request.Get("scope"), "offline_access") {
		out.RefreshToken = s.dice.Token()
		s.refresh[out.RefreshToken] = true
	}
	id := fapi.IDToken{Issuer: s.issuer, Subject: s.subject, Audience: fapi.Audience{Values: []string{reg.ClientID}},
		IssuedAt: s.clock.Now().Unix(), Expires: s.clock.Now().Add(5 * time.Minute).Unix(), Nonce: request.Get("nonce")}
	if s.spoilID != nil {
		s.spoilID(&id)
	}
	var err error
	if out.IDToken, err = id.Sign(s.key); err != nil {
		panic(err)
	}
	if s.signID != nil {
		out.IDToken = s.signID(id)
	}
	return true
}

func (s *fakeAS) revoke(w http.ResponseWriter, r *http.Request) {
	if _, err := s.authenticated(r); err != nil {
		s.refuse(w, "invalid_client", "%v", err)
		return
	}
	token := r.PostForm.Get("token")
	if hint := r.PostForm.Get("token_type_hint"); s.refresh[token] && hint != "refresh_token" || s.access[token] && hint != "access_token" {
		s.faults = append(s.faults, "wrong hint "+hint)
	}
	s.requests = append(s.requests, "revoke")
	delete(s.refresh, token)
	delete(s.access, token)
}

// valid tells whether an access token is one of this server's that has not been revoked or expired.
func (s *fakeAS) valid(token string) (*fapi.AccessToken, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	claims, err := accessClaims(token)
	return claims, err == nil && s.access[token] && claims.Expires > s.clock.Now().Unix()
}

func (s *fakeAS) revokeAccess() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.access)
}

// accepted returns the requests since the last call.
func (s *fakeAS) accepted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := slices.Clone(s.requests)
	s.requests = nil
	return r
}

func (s *fakeAS) noFaults(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) > 0 {
		t.Errorf("%s: the client said what it should not: %v", s.issuer, s.faults)
	}
}
