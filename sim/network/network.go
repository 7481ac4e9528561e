// Package network is the only way for the parties of a world to reach one another, and the reason why
// the event log can be believed: every message crosses one RoundTrip, which writes down what was sent,
// what came back, and what caused what.
//
// Begin with Network: Serve puts a handler at a host, Transport sends as an actor, a Tap is a place on
// the way from which somebody listens or holds a message back, NewBrowser is a person's browser. Certify gives
// an actor a client certificate, for the hosts of ServeMutual.
//
// There are two wires. In memory a handler is called where it stands; after UseTCP the same messages
// cross TLS sockets on loopback. Both give the same events in the same order, and the same semantics as
// net/http, which the tests hold them against: an event shows what the receiver was given, no more.
//
// Rules of the package: no time but the world's clock, nothing is shared across the wire (headers and
// bodies are copied, but for those that the log keeps and parties that change nothing are lent), nobody waits (a virtual network has no timeouts), redirects are the sender's affair.
// Left out on purpose: HTTP/2, trailers, upgrades, 1xx answers and streaming, for no party uses them.
package network

import (
	"crypto/tls"
	"hash/fnv"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/event"
)

// Config is what a network needs.
type Config struct {
	Log   *event.Log
	Clock *clock.Clock
	// Latency is the virtual time that one message takes: the clock is advanced by it for every request
	// and every response. 0 means that messages take no time.
	Latency time.Duration
	// Lends tells to which actors headers and bodies are lent, in memory: they are given those that the log keeps,
	// and not copies. It is for parties whose code is known to change nothing that it is given, as http.Handler
	// demands, and costs nothing to be without: nil lends to nobody.
	Lends func(actor string) bool
}

// Network joins hosts and senders. It is safe for concurrent use.
type Network struct {
	log     *event.Log
	clock   *clock.Clock
	latency time.Duration
	lends   func(actor string) bool
	dates   dates

	mu        sync.RWMutex
	closed    bool
	sites     map[origin]*site
	endpoints map[string]*endpoint
	taken     map[byte]bool // last byte of the addresses in use
	taps      []*Tap        // replaced, never changed, so that a reader may keep it without the lock
	wire      *tcpWire      // nil: in memory

	inflight sync.WaitGroup
}

// site is a handler at an origin.
type site struct {
	origin  origin
	actor   string
	handler http.Handler
	tls     *tls.ConnectionState // shown in memory; nil for http
	asks    bool                 // for client certificates
	lent    bool                 // see Config.Lends
}

// endpoint is a sender: an actor and its address.
type endpoint struct {
	actor string
	addr  string // without port
	lent  bool   // see Config.Lends
	// credential is the certificate it shows to hosts that ask; nil for none.
	credential atomic.Pointer[credential]
}

// New returns an empty network that works in memory.
func New(c Config) *Network {
	return &Network{
		log: c.Log, clock: c.Clock, latency: c.Latency, lends: c.Lends, dates: dates{clock: c.Clock},
		sites: map[origin]*site{}, endpoints: map[string]*endpoint{}, taken: map[byte]bool{},
	}
}

func (n *Network) lendsTo(actor string) bool { return n.lends != nil && n.lends(actor) }

// Serve lets actor answer for a host with h; it replaces what was there. A host is "as.thiefbox.test",
// with a port if it is not 443, and is reached by https alone. For a site without TLS write its scheme,
// "http://intranet.test".
func (n *Network) Serve(host, actor string, h http.Handler) { n.serveAt(host, actor, h, false) }

func (n *Network) serveAt(host, actor string, h http.Handler, asks bool) {
	o := parseHost(host)
	s := &site{origin: o, actor: actor, handler: h, tls: pretendTLS(o), asks: asks && o.scheme == "https", lent: n.lendsTo(actor)}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sites[o] = s
	if n.wire != nil && !n.closed {
		n.wire.listen(o, s.asks)
	}
}

// Transport sends as the given actor. It is one RoundTrip: redirects are not followed. The response's
// body has been received in full when RoundTrip returns; closing it is optional.
//
// Errors: *net.OpError for a host nobody answers for, *LostError for a request held back by a tap,
// *DroppedError if the server failed in the middle, the context's error if it is over, and the errors
// of net/http for a request that cannot be sent.
func (n *Network) Transport(actor string) http.RoundTripper {
	return transport{n, n.endpoint(actor)}
}

// Client is a client with the Transport of actor that does not follow redirects.
func (n *Network) Client(actor string) *http.Client {
	return &http.Client{
		Transport:     n.Transport(actor),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// endpoint gives each actor an address in TEST-NET-2 (RFC 5737). It follows from the name, so that it is
// the same in every run; names that collide move on to the next free one.
func (n *Network) endpoint(actor string) *endpoint {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e := n.endpoints[actor]; e != nil {
		return e
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(actor))
	b := byte(h.Sum32()%254) + 1
	for i := 0; i < 254 && n.taken[b]; i++ {
		b = b%254 + 1
	}
	n.taken[b] = true
	e := &endpoint{actor: actor, addr: "198.51.100." + strconv.Itoa(int(b)), lent: n.lendsTo(actor)}
	n.endpoints[actor] = e
	return e
}

// enter admits an exchange to a site, unless the network is closed. The caller owes n.inflight a Done.
func (n *Network) enter(to origin) (*site, []*Tap, *tcpWire, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.closed {
		return nil, nil, nil, errClosed
	}
	s := n.sites[to]
	if s == nil {
		return nil, nil, nil, n.unreachable(to)
	}
	n.inflight.Add(1)
	return s, n.taps, n.wire, nil
}

// Close stops every listener and waits until nothing is under way; later requests fail. It must not be
// called by a handler, which it would wait for. Closing twice does no harm.
func (n *Network) Close() error {
	n.mu.Lock()
	n.closed = true
	wire := n.wire
	n.mu.Unlock()
	n.inflight.Wait()
	if wire == nil {
		return nil
	}
	return wire.close()
}
