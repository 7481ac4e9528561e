package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"sort"
	"sync"
	"time"
)

// session is a browser that is signed in, and the tokens the EHR holds for its owner.
type session struct {
	subject, name string
	reg           *Registration
	at            *provider
	begun         time.Time
	seq           uint64

	renewing sync.Mutex // held while a token is being fetched: the same one is not fetched twice

	mu      sync.Mutex // guards what follows, and is never held while waiting for anybody
	tokens  map[string]token
	refresh string
	opened  []string // patients, latest first
}

const (
	sessionLifetime = 12 * time.Hour // a shift
	maxOpened       = 10
)

// shared is the key in session.tokens of the token that serves every API.
const shared = ""

// tokenKey is where the token for an API is kept.
func (e *EHR) tokenKey(api string) string {
	if e.protocol.party.Dialect().PerAPITokens {
		return api
	}
	return shared
}

func (e *EHR) newSession(a *answer, f *flow) (*session, error) {
	subject, err := a.subject()
	if err != nil {
		return nil, err
	}
	return &session{
		subject: subject, name: a.claims.Name, reg: f.reg, at: f.at, begun: a.now,
		tokens: map[string]token{e.tokenKey(e.fhirBase): a.token()}, refresh: a.response.RefreshToken,
	}, nil
}

// tokenFor returns the token the session holds for an API, and gets one by its refresh token if it
// holds none. A stale token is one the API no longer takes: another is fetched in its place.
func (e *EHR) tokenFor(ctx context.Context, s *session, api, stale string) (token, error) {
	key := e.tokenKey(api)
	if t, ok := s.held(key, stale); ok {
		return t, nil
	}
	s.renewing.Lock()
	defer s.renewing.Unlock()
	if t, ok := s.held(key, stale); ok { // somebody else was quicker
		return t, nil
	}
	s.mu.Lock()
	refresh := s.refresh
	s.mu.Unlock()
	if refresh == "" {
		return token{}, errNoRefresh
	}
	return e.refresh(ctx, s, api, refresh)
}

func (s *session) held(key, stale string) (token, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[key]
	return t, ok && t.access != stale
}

// refresh gets a token for an API (RFC 6749 s6). A server may rotate the refresh token as it answers.
func (e *EHR) refresh(ctx context.Context, s *session, api, refreshToken string) (token, error) {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken}}
	a, err := e.protocol.ask(ctx, s.reg, s.at, form, api)
	if err != nil {
		return token{}, err
	}
	if err := a.accept(typeGuards, originGuards); err != nil {
		return token{}, err
	}
	t := a.token()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[e.tokenKey(api)] = t
	if a.response.RefreshToken != "" {
		s.refresh = a.response.RefreshToken
	}
	return t, nil
}

// remember puts a patient on top of those the session has opened.
func (s *session) remember(patient string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	opened := append(make([]string, 0, maxOpened), patient)
	for _, p := range s.opened {
		if p != patient && len(opened) < maxOpened {
			opened = append(opened, p)
		}
	}
	s.opened = opened
}

// recent returns the patients the session has opened, latest first.
func (s *session) recent() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened // remember makes a new slice each time
}

// sessions is the session table, by cookie.
type sessions struct {
	mu    sync.Mutex
	byID  map[string]*session
	last  uint64
	swept time.Time
}

// begin enters a session under a fresh id, never one the browser brought along, and returns the id.
func (t *sessions) begin(s *session, id string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byID == nil {
		t.byID = map[string]*session{}
	}
	if s.begun.Sub(t.swept) > time.Hour {
		for id, old := range t.byID {
			if s.begun.Sub(old.begun) > sessionLifetime {
				delete(t.byID, id)
			}
		}
		t.swept = s.begun
	}
	t.last++
	s.seq = t.last
	t.byID[id] = s
	return id
}

// find returns the session of a cookie, or nil.
func (t *sessions) find(id string, now time.Time) *session {
	if id == "" {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.byID[id]; s != nil && now.Sub(s.begun) <= sessionLifetime {
		return s
	}
	return nil
}

// end removes the session of a cookie and returns it, or nil.
func (t *sessions) end(id string) *session {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.byID[id]
	delete(t.byID, id)
	return s
}

// row is one access token in the backup of the session table.
type row struct {
	Subject      string    `json:"subject"`
	Issuer       string    `json:"issuer"`
	ClientID     string    `json:"client_id"`
	Scope        string    `json:"scope,omitempty"`
	API          string    `json:"resource,omitempty"` // empty if the token serves every API
	TokenType    string    `json:"token_type"`
	AccessToken  string    `json:"access_token"`
	Expires      time.Time `json:"expires_at,omitzero"`
	RefreshToken string    `json:"refresh_token,omitempty"`
}

// Database returns the nightly backup of the session table: a JSON array with an object for each access
// token (subject, issuer, client_id, scope, resource, token_type, access_token, expires_at,
// refresh_token), oldest session first. It holds tokens, and neither keys nor session cookies.
func (e *EHR) Database() []byte {
	rows := []row{}
	for _, s := range e.sessions.all() {
		rows = append(rows, s.rows()...)
	}
	b, err := json.Marshal(rows)
	if err != nil {
		panic("client: cannot write a table of strings: " + err.Error())
	}
	return b
}

func (t *sessions) all() []*session {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]*session, 0, len(t.byID))
	for _, s := range t.byID {
		all = append(all, s)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].seq < all[j].seq })
	return all
}

func (s *session) rows() []row {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []row
	for api, t := range s.tokens {
		rows = append(rows, row{s.subject, s.at.Issuer, s.reg.ClientID, t.scope, api, t.scheme, t.access, t.expires, s.refresh})
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].API < rows[j].API })
	return rows
}

// logout ends the session and revokes its tokens: GET or POST /logout. Somebody else's link to it
// costs a person a sign-in, no more.
func (e *EHR) logout(w http.ResponseWriter, r *http.Request) error {
	s := e.sessions.end(e.cookie(r, e.sessionCookie))
	e.dropCookie(w, e.sessionCookie)
	if s != nil {
		e.revokeAll(r.Context(), s)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// revokeAll revokes what the session holds, the refresh token first. The session is over whether or
// not the server can be reached; what could not be revoked goes to the log.
func (e *EHR) revokeAll(ctx context.Context, s *session) {
	s.mu.Lock()
	refresh := s.refresh
	s.mu.Unlock()
	if refresh != "" {
		e.report(ctx, e.protocol.revoke(ctx, s.reg, s.at, refresh, "refresh_token"))
	}
	for _, row := range s.rows() {
		e.report(ctx, e.protocol.revoke(ctx, s.reg, s.at, row.AccessToken, "access_token"))
	}
}

func (e *EHR) report(ctx context.Context, err error) {
	if err != nil {
		e.tell(ctx, &failure{http.StatusBadGateway, "revocation_failed", "", err})
	}
}
