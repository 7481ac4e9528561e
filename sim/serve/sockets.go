package serve

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
)

// Limits on what a stranger can make the server hold. A slow sender loses its connection, a long header
// is refused, and beyond so many connections the next ones wait.
const (
	headerTimeout  = 5 * time.Second
	requestTimeout = 15 * time.Second
	answerTimeout  = 30 * time.Second
	idleTimeout    = 60 * time.Second
	farewell       = 300 * time.Millisecond // for answers under way when the server ends
	maxHeader      = 64 << 10               // a proof with a long RSA key, a token and cookies are a tenth of it
	maxConnections = 1024                   // for each port and address
	maxStreams     = 100                    // for each connection of HTTP/2; RFC 9113 s6.5.2 advises against fewer
)

// sockets are what the server listens on.
type sockets struct {
	patience time.Duration // with senders, for tests: in place of headerTimeout and requestTimeout
	servers  []*http.Server
	running  sync.WaitGroup // servers and connections
}

// listen opens a port on every address. A free port must be free on all of them, so some are tried; an
// address that this machine does not have (no IPv6) is left out, except the first.
func listen(addresses []string, port int) (listeners []net.Listener, got int, err error) {
	for range 20 {
		listeners, got, err = listenOnce(addresses, port)
		if err == nil && (port != 0 || checkPort(got) == nil) {
			return listeners, got, nil
		}
		err = errors.Join(err, closeAll(listeners))
		if port != 0 {
			break
		}
	}
	return nil, 0, fmt.Errorf("serve: port %d: %w", port, err)
}

func listenOnce(addresses []string, port int) (listeners []net.Listener, got int, err error) {
	for i, address := range addresses {
		l, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
		switch {
		case err == nil:
			listeners = append(listeners, netutil.LimitListener(l, maxConnections))
			port = l.Addr().(*net.TCPAddr).Port
		case i == 0 || errors.Is(err, syscall.EADDRINUSE):
			return listeners, 0, err
		}
	}
	return listeners, port, nil
}

func closeAll(listeners []net.Listener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// serve answers on the listeners; with TLS if config is not nil.
func (s *sockets) serve(ctx context.Context, listeners []net.Listener, config *tls.Config, h http.Handler) {
	if config != nil {
		config = config.Clone() // net/http writes into it, and other ports are set up from the same
	}
	server := &http.Server{
		Handler: h, TLSConfig: config, ConnState: s.count,
		ReadHeaderTimeout: cmp.Or(s.patience, headerTimeout), ReadTimeout: cmp.Or(2*s.patience, requestTimeout), WriteTimeout: answerTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ErrorLog:    log.New(io.Discard, "", 0), // what matters is told as events
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	s.servers = append(s.servers, server)
	for _, l := range listeners {
		s.running.Go(func() {
			if config != nil {
				_ = server.ServeTLS(l, "", "") // ends with ErrServerClosed
				return
			}
			_ = server.Serve(l)
		})
	}
}

// count keeps track of connections, so that close can wait for them.
func (s *sockets) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.running.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.running.Done()
	}
}

// close lets answers under way end, for a moment, and waits until every socket is gone.
func (s *sockets) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	var errs []error
	for _, server := range s.servers {
		if err := server.Shutdown(ctx); err != nil {
			errs = append(errs, server.Close())
		}
	}
	s.running.Wait()
	return errors.Join(errs...)
}
