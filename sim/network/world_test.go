package network

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/event"
)

// world is a network with its log, for tests.
type world struct {
	*Network
	t     testing.TB
	log   *event.Log
	clock *clock.Clock
}

// wires runs a test once on each wire.
func wires(t *testing.T, test func(t *testing.T, w *world)) {
	t.Run("memory", func(t *testing.T) { test(t, newWorld(t, false)) })
	t.Run("tcp", func(t *testing.T) { test(t, newWorld(t, true)) })
}

func newWorld(t testing.TB, tcp bool) *world {
	t.Helper()
	c := clock.Virtual(clock.Epoch)
	log := event.NewLog(c.Now)
	w := &world{New(Config{Log: log, Clock: c, Latency: 5 * time.Millisecond}), t, log, c}
	if tcp {
		if err := w.UseTCP(); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// site serves a function.
func (w *world) site(host, actor string, h http.HandlerFunc) { w.Serve(host, actor, h) }

// get sends a GET and returns the answer with its body.
func (w *world) get(actor, address string) (*http.Response, string) {
	w.t.Helper()
	return w.do(actor, w.request(http.MethodGet, address, ""))
}

func (w *world) request(method, address, body string) *http.Request {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	return req
}

func (w *world) do(actor string, req *http.Request) (*http.Response, string) {
	w.t.Helper()
	resp, err := w.Transport(actor).RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp, string(body)
}

// events returns the log as JSON lines.
func (w *world) events() string {
	w.t.Helper()
	var b strings.Builder
	for _, e := range w.log.Events() {
		line, err := json.Marshal(e)
		if err != nil {
			w.t.Fatal(err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// told returns the bodies of one kind, in order.
func told[B event.Body](w *world) []B {
	var out []B
	for _, e := range w.log.Events() {
		if b, ok := e.Body.(B); ok {
			out = append(out, b)
		}
	}
	return out
}
