package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// protocol is the protocol client that every client system shares.
type protocol struct {
	party     *party.Party
	send      func(*http.Request) (*http.Response, error)
	dpop      *fapi.Key // for proofs; nil for a client that has only ever used bearer tokens
	providers providers
	nonces    nonces
	// ignoresNonces: a server's nonce is neither remembered nor sent, as clients written before RFC 9449
	// was final have it.
	ignoresNonces bool
	memo          *fapi.Memo // of signatures that verified; nil for none
}

// newProtocol checks what every client system needs. key is for proofs and may be nil.
func newProtocol(p *party.Party, h *http.Client, reg *Registration, key *fapi.Key) (*protocol, error) {
	if p == nil || h == nil {
		return nil, errors.New("expected a party and an HTTP client")
	}
	key, err := reg.proofKey(key)
	if err != nil {
		return nil, err
	}
	if key == nil && p.Dialect().Constraint == control.DPoP {
		return nil, errors.New("expected a key for DPoP proofs, which this dialect needs, got none")
	}
	return &protocol{party: p, send: sender(h), dpop: key}, nil
}

// sender sends one request and follows no redirect, which would carry credentials to wherever an answer
// points. It goes past the http.Client where it can: cookies, referrers and copies of headers in case of
// a redirect are for browsers.
func sender(h *http.Client) func(*http.Request) (*http.Response, error) {
	transport := h.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	if h.Timeout == 0 {
		return transport.RoundTrip
	}
	bare := &http.Client{Transport: transport, Timeout: h.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return bare.Do
}

// reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// maxReply is the longest answer a client reads: a page of search results is far below it.
const maxReply = 4 << 20

// do sends a request and remembers the nonce that came with the answer (RFC 9449 s8.2: on any status).
func (p *protocol) do(req *http.Request) (*reply, error) {
	resp, err := p.send(req)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", req.Method, fapi.WithoutQuery(req.URL.String()), err)
	}
	defer func() { _ = resp.Body.Close() }()
	if n := resp.Header.Get("DPoP-Nonce"); n != "" && !p.ignoresNonces {
		p.nonces.put(origin(req.URL), n)
	}
	body, err := readAll(resp)
	if err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", req.URL.Host, err)
	}
	return &reply{resp.StatusCode, resp.Header, body}, nil
}

func readAll(resp *http.Response) ([]byte, error) {
	if body, ok := party.Whole(resp.Body); ok && len(body) <= maxReply {
		return body, nil
	}
	if n := resp.ContentLength; n >= 0 && n <= maxReply {
		body := make([]byte, n)
		_, err := io.ReadFull(resp.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err == nil && len(body) > maxReply {
		err = fmt.Errorf("expected at most %d bytes, got more", maxReply)
	}
	return body, err
}

// get fetches a public document.
func (p *protocol) get(ctx context.Context, url string) (*reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	rep, err := p.do(req)
	if err != nil {
		return nil, err
	}
	if rep.status != http.StatusOK {
		return nil, &UpstreamError{URL: url, Status: rep.status}
	}
	return rep, nil
}

// prove adds a fresh proof to a request. token is the access token it goes with, empty at the
// authorization server (RFC 9449 s4.2).
func (p *protocol) prove(req *http.Request, rawURL, token string) error {
	proof := fapi.NewProof(req.Method, rawURL, token, p.party.Clock.Now(), p.party.Dice.ID())
	proof.Nonce = p.nonces.get(origin(req.URL))
	signed, err := proof.Sign(p.dpop)
	if err != nil {
		return fmt.Errorf("signing a DPoP proof: %w", err)
	}
	req.Header.Set("DPoP", signed)
	return nil
}

// NonceOf is the nonce that the EHR was last given by a server, which it puts into its next proof; empty if it
// was given none.
func (e *EHR) NonceOf(origin string) string { return e.protocol.nonces.get(origin) }

// UpstreamError says that a server answered, but not with what was asked for.
type UpstreamError struct {
	URL         string // without query
	Status      int
	Code        string // OAuth error code, if it gave one
	Description string

	challenges []string // of an API
}

func (e *UpstreamError) Error() string {
	s := fmt.Sprintf("expected %s to answer with success, got %d", e.URL, e.Status)
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Description != "" {
		s += " (" + e.Description + ")"
	}
	return s
}

// nonces remembers the latest DPoP nonce of each origin: one server's nonce means nothing to another
// (RFC 9449 s8, s9).
type nonces struct {
	mu     sync.Mutex
	latest map[string]string
}

func (n *nonces) get(origin string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.latest[origin]
}

func (n *nonces) put(origin, nonce string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.latest == nil {
		n.latest = map[string]string{}
	}
	n.latest[origin] = nonce
}

func origin(u *url.URL) string { return u.Scheme + "://" + strings.ToLower(u.Host) }
