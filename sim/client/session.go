package client

import (
	"context"
	"net/url"
	"sync"
	"time"
)

// session is a browser that is signed in, and the tokens the EHR holds for its owner.
type session struct {
	subject, name string
	reg           *Registration
	at            *provider
	begun         time.Time
	returned      string // the page that the sign-in ended at
	glass         *glass // that the sign-in was made to break; nil for an ordinary one
	seq           uint64

	renewing sync.Mutex // held while a token is being fetched: the same one is not fetched twice

	mu      sync.Mutex // guards what follows, and is never held while waiting for anybody
	tokens  map[string]token
	refresh string
	opened  []string // patients, latest first
}

// maxOpened is how many patients a session remembers to have opened.
const maxOpened = 10

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
		subject: e.account(a, subject), name: a.claims.Name, reg: f.reg, at: f.at, begun: a.now,
		tokens: map[string]token{e.tokenKey(e.fhirBase): a.token()}, refresh: a.response.RefreshToken,
	}, nil
}

// account names a person by who vouches for her as well as by sub: a sub is unique within its issuer
// only (OIDC Core s5.7). People of the first issuer, the EHR's home, go by their sub alone.
func (e *EHR) account(a *answer, subject string) string {
	if a.id == nil || a.claims.Issuer == "" || a.claims.Issuer == e.issuers[0].Issuer {
		return subject
	}
	return a.claims.Issuer + "|" + subject
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
