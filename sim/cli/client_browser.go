package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// wayBack is how the authorization response comes back to the client: to a socket on loopback, pasted by
// the person, or fetched without one.
type wayBack interface {
	// wait sends somebody to the authorization URL and returns the query of the redirect URI.
	wait(ctx context.Context, authorizationURL string) (query string, err error)
	close()
}

// wayBack chooses it by the flags. A loopback redirect URI without a port gets a free one.
func (a *app) wayBack(f *clientFlags, h *http.Client) (wayBack, error) {
	u, err := url.Parse(f.redirect)
	if err != nil || u.Host == "" {
		return nil, usage("", "--redirect: expected an absolute URI, got %q", f.redirect)
	}
	switch {
	case f.grant == grantOwn:
		return pasted{}, nil
	case f.follow:
		return follower{h, u}, nil
	case u.Scheme != "http" || !isLoopback(u.Hostname()):
		return pasted{a}, nil
	}
	port := u.Port()
	if port == "" {
		port = "0"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return nil, environment("--redirect: %w", err)
	}
	_, port, _ = net.SplitHostPort(l.Addr().String())
	u.Host = net.JoinHostPort(u.Hostname(), port)
	f.redirect = u.String()
	return newDoorway(a, l, u.Path), nil
}

// doorway waits on the redirect URI itself (RFC 8252 s7.3).
type doorway struct {
	a       *app
	server  *http.Server
	queries chan string
}

func newDoorway(a *app, l net.Listener, path string) *doorway {
	b := &doorway{a: a, queries: make(chan string, 1)}
	b.server = &http.Server{ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if r.Method != http.MethodGet || r.URL.Path != path {
			http.Error(w, "the client waits elsewhere", http.StatusNotFound)
			return
		}
		select {
		case b.queries <- r.URL.RawQuery:
			_, _ = fmt.Fprintln(w, "Thank you. The client goes on in its terminal.")
		default: // it has been told already
			http.Error(w, "the client has gone on", http.StatusConflict)
		}
	})}
	go func() { _ = b.server.Serve(l) }() // ends with ErrServerClosed
	return b
}

func (b *doorway) wait(ctx context.Context, authorizationURL string) (string, error) {
	b.a.sendPerson(authorizationURL)
	select {
	case query := <-b.queries:
		return query, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (b *doorway) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_ = b.server.Shutdown(ctx) // lets the last page arrive
}

func (a *app) sendPerson(authorizationURL string) {
	fmt.Fprintf(a.out, "%-11s open this in a browser and sign in:\n%s\n", "browser", authorizationURL)
	_ = a.out.Flush()
}

// pasted is for a redirect URI that this program does not serve.
type pasted struct{ a *app }

func (p pasted) wait(ctx context.Context, authorizationURL string) (string, error) {
	p.a.sendPerson(authorizationURL)
	fmt.Fprintln(p.a.out, "then paste the address it ended at, and press Enter:")
	_ = p.a.out.Flush()
	lines := make(chan string, 1)
	go func() { // a read of a terminal cannot be interrupted; it ends with the process
		s := bufio.NewScanner(p.a.env.Stdin)
		s.Scan()
		lines <- strings.TrimSpace(s.Text())
	}()
	select {
	case line := <-lines:
		u, err := url.Parse(line)
		if err != nil || u.RawQuery == "" {
			return "", errors.New("expected the address the browser ended at, with its query")
		}
		return u.RawQuery, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (pasted) close() {}

// follower opens the authorization URL itself and goes where the server sends it, until that is back to
// the client.
type follower struct {
	http *http.Client
	back *url.URL
}

const maxRedirects = 10

func (f follower) wait(ctx context.Context, authorizationURL string) (string, error) {
	for range maxRedirects {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, authorizationURL, nil)
		if err != nil {
			return "", err
		}
		resp, err := f.http.Do(r)
		if err != nil {
			return "", err
		}
		_ = resp.Body.Close()
		to, err := resp.Location()
		if err != nil {
			return "", fmt.Errorf("expected to be sent back to the client, got %s; where a person has to sign in, leave --follow out", resp.Status)
		}
		if to.Scheme == f.back.Scheme && to.Host == f.back.Host && to.Path == f.back.Path {
			return to.RawQuery, nil
		}
		authorizationURL = to.String()
	}
	return "", fmt.Errorf("expected to be sent back to the client, got %d redirects to elsewhere", maxRedirects)
}

func (follower) close() {}
