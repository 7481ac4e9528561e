package idp

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"thiefbox/sim/party"
)

// maxBody bounds what is read of a request: a signed assertion, a proof and long parameters take a few
// KiB. maxParameters keeps a body of ampersands from costing more than it weighs.
const (
	maxBody       = 64 << 10
	maxParameters = 64
)

// form is the parameters of a request in their order, each at most once, but for resource. There are few of them: to
// look through them costs less than a map.
type form []parameter

type parameter struct{ name, value string }

// formOf is a form of parameters by name.
func formOf(values map[string][]string) (f form) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			f = append(f, parameter{name, value})
		}
	}
	return f
}

// get returns a parameter, empty if it was left out. A parameter without a value counts as left out
// (RFC 6749 s3.1, s3.2).
func (f form) get(name string) string {
	for i := range f {
		if f[i].name == name {
			return f[i].value
		}
	}
	return ""
}

// has tells whether a parameter was sent, if only without a value.
func (f form) has(name string) bool {
	return slices.ContainsFunc(f, func(p parameter) bool { return p.name == name })
}

// all are the values of a parameter that may come several times.
func (f form) all(name string) (values []string) {
	for _, p := range f {
		if p.name == name {
			values = append(values, p.value)
		}
	}
	return values
}

// postForm reads the parameters from the body, and from nowhere else: what stands in a URL ends up in
// logs (RFC 6749 s2.3.1).
func postForm(r *http.Request) (form, error) {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if kind == "" && r.URL.RawQuery != "" {
		return nil, malformed("expected the parameters in the body, got them in the URL").because("RFC 6749 s2.3.1, s3.2; RFC 9126 s2.1",
			"send them in the body, as a form with the content type application/x-www-form-urlencoded: what stands in a URL ends up in logs")
	}
	if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return nil, malformed("expected the content type application/x-www-form-urlencoded, got %s", quoteOrNothing(kind)).because(
			"RFC 6749 s3.2, appendix B", "send the parameters as a form (name=value&..., percent-encoded) with that content type, and not as JSON")
	}
	body, err := readBody(r)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, faultOf(http.StatusRequestEntityTooLarge, "invalid_request", "the request is too large",
			"expected a body of at most 64 KiB")
	} else if err != nil {
		return nil, malformed("the body cannot be read: %v", err).because("RFC 9110 s8.6", "send as many octets as Content-Length says")
	}
	if len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		return nil, malformed("expected a form, got JSON with the content type of a form").because("RFC 6749 s3.2, appendix B", "write the parameters as name=value&..., percent-encoded")
	}
	return parseForm(string(body))
}

// readBody takes the body as it is from whoever has read it already, to write it down.
func readBody(r *http.Request) ([]byte, error) {
	if body, ok := party.Whole(r.Body); ok {
		if len(body) > maxBody {
			return nil, &http.MaxBytesError{Limit: maxBody}
		}
		return body, nil
	}
	return readAll(http.MaxBytesReader(nil, r.Body, maxBody), r.ContentLength)
}

// readAll is io.ReadAll with an idea of how much will come.
func readAll(r io.Reader, length int64) ([]byte, error) {
	body := make([]byte, min(max(length, 0), maxBody)+1)
	n, err := io.ReadFull(r, body)
	switch err {
	case io.EOF, io.ErrUnexpectedEOF:
		return body[:n], nil
	case nil: // more than announced
		rest, err := io.ReadAll(r)
		return append(body, rest...), err
	}
	return nil, err
}

// parseForm refuses a parameter that comes twice: two readers of the request could look at different
// ones (RFC 6749 s3.1, s3.2). Only resource may (RFC 8707 s2).
func parseForm(encoded string) (form, error) {
	most := strings.Count(encoded, "&") + 1
	if most > maxParameters {
		return nil, malformed("expected at most %d parameters, got more", maxParameters).because("RFC 6749 s3.2", "send those that the request needs")
	}
	f := make(form, 0, most)
	for pair := range strings.SplitSeq(encoded, "&") {
		if pair == "" {
			continue
		}
		if strings.Contains(pair, ";") {
			return nil, malformed("expected form-encoded parameters: got a semicolon that is not escaped").because("RFC 6749 appendix B", "percent-encode the values")
		}
		escapedName, escaped, _ := strings.Cut(pair, "=")
		name, err1 := unescape(escapedName)
		value, err2 := unescape(escaped)
		if err := cmp.Or(err1, err2); err != nil {
			return nil, malformed("expected form-encoded parameters: %v", err).because("RFC 6749 appendix B", "percent-encode names and values, a % as %25")
		}
		if name != "resource" && f.has(name) {
			return nil, malformed("expected the parameter %q once, got it several times", name).because("RFC 6749 s3.1, s3.2", "send each parameter once; two pieces of code that fill in one form are the usual cause")
		}
		f = append(f, parameter{name, value})
	}
	return f, nil
}

// unescape is url.QueryUnescape, of which tokens and proofs have no need.
func unescape(s string) (string, error) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, nil
	}
	return url.QueryUnescape(s)
}
