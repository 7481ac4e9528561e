package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"thiefbox/fhirmock"
	"thiefbox/sim/event"
)

// An exchange is a request and its answer. Both are written down around the handler, so that what the
// handler's guards decide stands between them.

// interactionHeader is what FAPI clients correlate calls by (FAPI 1.0 s6.2.1-11, and in use ever since).
const interactionHeader = "X-Fapi-Interaction-Id"

const (
	maxBody = 1 << 20  // that the authorization server may read; the FHIR API says how much it takes
	maxKept = 64 << 10 // of it that is written down
	// maxAhead is how much room there is for what has only been announced: a thousand senders may be silent after that.
	maxAhead = 4 << 10
	maxID    = 128 // of an interaction id
)

// identify gives the answer the id that the client sent, or a new one.
func (s *Server) identify(w http.ResponseWriter, r *http.Request) {
	id := r.Header.Get(interactionHeader)
	if id == "" || len(id) > maxID || strings.ContainsFunc(id, func(c rune) bool { return c <= ' ' || c > '~' }) {
		id = uuid(s.dice.ID())
	}
	w.Header().Set(interactionHeader, id)
}

// uuid writes 16 random bytes as a version 4 UUID (RFC 9562 s5.4).
func uuid(id string) string {
	const variants = "89ab"
	return id[:8] + "-" + id[8:12] + "-4" + id[13:16] + "-" + string(variants[id[16]&3]) + id[17:20] + "-" + id[20:]
}

// answerer is who answers at a path: its name, what it answers with, and how long a body it may read.
type answerer struct {
	name string
	http.Handler
	most int64
}

// witness serves a request and writes the exchange down. from is who sent it. The headers
// are kept as they are, for once the handler has returned nobody writes to them.
func (t *tenant) witness(w http.ResponseWriter, r *http.Request, origin, from string, to answerer) {
	cause := event.ExchangeOf(r.Context())
	_, ctx := t.journal.begin(r.Context())
	body := keepBody(w, r, to.most)
	t.journal.tell(ctx, event.Request{From: from, To: to.name, Cause: cause, Certificate: shownCertificate(r), Message: event.Message{
		Method: r.Method, URL: origin + r.URL.RequestURI(), Header: r.Header, Body: body,
	}})
	seen := &observed{ResponseWriter: w, now: t.server.config.Now}
	defer func() {
		p := recover()
		if p == http.ErrAbortHandler { // somebody asked for a broken connection
			t.journal.tell(ctx, event.Lost{Why: "the connection was broken off"})
			panic(p)
		}
		if p != nil {
			t.confess(ctx, seen, to.name, p)
		}
		t.journal.tell(ctx, event.Response{Message: event.Message{Status: seen.status(), Header: w.Header(), Body: seen.body}})
	}()
	to.ServeHTTP(seen, r.WithContext(ctx))
}

// keepBody reads the body, so that it can be written down before it is handled. What is longer than
// anybody sends goes on to the handler, which refuses it, but is kept in part only. Of most bytes no more is read.
func keepBody(w http.ResponseWriter, r *http.Request, most int64) []byte {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	limited := http.MaxBytesReader(w, r.Body, most)
	kept := make([]byte, 0, min(max(r.ContentLength, 0), maxAhead)+1) // one more, to meet the end of it
	var err error
	for err == nil && len(kept) < maxKept {
		if len(kept) == cap(kept) {
			kept = slices.Grow(kept, min(max(512, len(kept)), maxKept-len(kept)))
		}
		var n int
		n, err = limited.Read(kept[len(kept):min(cap(kept), maxKept)])
		kept = kept[:len(kept)+n]
	}
	r.Body = &replayed{kept: kept, err: err, rest: limited}
	return kept
}

// replayed is a body of which the beginning has been read. What ended the reading, if it ended, the
// handler meets too, and knows what to answer.
type replayed struct {
	kept []byte
	err  error
	rest io.ReadCloser
}

func (b *replayed) Read(p []byte) (int, error) {
	if len(b.kept) > 0 {
		n := copy(p, b.kept)
		b.kept = b.kept[n:]
		return n, nil
	}
	if b.err != nil {
		return 0, b.err
	}
	return b.rest.Read(p)
}

// Whole is what is left to read, if all of it is here.
func (b *replayed) Whole() ([]byte, bool) {
	if b.err != io.EOF {
		return nil, false
	}
	kept := b.kept
	b.kept = nil
	return kept, true
}

