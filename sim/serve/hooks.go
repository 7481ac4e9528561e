package serve

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"thiefbox/fhirmock"
	"thiefbox/sim/event"
)

// What the FHIR API sends to subscribers. Workers send it, so that no write waits for somebody's endpoint. A name in a
// subscription is the client's choice, so that only this machine is reached, whatever the name stands for, and of it no port
// of this server's; other machines are, where the operator has named the site (Config.HookSites).

const (
	hookWorkers  = 2
	mostHooks    = 1024 // that wait to be sent, over all issuers
	hookPatience = 10 * time.Second
	hookGrace    = 2 * time.Second
)

// hooks are the workers. They begin with the first subscription that has something to send.
type hooks struct {
	server *Server
	// serving is over when the server ends, sending hookGrace later.
	serving, sending context.Context
	client           *http.Client

	mu   sync.Mutex
	over bool
	busy int // workers
	stop context.CancelFunc
	wait chan func(context.Context)
}

func (h *hooks) open(ctx context.Context, s *Server) {
	h.server, h.serving, h.wait = s, ctx, make(chan func(context.Context), mostHooks)
	h.client = s.hookClient()
	h.sending, h.stop = context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		h.close()
		grace, cancel := context.WithTimeout(h.sending, hookGrace)
		defer cancel()
		<-grace.Done()
		h.stop()
	})
}

// later hands something to a worker, and tells whether there was room.
func (h *hooks) later(do func(context.Context)) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return false
	}
	if h.busy == 0 {
		h.busy = hookWorkers
		for range hookWorkers {
			h.server.background.Go(h.work)
		}
	}
	select {
	case h.wait <- do:
		return true
	default:
		return false
	}
}

// work sends until the server ends. What waits then has the grace to be sent once; of what is not, the subscriptions say so.
func (h *hooks) work() {
	defer h.done()
	for {
		select {
		case do := <-h.wait:
			do(h.sending)
		case <-h.serving.Done():
			h.close()
			for {
				select {
				case do := <-h.wait:
					do(h.sending)
				default:
					return
				}
			}
		}
	}
}

// close takes nothing more. Where nobody works, the grace is over at once.
func (h *hooks) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.over = true
	if h.busy == 0 && h.stop != nil {
		h.stop()
	}
}

// done is the end of a worker, which the server's alone brings about.
func (h *hooks) done() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.busy--; h.busy == 0 {
		h.stop()
	}
}

// hooks are those of a node of the issuer's API.
func (i *Issuer) hooks(node string) fhirmock.Hooks {
	s := i.tenant.server
	return fhirmock.Hooks{
		Sites: i.sites, At: i.tenant.apiAt, Later: s.hooks.later,
		HTTP: &http.Client{Transport: outside{i.tenant, node}, Timeout: hookPatience,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Pause: func(_ context.Context, try int) bool {
			waited, cancel := context.WithTimeout(s.hooks.serving, time.Duration(try)*time.Second)
			defer cancel()
			<-waited.Done()
			return s.hooks.serving.Err() == nil
		},
	}
}

// sites are the origins of a client's redirect URIs, and those that are for all.
func (i *Issuer) sites(client string) []string {
	out := slices.Clone(i.tenant.server.config.HookSites)
	for _, raw := range i.as.RedirectURIsOf(client) {
		if u, err := url.Parse(raw); err == nil && u.Host != "" {
			out = append(out, u.Scheme+"://"+u.Host)
		}
	}
	return out
}

// apiAt is a node of the API at a base of the tenant's, if there is an issuer at that origin yet.
func (t *tenant) apiAt(base string) *fhirmock.API {
	var at *Issuer
	t.mu.Lock()
	for _, i := range t.issuers {
		if i.FHIR == base {
			at = i
		}
	}
	t.mu.Unlock()
	if at == nil {
		return nil
	}
	if _, err := at.fhir.made(); err != nil {
		return nil
	}
	return at.fhir.nodes[0]
}

// outside sends to the world outside, and writes the exchange down.
type outside struct {
	tenant *tenant
	from   string
}

// RoundTrip sends a request. What comes back is read to its end, up to a bound.
func (o outside) RoundTrip(r *http.Request) (*http.Response, error) {
	j := o.tenant.journal
	cause := event.ExchangeOf(r.Context())
	_, ctx := j.begin(r.Context())
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r = r.Clone(ctx)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	j.tell(ctx, event.Request{From: o.from, To: r.URL.Hostname(), Cause: cause, Message: event.Message{Method: r.Method, URL: r.URL.String(), Header: r.Header.Clone(), Body: body[:min(len(body), maxKept)]}})
	resp, err := o.tenant.server.hooks.client.Transport.RoundTrip(r)
	if err != nil {
		j.tell(ctx, event.Lost{Why: err.Error()})
		return nil, err
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxKept))
	_ = resp.Body.Close()
	j.tell(ctx, event.Response{Message: event.Message{Status: resp.StatusCode, Header: resp.Header, Body: text}})
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, nil
}

var errElsewhere = errors.New("expected an endpoint on this machine, or at a site that --hook-site names, and at no port of this server")

// hookClient reaches what it may. The address is looked at when the name has been resolved, just before the connection is
// made: what a name stands for changes.
func (s *Server) hookClient() *http.Client {
	named := map[string]bool{}
	for _, site := range s.config.HookSites {
		if u, err := url.Parse(site); err == nil {
			named[addressOf(u)] = true
		}
	}
	own := &net.Dialer{Timeout: hookPatience, Control: func(_, address string, _ syscall.RawConn) error {
		host, port, err := net.SplitHostPort(address)
		ip := net.ParseIP(host)
		n, _ := strconv.Atoi(port)
		if err != nil || ip == nil || !ip.IsLoopback() || n == s.https || n == s.http || n == s.mtls {
			return fmt.Errorf("%w: got %s", errElsewhere, address)
		}
		return nil
	}}
	anywhere := &net.Dialer{Timeout: hookPatience}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	roots.AddCert(s.ca.certificate)
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy, t.MaxConnsPerHost, t.IdleConnTimeout = nil, 4, hookPatience
	t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if named[address] {
			return anywhere.DialContext(ctx, network, address)
		}
		return own.DialContext(ctx, network, address)
	}
	return &http.Client{Transport: t}
}

func addressOf(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// checkHookSites wants origins.
func (c Config) checkHookSites() error {
	for _, site := range c.HookSites {
		u, err := url.Parse(site)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.TrimSuffix(u.Path, "/") != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("serve: expected a hook site to be an origin such as https://hooks.example, got %q", site)
		}
	}
	return nil
}
