package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"thiefbox/sim/clock"
)

// conversation is one request and its handler. The table is played in memory, over sockets, and by
// net/http alone: all three must show the same to handler and sender.
type conversation struct {
	name    string
	method  string
	path    string
	body    string
	prepare func(*http.Request)
	handler http.HandlerFunc
	// measured: net/http sends the answer in chunks where we still say its length.
	measured bool
}

var conversations = []conversation{
	{name: "nothing at all", handler: func(http.ResponseWriter, *http.Request) {}},
	{name: "html is recognised", handler: write("<!DOCTYPE html><title>x</title>")},
	{name: "text is recognised", handler: write("hello")},
	{name: "json is not recognised", handler: write(`{"a":1}`)},
	{name: "content type suppressed", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		_, _ = io.WriteString(w, "hello")
	}},
	{name: "encoded content is not sniffed", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "hello")
	}},
	{name: "header after WriteHeader is too late", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Early", "1")
		w.WriteHeader(http.StatusAccepted)
		w.Header().Set("X-Late", "1")
		w.Header().Set("X-Early", "2")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "hello")
	}},
	{name: "second WriteHeader is ignored", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		w.WriteHeader(http.StatusOK)
	}},
	{name: "a status nobody knows", handler: status(299)},
	{name: "HEAD with a body written", method: http.MethodHead, handler: write("<html>hello")},
	{name: "HEAD with nothing written", method: http.MethodHead, handler: func(http.ResponseWriter, *http.Request) {}},
	{name: "HEAD with a length declared", method: http.MethodHead, handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1234")
	}},
	{name: "204 has no body", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Length", "5")
		w.WriteHeader(http.StatusNoContent)
		if _, err := io.WriteString(w, "hello"); !errors.Is(err, http.ErrBodyNotAllowed) {
			panic(err)
		}
	}},
	{name: "304 has no body and no type", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Etag", `"x"`)
		w.WriteHeader(http.StatusNotModified)
	}},
	{name: "length declared and kept", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5")
		_, _ = io.WriteString(w, "hello")
	}},
	{name: "more than declared", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5")
		_, _ = io.WriteString(w, "hello")
		if _, err := io.WriteString(w, " world"); !errors.Is(err, http.ErrContentLength) {
			panic(err)
		}
	}},
	{name: "a length that is no number", measured: true, handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "five")
		_, _ = io.WriteString(w, "hello")
	}},
	{name: "flushed", handler: func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html>")
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, "more")
	}},
	{name: "flushed before anything", handler: func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).Flush()
		_, _ = io.WriteString(w, "<html>")
	}},
	{name: "flushed and empty", handler: func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() }},
	{name: "long answer", measured: true, handler: write(strings.Repeat("long ", 5000))},
	{name: "long answer with length", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "25000")
		_, _ = io.WriteString(w, strings.Repeat("long ", 5000))
	}},
	{name: "odd response headers", handler: func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h["x-lower"] = []string{"a"}
		h["X-Lower"] = []string{"b", " c "}
		h["X Bad Name"] = []string{"d"}
		h["X-Break"] = []string{"e\r\nInjected: f"}
		h["X-Empty"] = []string{""}
		h["X-None"] = nil
		h["Set-Cookie"] = []string{"a=1", "b=2; Path=/"}
		h["Pragma"] = []string{"no-cache"}
	}},
	{name: "informational answer first", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusCreated)
	}},
	{name: "redirect", handler: func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "../there?x=1#frag", http.StatusSeeOther)
	}, path: "/here/now"},
	{name: "http.Error", handler: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }},
	{name: "ServeContent with a range", prepare: func(r *http.Request) { r.Header.Set("Range", "bytes=1-3") },
		handler: func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "a.txt", clock.Epoch, strings.NewReader("hello"))
		}},
	{name: "POST with a body", method: http.MethodPost, body: "a=1&b=2", prepare: func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}, path: "/form?b=3&c=%2F"},
	{name: "POST without a body", method: http.MethodPost},
	{name: "PUT", method: http.MethodPut, body: "x"},
	{name: "PATCH without a body", method: http.MethodPatch},
	{name: "DELETE", method: http.MethodDelete},
	{name: "DELETE with a body", method: http.MethodDelete, body: "x"},
	{name: "OPTIONS", method: http.MethodOptions},
	{name: "GET with a body", body: "x"},
	{name: "a method of one's own", method: "BREW", body: "coffee"},
	{name: "body of unknown length", method: http.MethodPost, body: "abc", prepare: func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("abc")), 3
	}},
	{name: "path escapes", path: "/a%2Fb/c%20d//e/../f?q=a+b&r=%C3%A6&&=;x"},
	{name: "double slash at the front", path: "//evil.test/x"},
	{name: "no path", path: ""},
	{name: "question mark alone", path: "/x?"},
	{name: "another Host", prepare: func(r *http.Request) { r.Host = "other.test:8443" }},
	{name: "upper-case host", prepare: func(r *http.Request) { r.URL.Host = "EXAMPLE.com"; r.Host = "" }},
	{name: "user and fragment stay home", prepare: func(r *http.Request) {
		u, _ := r.URL.Parse("https://me:secret@example.com/x#frag")
		r.URL = u
	}},
	{name: "odd request headers", prepare: func(r *http.Request) {
		r.Header["x-lower"] = []string{"a"}
		r.Header["X-Lower"] = []string{"b", "\tc "}
		r.Header["X-Empty"] = []string{""}
		r.Header["X-None"] = nil
		r.Header["Host"] = []string{"evil.test"}
		r.Header["Content-Length"] = []string{"99"}
		r.Header["User-Agent"] = []string{"one", "two"}
		r.Header["Pragma"] = []string{"no-cache"}
		r.Header["Cookie"] = []string{"a=1", "b=2"}
		r.Header["Accept-Encoding"] = []string{"gzip"}
		r.Header["X-Long"] = []string{strings.Repeat("x", 10000)}
		r.Header["X-Utf8"] = []string{"æøå"}
	}},
	{name: "multipart form", method: http.MethodPost, body: "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n",
		prepare: func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=b") },
		handler: func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, r.FormValue("a")) }},
	{name: "body too large for the handler", method: http.MethodPost, body: "abcdef",
		handler: func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 3))
			_, _ = fmt.Fprint(w, err)
		}},
}