func (b *replayed) Close() error { return b.rest.Close() }

// confess answers for a fault of ours, in the words of the party that is asked: the API's errors are OperationOutcomes
// (R4 http, "Status Codes"). Who reports it names the x-fapi-interaction-id, by which the log has the fault itself.
func (t *tenant) confess(ctx context.Context, w *observed, party string, fault any) {
	t.journal.tell(ctx, event.Refused{Party: "serve", Status: http.StatusInternalServerError, Code: "server_error",
		Detail: fmt.Sprintf("a fault of thiefbox itself, please report it: %v", fault)})
	if w.code != 0 {
		return
	}
	h := w.Header()
	for _, name := range []string{"Content-Length", "ETag", "Last-Modified", "Location", "Content-Location", "Expires"} {
		h.Del(name) // of the answer that was under way
	}
	if party == "fhir" {
		write(w, http.StatusInternalServerError, "application/fhir+json; charset=utf-8", fhirmock.Fault("x-fapi-interaction-id "+h.Get(interactionHeader)))
		return
	}
	refuse(w, http.StatusInternalServerError, "server_error", "something went wrong here")
}

// observed remembers what a handler answers.
type observed struct {
	http.ResponseWriter
	code int
	body []byte

	now   func() time.Time
	since int // bytes written since the answer was last given more time
}

// aPiece is how much of a file an answer is given answerTimeout for: an export of a town takes minutes, and who reads
// it by the byte must not hold on to the connection for days.
const aPiece = 1 << 20

// extend gives the next piece of a file its own time.
func (o *observed) extend(written int) {
	if o.since += written; o.since < aPiece || !strings.HasSuffix(o.Header().Get("Content-Type"), "ndjson") {
		return
	}
	o.since = 0
	_ = http.NewResponseController(o.ResponseWriter).SetWriteDeadline(o.now().Add(answerTimeout)) // or there is no such deadline
}

func (o *observed) WriteHeader(code int) {
	if o.code == 0 && code >= 200 {
		o.code = code
	}
	o.ResponseWriter.WriteHeader(code)
}

func (o *observed) Write(b []byte) (int, error) {
	if o.code == 0 {
		o.code = http.StatusOK
	}
	o.body = append(o.body, b[:min(len(b), maxKept-len(o.body))]...)
	o.extend(len(b))
	return o.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

func (o *observed) status() int {
	if o.code == 0 {
		return http.StatusOK
	}
	return o.code
}

// inside carries what the FHIR API asks its authorization server. They are two parties that meet over
// HTTP; that both are in this process saves the sockets.
type inside struct {
	issuer *Issuer
	from   string
}

// RoundTrip hands the request to the authorization server and its answer back.
func (n inside) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme+"://"+r.URL.Host != n.issuer.origin {
		return nil, fmt.Errorf("expected a request to %s, got one to %s", n.issuer.URL, r.URL)
	}
	in := *r // its headers are written down as they are: whoever made them is done with them
	in.RequestURI, in.Host = r.URL.RequestURI(), r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := &letter{header: http.Header{}}
	n.issuer.tenant.witness(w, &in, n.issuer.origin, n.from, answerer{"as", n.issuer.as, maxBody})
	if w.code == 0 {
		w.code = http.StatusOK
	}
	return &http.Response{
		Status: http.StatusText(w.code), StatusCode: w.code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()),
	}, nil
}

// letter is an answer that goes nowhere but to its reader.
type letter struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (l *letter) Header() http.Header { return l.header }

func (l *letter) WriteHeader(code int) {
	if l.code == 0 {
		l.code = code
	}
}

func (l *letter) Write(b []byte) (int, error) { return l.body.Write(b) }

// refuse answers what no party here answers for, with a sentence for the developer: nobody but him is
// on this machine.
func refuse(w http.ResponseWriter, status int, code, text string) {
	answerJSON(w, status, map[string]string{"error": code, "error_description": text})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic("serve: an answer of our own types does not marshal: " + err.Error())
	}
	write(w, status, "application/json", append(body, '\n'))
}

func write(w http.ResponseWriter, status int, kind string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader may have gone; there is nobody to tell
}

// wants tells whether the reader asked for a media type.
func wants(r *http.Request, kind string) bool {
	return slices.ContainsFunc(r.Header.Values("Accept"), func(v string) bool { return strings.Contains(v, kind) })
}
