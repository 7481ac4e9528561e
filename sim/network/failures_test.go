package network

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"thiefbox/sim/event"
)

func noMap() map[string]int { return nil }

func TestDroppedConnections(t *testing.T) {
	cases := []struct {
		name    string
		handler http.HandlerFunc
		detail  string
	}{
		{"panic", func(http.ResponseWriter, *http.Request) { panic("oh no") }, "the handler panicked: oh no, in network.TestDroppedConnections.func1 (failures_test.go:"},
		{"nil map", func(http.ResponseWriter, *http.Request) { noMap()["x"] = 1 }, "the handler panicked: assignment to entry in nil map, in network."},
		{"panic after the status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); panic("late") }, "the handler panicked: late"},
		{"abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "the handler aborted its answer"},
		{"status out of range", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(20) }, "the handler panicked: invalid WriteHeader code 20"},
		{"less than declared", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "short")
		}, "the handler declared a Content-Length of 9 and wrote 5 bytes"},
		{"control character in a header", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Bell", "\a") }, `malformed response header: field value for "X-Bell"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			wires(t, func(t *testing.T, w *world) {
				w.site("as.thiefbox.test", "as", write("hello"))
				w.get("ehr", "https://as.thiefbox.test/") // so that the socket is a reused one
				served := 0
				w.site("as.thiefbox.test", "as", func(rw http.ResponseWriter, r *http.Request) { served++; c.handler(rw, r) })
				_, err := w.Client("ehr").Get("https://as.thiefbox.test/")
				var dropped *DroppedError
				if !errors.As(err, &dropped) || dropped.Error() != "as dropped the connection without a whole answer (exchange 2)" || dropped.Exchange != 2 || dropped.To != "as" || !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("expected a DroppedError of exchange 2, got %v", err)
				}
				if served != 1 {
					t.Errorf("expected the request to be delivered once, got %d times", served)
				}
				refused := told[event.Refused](w)
				if len(refused) != 1 || refused[0].Party != "as" || refused[0].Status != 500 || !strings.HasPrefix(refused[0].Detail, c.detail) {
					t.Errorf("expected one Refused with %q, got %+v", c.detail, refused)
				}
				if n := len(told[event.Response](w)); n != 1 {
					t.Errorf("expected no response to the dropped exchange, got %d in all", n)
				}
				if strings.Contains(w.events(), "/network/failures_test.go") {
					t.Error("expected no directories in the log")
				}
				// The host is none the worse.
				w.site("as.thiefbox.test", "as", write("hello"))
				if _, body := w.get("ehr", "https://as.thiefbox.test/"); body != "hello" {
					t.Errorf("expected the next request to succeed, got %q", body)
				}
			})
		})
	}
}

func TestUnreachable(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		w.site("as.thiefbox.test", "as", write("tls"))
		w.site("http://plain.test:8080", "plain", func(rw http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(rw, r.Host+" "+map[bool]string{true: "plain", false: "tls"}[r.TLS == nil])
		})
		if resp, body := w.get("x", "http://plain.test:8080/"); body != "plain.test:8080 plain" || resp.TLS != nil {
			t.Errorf("expected a plain answer, got %q, TLS %v", body, resp.TLS)
		}
		if resp, body := w.get("x", "https://as.thiefbox.test:443/"); body != "tls" || resp.TLS == nil {
			t.Errorf("expected the default port to be the same host, got %q", body)
		}
		_, err := w.Client("x").Get("https://nowhere.test/")
		var dns *net.DNSError
		if !errors.As(err, &dns) || !dns.IsNotFound || dns.Name != "nowhere.test" {
			t.Errorf("expected a DNS error for nowhere.test, got %v", err)
		}
		for _, address := range []string{"http://as.thiefbox.test/", "https://as.thiefbox.test:8443/", "https://plain.test:8080/", "http://plain.test/"} {
			if _, err := w.Client("x").Get(address); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("%s: expected a refused connection, got %v", address, err)
			}
		}
		if n := len(told[event.Request](w)); n != 2 {
			t.Errorf("expected only the two delivered requests in the log, got %d", n)
		}
	})
}

