package fhirmock

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// authority is what the API knows of its authorization server: metadata and keys, fetched when first
// needed and kept for a while. Requests carry the context of the request being served, so that the log
// shows what they were for.
type authority struct {
	issuer string
	http   *http.Client
	id     string
	basic  []string // Authorization header for introspection; nil if a certificate stands for it
	clock  *clock.Clock
	keyAge time.Duration
	byAge  bool // keys are not looked for because a token names one

	mu         sync.Mutex // held while fetching: others want the same answer
	metadata   *fapi.Metadata
	metadataAt time.Time
	keys       []fapi.Public
	keysAt     time.Time
	searchedAt time.Time // when keys were last fetched because of an unknown kid
}

const (
	metadataAge = 24 * time.Hour   // what the national profile recommends
	keysAge     = 10 * time.Minute // how long a withdrawn key is still trusted
	searchPause = time.Minute      // strangers can name unknown keys at will
	mostBytes   = 1 << 20          // of an answer
)

// Header values that are shared by all requests, and never changed in place.
var (
	wantsJSON   = []string{"application/json"}
	wantsSigned = []string{"application/" + fapi.TypIntrospection}
	formEncoded = []string{"application/x-www-form-urlencoded"}
)

// basicAuth writes credentials into a header: form-encoded before they are joined (RFC 6749 s2.3.1).
func basicAuth(id, secret string) []string {
	if secret == "" {
		return nil
	}
	pair := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
	return []string{"Basic " + base64.StdEncoding.EncodeToString([]byte(pair))}
}

// keyFound is the key that a token names, or why there is none.
type keyFound struct {
	public *fapi.Public
	err    error
}

// key finds the key with a kid; of several the one that fits the algorithm (SP 5.4.3). One that is unknown is looked for at the server once more, at most once
// a minute. Without a kid there must be exactly one key.
func (s *authority) key(ctx context.Context, kid, alg string) keyFound {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	fetched := false
	if s.keys == nil || now.Sub(s.keysAt) >= s.keyAge {
		if err := s.fetchKeys(ctx, now); err != nil {
			return keyFound{err: err}
		}
		fetched = true
	}
	if k := s.known(kid, alg); k != nil {
		return keyFound{public: k}
	}
	if !fetched && !s.byAge && (s.searchedAt.IsZero() || now.Sub(s.searchedAt) >= searchPause) {
		s.searchedAt = now
		if err := s.fetchKeys(ctx, now); err != nil {
			return keyFound{err: err}
		}
		if k := s.known(kid, alg); k != nil {
			return keyFound{public: k}
		}
	}
	return keyFound{err: fmt.Errorf("kid %s, which it does not have", quoted(kid))}
}

func (s *authority) known(kid, alg string) *fapi.Public {
	if kid == "" && len(s.keys) != 1 {
		return nil
	}
	if named := fapi.PickKeys(s.keys, kid, alg); len(named) > 0 {
		return &named[0]
	}
	return nil
}

func (s *authority) fetchKeys(ctx context.Context, now time.Time) error {
	m, err := s.fetchMetadata(ctx, now)
	if err != nil {
		return err
	}
	body, err := s.get(ctx, m.JWKSURI)
	if err != nil {
		return err
	}
	keys, err := fapi.ParseJWKS(body)
	if err != nil {
		return err
	}
	// A slice of its own each time: visits hold pointers into the former one.
	s.keys, s.keysAt = append(make([]fapi.Public, 0, len(keys)), keys...), now
	return nil
}

// fetchMetadata reads the server's metadata (OIDC Discovery s4; RFC 8414 s3.3: it must name its issuer).
func (s *authority) fetchMetadata(ctx context.Context, now time.Time) (*fapi.Metadata, error) {
	if s.metadata != nil && now.Sub(s.metadataAt) < metadataAge {
		return s.metadata, nil
	}
	body, err := s.get(ctx, s.issuer+"/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	m, err := fapi.ParseMetadata(body)
	if err != nil {
		return nil, fmt.Errorf("metadata of %s: %w", s.issuer, err)
	}
	if m.Issuer != s.issuer {
		return nil, fmt.Errorf("metadata: expected issuer %q, got %q", s.issuer, m.Issuer)
	}
	s.metadata, s.metadataAt = &m, now
	return &m, nil
}

// introspect asks whether a token is active (RFC 7662 s2). Answers are not kept: a kept answer would
// outlive a revocation.
func (s *authority) introspect(ctx context.Context, token string, signed bool) standing {
	body, err := s.ask(ctx, token, signed)
	var st standing
	if err == nil {
		if st, err = s.readAnswer(ctx, body); err != nil {
			err = fmt.Errorf("introspection answer: %w", err)
		}
	}
	st.asked, st.err = true, err
	return st
}

func (s *authority) ask(ctx context.Context, token string, signed bool) ([]byte, error) {
	s.mu.Lock()
	m, err := s.fetchMetadata(ctx, s.clock.Now())
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	endpoint := m.IntrospectionEndpoint
	if alias := m.MTLSAliases.IntrospectionEndpoint; s.basic == nil && alias != "" {
		endpoint = alias // RFC 8705 s5
	}
	if endpoint == "" {
		return nil, errors.New("the authorization server has no introspection endpoint")
	}
	form := append(append(make([]byte, 0, len(token)+96), "token="...), party.Escape(token)...)
	form = append(form, "&token_type_hint=access_token"...)
	if s.basic == nil {
		form = append(append(form, "&client_id="...), url.QueryEscape(s.id)...)
	}
	r, err := party.Post(ctx, endpoint, form)
	if err != nil {
		return nil, err
	}
	if signed {
		r.Header["Accept"] = wantsSigned
	}
	r.Header["Content-Type"] = formEncoded
	if s.basic != nil {
		r.Header["Authorization"] = s.basic
	}
	return s.do(r)
}

func (s *authority) get(ctx context.Context, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return s.do(r)
}

func (s *authority) do(r *http.Request) ([]byte, error) {
	if r.Header["Accept"] == nil {
		r.Header["Accept"] = wantsJSON
	}
	resp, err := s.send(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // what was read is read
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: expected status 200, got %d", r.URL.Path, resp.StatusCode)
	}
	if body, ok := party.Whole(resp.Body); ok && len(body) <= mostBytes {
		return body, nil
	}
	if n := resp.ContentLength; n >= 0 && n <= mostBytes {
		body := make([]byte, n)
		_, err := io.ReadFull(resp.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBytes+1))
	if err == nil && len(body) > mostBytes {
		err = fmt.Errorf("%s: expected at most %d bytes", r.URL.Path, mostBytes)
	}
	return body, err
}

// send follows no redirect, which would carry credentials to wherever an answer points. So it goes past
// the http.Client where it can, whose work is mostly about redirects.
func (s *authority) send(r *http.Request) (*http.Response, error) {
	if s.http.Transport == nil || s.http.Timeout != 0 {
		return s.http.Do(r)
	}
	resp, err := s.http.Transport.RoundTrip(r)
	if err != nil {
		return nil, &url.Error{Op: r.Method[:1] + strings.ToLower(r.Method[1:]), URL: r.URL.String(), Err: err}
	}
	return resp, nil
}
