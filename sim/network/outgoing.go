package network

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"thiefbox/sim/event"
)

// outgoing is a request ready to be sent.
type outgoing struct {
	to     origin
	host   string   // Host header
	uri    string   // request target
	url    *url.URL // uri, as a server parses it
	target url.URL  // which is nearly always this
	header http.Header
	body   []byte
}

// prepare checks a request as net/http's transport does, reads its body and closes it. The texts of the
// errors are net/http's. Who has given the request away does not mind what becomes of its header.
func (out *outgoing) prepare(req *http.Request, lent, given bool) error {
	body, bodyErr := readBody(req, lent)
	if err := sendable(req); err != nil {
		return err
	}
	header, err := sentHeader(req.Header, given)
	if err != nil {
		return err
	}
	if bodyErr != nil {
		return bodyErr
	}
	out.to, out.host, out.uri, out.body = originOf(req.URL), req.Host, req.URL.RequestURI(), body
	if out.host == "" {
		out.host = req.URL.Host
	}
	if !httpguts.ValidHostHeader(out.host) {
		return errors.New("http: invalid Host header")
	}
	// A space would end the request target on the wire.
	for i := range len(out.uri) {
		if c := out.uri[i]; c <= ' ' || c == 0x7f {
			return errors.New("net/http: can't write control character in Request.URL")
		}
	}
	if err := out.receive(req.URL); err != nil {
		return err
	}
	if len(body) > 0 || req.Method == http.MethodPost || req.Method == http.MethodPut || req.Method == http.MethodPatch {
		header.set("Content-Length", strconv.Itoa(len(body)))
	}
	out.header = header.header
	return nil
}

// receive parses the request target as a server does. Where nothing in the path is escaped, the outcome is
// what the sender's URL says.
func (out *outgoing) receive(u *url.URL) (err error) {
	out.url = &out.target
	if strings.HasPrefix(u.Path, "/") && u.RawPath == "" && !u.ForceQuery && u.EscapedPath() == u.Path {
		out.target.Path, out.target.RawQuery = u.Path, u.RawQuery
		return nil
	}
	out.url, err = url.ParseRequestURI(out.uri)
	return err
}

func sendable(req *http.Request) error {
	switch {
	case req.URL == nil:
		return errors.New("http: nil Request.URL")
	case req.Header == nil:
		return errors.New("http: nil Request.Header")
	case req.URL.Scheme != "http" && req.URL.Scheme != "https":
		return fmt.Errorf("unsupported protocol scheme %q", req.URL.Scheme)
	case req.Method != "" && !validMethod(req.Method):
		return fmt.Errorf("net/http: invalid method %q", req.Method)
	case req.Method == http.MethodConnect || req.URL.Opaque != "":
		return fmt.Errorf("expected an ordinary request for a path, got %s %q", req.Method, req.URL)
	case req.URL.Host == "":
		return errors.New("http: no Host in request URL")
	}
	return nil
}

// validMethod: a method is a token (RFC 9110 s9.1), like the name of a header.
func validMethod(m string) bool { return httpguts.ValidHeaderFieldName(m) }

func readBody(req *http.Request, lent bool) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	defer func() { _ = req.Body.Close() }()
	if held, ok := req.Body.(interface{ Whole() ([]byte, bool) }); ok && lent {
		if body, ok := held.Whole(); ok && int64(len(body)) == req.ContentLength {
			return slices.Clip(body), nil
		}
	}
	if req.ContentLength <= 0 {
		return io.ReadAll(req.Body)
	}
	body := make([]byte, req.ContentLength+1) // one more than announced, to see whether it comes
	read, err := io.ReadFull(req.Body, body)
	if err == nil {
		var more int64
		more, err = io.Copy(io.Discard, req.Body)
		read += int(more)
	} else if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	if err == nil && int64(read) != req.ContentLength {
		err = fmt.Errorf("http: ContentLength=%d with Body length %d", req.ContentLength, read)
	}
	return slices.Clip(body[:req.ContentLength]), err
}

// message is the request as the log keeps it. A Host header is shown only where it is not what the URL says.
func (o *outgoing) message(method string) event.Message {
	if method == "" {
		method = http.MethodGet
	}
	m := event.Message{Method: method, URL: o.to.scheme + "://" + o.to.host + o.uri, Header: o.header, Body: o.body}
	if !strings.EqualFold(o.host, o.to.host) && !strings.EqualFold(o.host, o.to.address()) {
		m.Header = o.header.Clone()
		m.Header["Host"] = []string{o.host}
	}
	return m
}
