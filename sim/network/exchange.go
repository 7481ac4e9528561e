package network

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"

	"thiefbox/sim/event"
)

type transport struct {
	net  *Network
	from *endpoint
}

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	// Whoever changes nothing that is lent leaves alone what was sent, too. A POST's header is copied even so: it is
	// not for a RoundTripper to write its length into the sender's.
	given := t.from.lent && req.Method == http.MethodGet && (req.Body == nil || req.Body == http.NoBody)
	resp, _, err := t.net.send(t.from, req, given)
	return resp, err
}

// exchange is one request on its way. What every request needs, up to its answer, lies in it, so that it is
// made in one piece.
type exchange struct {
	number int
	from   *endpoint
	to     *site
	out    outgoing
	method string
	ctx    context.Context // of the server side

	asked, answered readOnly // the bodies, as they are read
	rec             recorder

	claimed atomic.Bool // by the server side, which serves an exchange once (tcp)
	dropped atomic.Bool // the server side failed and has told why
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   []byte
	length int64 // as http.Response has it; -1 if unknown
	tls    *tls.ConnectionState
}

// send is the one way for a message. It returns the number of the exchange, 0 if none began. A request that is given
// away is not changed by the sender any more, nor is its header missed.
func (n *Network) send(from *endpoint, req *http.Request, given bool) (*http.Response, int, error) {
	x := &exchange{from: from}
	if err := x.out.prepare(req, from.lent, given); err != nil {
		return nil, 0, err
	}
	ctx := req.Context()
	if ctx.Err() != nil {
		return nil, 0, context.Cause(ctx)
	}
	to, taps, wire, err := n.enter(x.out.to)
	if err != nil {
		return nil, 0, err
	}
	defer n.inflight.Done()

	x.to = to
	x.number, x.ctx = n.begin(ctx)
	told := event.Request{From: from.actor, To: to.actor, Cause: event.ExchangeOf(ctx), Message: x.out.message(req.Method)}
	x.method = told.Message.Method
	if c := x.shown(); c != nil {
		told.Certificate = c.told
	}
	n.log.Tell(x.ctx, told)

	var listening []*Tap
	if len(taps) > 0 {
		var hold bool
		if listening, hold = matching(taps, x.number, told); hold {
			n.log.Tell(x.ctx, event.Lost{Why: "held back on the way to " + to.actor})
			show(listening, x.number, told)
			return nil, x.number, &LostError{x.number, to.actor}
		}
		listening = passing(listening, x.number, told)
	}
	got, err := n.deliver(ctx, wire, x)
	if err == nil {
		n.log.Tell(x.ctx, event.Response{Message: event.Message{Status: got.status, Header: got.header, Body: got.body}})
	}
	show(listening, x.number, told)
	if err != nil {
		return nil, x.number, err
	}
	return x.response(req, &got), x.number, nil
}

// deliver carries the request over and the answer back.
func (n *Network) deliver(ctx context.Context, wire *tcpWire, x *exchange) (got reply, err error) {
	n.clock.Advance(n.latency)
	if wire == nil {
		got = n.callInMemory(x)
	} else {
		got, err = wire.call(ctx, x)
	}
	n.clock.Advance(n.latency)
	switch {
	case x.dropped.Load():
		return got, &DroppedError{x.number, x.to.actor}
	case ctx.Err() != nil:
		err = context.Cause(ctx)
		n.log.Tell(x.ctx, event.Lost{Why: "the sender hung up before the answer: " + err.Error()})
		return got, err
	case err != nil:
		n.log.Tell(x.ctx, event.Lost{Why: err.Error()})
		return got, err
	}
	return got, nil
}

// response is what the sender gets. The header is its own, unless it is lent the log's; the body can only be read.
func (x *exchange) response(req *http.Request, r *reply) *http.Response {
	resp := &http.Response{
		Status: statusLine(r.status), StatusCode: r.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.header, ContentLength: r.length, Request: req, TLS: r.tls, Body: x.answered.of(r.body, x.from.lent),
	}
	if !x.from.lent {
		resp.Header = r.header.Clone()
	}
	if r.length < 0 && req.Method != http.MethodHead {
		resp.TransferEncoding = []string{"chunked"}
	}
	return resp
}

func statusLine(status int) string {
	switch status { // nearly all
	case http.StatusOK:
		return "200 OK"
	case http.StatusSeeOther:
		return "303 See Other"
	}
	text := http.StatusText(status)
	if text == "" {
		text = "status code " + strconv.Itoa(status)
	}
	return strconv.Itoa(status) + " " + text
}

// reader gives bytes that the log keeps to somebody else.
func reader(b []byte) io.ReadCloser { return new(readOnly).of(b, false) }

// readOnly reads bytes that the log keeps. It hides bytes.Reader's WriteTo, which would show a writer the bytes
// themselves.
type readOnly struct {
	r      bytes.Reader
	whole  []byte // for who is lent them; nil for others
	closed bool
}

func (r *readOnly) of(b []byte, lent bool) io.ReadCloser {
	if len(b) == 0 {
		return http.NoBody
	}
	r.r.Reset(b)
	if lent {
		r.whole = b
	}
	return r
}

func (r *readOnly) Read(p []byte) (int, error) {
	if r.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	return r.r.Read(p)
}

// Whole is the body as the log keeps it, for who is lent it (Config.Lends). It must not be changed.
func (r *readOnly) Whole() ([]byte, bool) {
	return r.whole, r.whole != nil && !r.closed && r.r.Len() == len(r.whole)
}

func (r *readOnly) Close() error {
	r.closed = true
	return nil
}

// begin opens the next exchange. The context a server works in is over when the sender's is, as it is
// when a connection breaks, but nothing that the sender put into his crosses the wire.
func (n *Network) begin(sender context.Context) (int, context.Context) {
	number, ctx := n.log.Begin(context.Background())
	if sender.Done() == nil {
		return number, ctx
	}
	return number, severed{sender, ctx}
}

// severed has the life of one context and the values of another.
type severed struct {
	context.Context
	values context.Context
}

func (s severed) Value(key any) any { return s.values.Value(key) }

// AfterFunc lets package context watch the sender's context without a goroutine.
func (s severed) AfterFunc(f func()) (stop func() bool) { return context.AfterFunc(s.Context, f) }

// remoteAddr is the sender's made-up address; the port follows from the exchange.
func (x *exchange) remoteAddr() string {
	addr := append(append(make([]byte, 0, 24), x.from.addr...), ':') // "198.51.100.254:65535" is the longest
	return string(strconv.AppendInt(addr, int64(49152+x.number%16384), 10))
}
