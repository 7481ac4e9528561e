package network

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
)

// exchangeHeader tells the server side which exchange a request belongs to. It is taken off before a
// handler sees the request, and no sender can set it.
const exchangeHeader = "X-Thiefbox-Exchange"

// call sends the exchange's request over a socket and reads the whole answer.
func (w *tcpWire) call(ctx context.Context, x *exchange) (reply, error) {
	w.expect(x)
	defer w.forget(x)
	resp, err := w.transportOf(x.shown()).RoundTrip(x.request(ctx))
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{}, err
	}
	if len(body) == 0 {
		body = nil
	}
	return reply{resp.StatusCode, resp.Header, body, resp.ContentLength, resp.TLS}, nil
}

// request makes the request that crosses the socket out of what was recorded.
func (x *exchange) request(ctx context.Context) *http.Request {
	u := *x.out.url
	u.Scheme, u.Host = x.to.origin.scheme, x.to.origin.host
	header := x.out.header.Clone()
	header[exchangeHeader] = []string{strconv.Itoa(x.number)}
	if _, there := header["User-Agent"]; !there {
		header["User-Agent"] = []string{""} // or the wire would add its own
	}
	req := &http.Request{Method: x.method, URL: &u, Host: x.out.host, Header: header}
	if len(x.out.body) > 0 {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(x.out.body)), int64(len(x.out.body))
	}
	return req.WithContext(ctx)
}

// expect lets the server side find the exchange. Until it has, the exchange counts as under way for it too.
func (w *tcpWire) expect(x *exchange) {
	w.net.inflight.Add(1)
	w.mu.Lock()
	w.waiting[x.number] = x
	w.mu.Unlock()
}

func (w *tcpWire) forget(x *exchange) {
	w.mu.Lock()
	delete(w.waiting, x.number)
	w.mu.Unlock()
	if x.claimed.CompareAndSwap(false, true) {
		w.net.inflight.Done()
	}
}

// handler is the server side of an origin: it finds the exchange, serves it as the other wire does, and
// writes the finished answer.
func (w *tcpWire) handler(o origin) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		number, _ := strconv.Atoi(r.Header.Get(exchangeHeader))
		w.mu.Lock()
		x := w.waiting[number]
		w.mu.Unlock()
		if x == nil || x.to.origin != o {
			http.Error(rw, "this address belongs to a running simulation", http.StatusMisdirectedRequest)
			return
		}
		// net/http's client repeats a request on a new connection if an old one broke: serving it
		// again would be a second delivery, so the second connection breaks as well.
		if !x.claimed.CompareAndSwap(false, true) {
			panic(http.ErrAbortHandler)
		}
		defer w.net.inflight.Done()
		in := r.WithContext(x.ctx)
		in.RemoteAddr = x.remoteAddr()
		// Read to the end beforehand: net/http breaks the connection if a handler leaves a long body unread.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the sender has gone
		}
		in.Body = reader(body)
		delete(in.Header, exchangeHeader)
		rec := w.net.serve(x, in)
		if rec == nil {
			panic(http.ErrAbortHandler)
		}
		rec.writeTo(rw)
	})
}

// writeTo sends the finished answer.
func (w *recorder) writeTo(rw http.ResponseWriter) {
	header := rw.Header()
	for key, values := range w.sent.header {
		header[key] = values
	}
	for _, key := range []string{"Content-Type", "Date"} {
		if _, there := w.sent.header[key]; !there {
			header[key] = nil // or net/http would add one
		}
	}
	rw.WriteHeader(w.status)
	if len(w.body) > 0 {
		_, _ = rw.Write(w.body) // an error means that the sender has gone
	}
	if w.flushed {
		_ = http.NewResponseController(rw).Flush()
	}
}