func TestUnsendable(t *testing.T) {
	cases := map[string]func(*http.Request){
		"http: nil Request.URL":                          func(r *http.Request) { r.URL = nil },
		"http: nil Request.Header":                       func(r *http.Request) { r.Header = nil },
		`unsupported protocol scheme "ftp"`:              func(r *http.Request) { r.URL.Scheme = "ftp" },
		`net/http: invalid method "G T"`:                 func(r *http.Request) { r.Method = "G T" },
		"http: no Host in request URL":                   func(r *http.Request) { r.URL.Host = "" },
		"http: invalid Host header":                      func(r *http.Request) { r.Host = "a b" },
		`net/http: invalid header field name "a b"`:      func(r *http.Request) { r.Header["a b"] = []string{"c"} },
		`net/http: invalid header field value for "X"`:   func(r *http.Request) { r.Header["X"] = []string{"a\r\nb: c"} },
		`net/http: invalid header field value for "x"`:   func(r *http.Request) { r.Header["x"] = []string{"\x00"} },
		"can't write control character":                  func(r *http.Request) { r.URL.RawQuery = "a=\x01" },
		"can't write control character in":               func(r *http.Request) { r.URL.RawQuery = "a b" },
		"expected an ordinary request":                   func(r *http.Request) { r.Method = http.MethodConnect },
		`expected an ordinary request for a path, got P`: func(r *http.Request) { r.URL.Opaque = "*" },
		"http: ContentLength=9 with Body length 4":       func(r *http.Request) { r.ContentLength = 9 },
		"http: ContentLength=2 with Body length 4":       func(r *http.Request) { r.ContentLength = 2 },
		"the body broke":                                 func(r *http.Request) { r.ContentLength, r.Body = -1, io.NopCloser(broken{}) },
		"the body broke in":                              func(r *http.Request) { r.ContentLength, r.Body = 4, io.NopCloser(broken{}) },
	}
	w := newWorld(t, false)
	w.site("as.thiefbox.test", "as", write("hello"))
	for want, spoil := range cases {
		t.Run(want, func(t *testing.T) {
			body := &closable{Reader: strings.NewReader("body")}
			req := w.request(http.MethodPost, "https://as.thiefbox.test/", "")
			req.Body, req.ContentLength = body, 4
			spoil(req)
			_, err := w.Transport("x").RoundTrip(req)
			if err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(want, " in")) {
				t.Errorf("expected the error %q, got %v", want, err)
			}
			if req.Body == body && !body.closed {
				t.Error("expected the body to be closed")
			}
		})
	}
	if len(w.log.Events()) != 0 {
		t.Error("expected nothing in the log")
	}
}

type closable struct {
	io.Reader
	closed bool
}

func (c *closable) Close() error { c.closed = true; return nil }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the body broke") }

func TestCancellation(t *testing.T) {
	why := errors.New("the person went home")
	wires(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancelCause(context.WithValue(context.Background(), private{}, "a secret of the sender"))
		var once sync.Once
		w.site("as.thiefbox.test", "as", func(_ http.ResponseWriter, r *http.Request) {
			if r.Context().Value(private{}) != nil {
				t.Error("expected the sender's values to stay at home")
			}
			if got := event.ExchangeOf(r.Context()); got != 1 {
				t.Errorf("expected exchange 1, got %d", got)
			}
			before := runtime.NumGoroutine()
			child, stop := context.WithCancel(r.Context())
			defer stop()
			if after := runtime.NumGoroutine(); w.wire == nil && after > before {
				t.Errorf("expected no goroutine to watch the context, got %d more", after-before)
			}
			once.Do(func() { cancel(why) })
			<-child.Done()
			if !errors.Is(r.Context().Err(), context.Canceled) {
				t.Errorf("expected a cancelled context, got %v", r.Context().Err())
			}
		})
		for range 2 { // the second time it is cancelled before
			if _, err := w.Transport("x").RoundTrip(w.request("GET", "https://as.thiefbox.test/", "").WithContext(ctx)); !errors.Is(err, why) {
				t.Errorf("expected the cause, got %v", err)
			}
		}
		lost := told[event.Lost](w)
		if len(lost) != 1 || lost[0].Why != "the sender hung up before the answer: the person went home" {
			t.Errorf("expected one lost exchange, got %+v", lost)
		}
		if n := len(told[event.Request](w)); n != 1 {
			t.Errorf("expected one request, got %d", n)
		}
	})
}

type private struct{}

func TestClosed(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		w.site("as.thiefbox.test", "as", write("hello"))
		w.get("x", "https://as.thiefbox.test/")
		for range 2 {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Client("x").Get("https://as.thiefbox.test/"); !errors.Is(err, errClosed) {
			t.Errorf("expected a closed network, got %v", err)
		}
		if err := w.UseTCP(); !errors.Is(err, errClosed) {
			t.Errorf("expected a closed network, got %v", err)
		}
		w.site("late.test", "late", write("hello"))
	})
}

// TestCloseWaits: Close returns only when the request under way has been answered.
func TestCloseWaits(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		arrived, answer, done := make(chan bool), make(chan bool), make(chan error)
		w.site("as.thiefbox.test", "as", func(http.ResponseWriter, *http.Request) { arrived <- true; <-answer })
		go func() {
			_, err := w.Client("x").Get("https://as.thiefbox.test/")
			done <- err
		}()
		<-arrived
		closed := make(chan error)
		go func() { closed <- w.Close() }()
		for { // until Close has begun
			if _, _, _, err := w.enter(origin{"https", "nowhere.test"}); errors.Is(err, errClosed) {
				break
			}
		}
		select {
		case <-closed:
			t.Fatal("expected Close to wait for the handler")
		default:
		}
		answer <- true
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
	})
}
