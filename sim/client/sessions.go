package client

import (
	"encoding/json"
	"sort"
	"sync"
	"time"
)

// sessionLifetime is a long shift.
const sessionLifetime = 12 * time.Hour

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
