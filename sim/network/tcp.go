package network

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// maxHeader is far beyond what anybody sends, since the other wire has no limit.
const maxHeader = 64 << 20

// tcpWire carries messages over sockets on loopback: TLS for https, one listener for each origin.
type tcpWire struct {
	net  *Network
	ca   *authority
	http *http.Transport

	mu        sync.Mutex
	certified map[string]*http.Transport // of senders with a certificate, by its thumbprint
	listeners map[string]string          // "as.thiefbox.test:443" to the address that answers for it
	servers   []*http.Server
	failed    error // a listener that could not be started
	waiting   map[int]*exchange

	running sync.WaitGroup // listeners and connections
}

// UseTCP switches to TLS over loopback sockets, with a certificate authority of the network's own. It
// is to be called before the first request; sites may come before or after. Close stops everything.
func (n *Network) UseTCP() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return errClosed
	}
	if n.wire != nil {
		return nil
	}
	ca, err := newAuthority()
	if err != nil {
		return fmt.Errorf("making a certificate authority: %w", err)
	}
	w := &tcpWire{net: n, ca: ca, certified: map[string]*http.Transport{}, listeners: map[string]string{}, waiting: map[int]*exchange{}}
	w.http = &http.Transport{
		DialContext:            w.dial,
		TLSClientConfig:        ca.clientConfig(n.clock.Now),
		DisableCompression:     true, // or the wire would add Accept-Encoding and unpack answers
		MaxIdleConnsPerHost:    64,
		MaxResponseHeaderBytes: maxHeader,
	}
	for o, s := range n.sites {
		w.listen(o, s.asks)
	}
	if w.failed != nil {
		return errors.Join(w.failed, w.close())
	}
	n.wire = w
	return nil
}

// listen starts the server of an origin, unless it has one. Whether it asks for client certificates stays
// as it was at first.
func (w *tcpWire) listen(o origin, asks bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.listeners[o.address()] != "" {
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.failed = fmt.Errorf("listening for %s: %w", o, err)
		return
	}
	w.listeners[o.address()] = l.Addr().String()
	if o.scheme == "https" {
		config, err := w.ca.serverConfig(o.name(), w.net.clock.Now)
		if err != nil {
			w.failed = errors.Join(fmt.Errorf("certificate of %s: %w", o, err), l.Close())
			return
		}
		if asks {
			config.ClientAuth = tls.RequestClientCert
		}
		l = tls.NewListener(l, config)
	}
	server := &http.Server{
		Handler:        w.handler(o),
		ConnState:      w.count,
		ErrorLog:       log.New(io.Discard, "", 0), // what matters is told as events
		MaxHeaderBytes: maxHeader,
	}
	w.servers = append(w.servers, server)
	w.running.Go(func() { _ = server.Serve(l) }) // ends with ErrServerClosed
}

// count keeps track of connections, so that close can wait for them.
func (w *tcpWire) count(_ net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		w.running.Add(1)
	case http.StateClosed, http.StateHijacked:
		w.running.Done()
	}
}

func (w *tcpWire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	to, failed := w.listeners[address], w.failed
	w.mu.Unlock()
	if to == "" {
		return nil, errors.Join(fmt.Errorf("expected a listener for %s, found none", address), failed)
	}
	return (&net.Dialer{}).DialContext(ctx, network, to)
}

// close stops listeners and connections and waits for them. No exchange is under way any more.
func (w *tcpWire) close() error {
	w.mu.Lock()
	servers, certified := w.servers, w.certified
	w.servers = nil
	w.mu.Unlock()
	w.http.CloseIdleConnections()
	for _, t := range certified {
		t.CloseIdleConnections()
	}
	var errs []error
	for _, s := range servers {
		errs = append(errs, s.Close())
	}
	w.running.Wait()
	return errors.Join(errs...)
}