func write(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// seen is what a handler was given.
type seen struct {
	Method, URL, RequestURI, Host, Proto string
	Path, RawPath                        string
	Header                               http.Header
	ContentLength                        int64
	Body                                 string
	Form                                 map[string][]string
	TLS, NilBody, Close                  bool
	TransferEncoding                     []string
}

// got is what a sender was given.
type got struct {
	Status           string
	Code             int
	Proto            string
	Header           http.Header
	Body             string
	ContentLength    int64
	TransferEncoding []string
	TLS, SameRequest bool
	Error            bool
}

// look notes what the handler is given, then lets h answer.
func look(into *seen, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		*into = seen{
			Method: r.Method, URL: r.URL.String(), RequestURI: r.RequestURI, Host: r.Host, Proto: r.Proto,
			Path: r.URL.Path, RawPath: r.URL.RawPath, Header: r.Header.Clone(), ContentLength: r.ContentLength,
			TLS: r.TLS != nil, NilBody: r.Body == nil, Close: r.Close, TransferEncoding: r.TransferEncoding,
		}
		if h != nil {
			h(w, r)
			return
		}
		if err := r.ParseForm(); err != nil {
			into.Form = map[string][]string{"error": {err.Error()}}
		} else {
			into.Form = r.Form
		}
		body, err := io.ReadAll(r.Body)
		into.Body = fmt.Sprint(string(body), err)
	}
}

func (c conversation) play(t testing.TB, rt http.RoundTripper) got {
	t.Helper()
	method := c.method
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequest(method, "https://example.com"+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	if c.body == "" {
		req.Body = nil
	}
	req.Header.Set("User-Agent", "")
	if c.prepare != nil {
		c.prepare(req)
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Log(err)
		return got{Error: true}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return got{Error: true}
	}
	if resp.Header.Get("Date") == "" {
		t.Error("expected a Date header")
	}
	resp.Header.Del("Date")
	return got{resp.Status, resp.StatusCode, resp.Proto, resp.Header, string(body), resp.ContentLength,
		resp.TransferEncoding, resp.TLS != nil, resp.Request == req, false}
}

// netHTTP is the reference: a server and a client of the standard library.
func netHTTP(t *testing.T, h http.Handler) http.RoundTripper {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	reference := server.Client().Transport.(*http.Transport).Clone()
	reference.DisableCompression = true
	reference.ForceAttemptHTTP2 = false
	reference.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}
	t.Cleanup(reference.CloseIdleConnections)
	return reference
}

func TestSemanticsAreThoseOfNetHTTP(t *testing.T) {
	for _, c := range conversations {
		t.Run(c.name, func(t *testing.T) {
			var wantSeen, gotSeen seen
			want := c.play(t, netHTTP(t, look(&wantSeen, c.handler)))
			if c.measured {
				want.ContentLength, want.TransferEncoding = int64(len(want.Body)), nil
				want.Header.Set("Content-Length", fmt.Sprint(len(want.Body)))
			}
			wires(t, func(t *testing.T, w *world) {
				w.Serve("example.com", "server", look(&gotSeen, c.handler))
				if got := c.play(t, w.Transport("client")); !reflect.DeepEqual(got, want) {
					t.Errorf("the sender: expected\n%+v\ngot\n%+v", want, got)
				}
				if !reflect.DeepEqual(gotSeen, wantSeen) {
					t.Errorf("the handler: expected\n%+v\ngot\n%+v", wantSeen, gotSeen)
				}
			})
		})
	}
}
