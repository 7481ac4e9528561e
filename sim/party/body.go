package party

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
)

// Post makes a request with a body that nobody will change: a network that keeps what is sent takes it as it is.
func Post(ctx context.Context, address string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, newHeld(body))
	if err != nil {
		return nil, err
	}
	r.ContentLength = int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return newHeld(body), nil }
	return r, nil
}

// held is a body that is in memory.
type held struct {
	bytes.Reader
	whole []byte
}

func newHeld(b []byte) *held {
	h := &held{whole: b}
	h.Reset(b)
	return h
}

// Whole is for Whole, as long as nothing was read.
func (h *held) Whole() ([]byte, bool) { return h.whole, h.Len() == len(h.whole) }

// Close is for http.Request.
func (h *held) Close() error { return nil }

// Send writes a body that nobody will change or use again: a network that keeps what is written takes it as it is.
func Send(w http.ResponseWriter, body []byte) {
	if taker, ok := w.(interface{ Give([]byte) (int, error) }); ok {
		_, _ = taker.Give(body)
		return
	}
	_, _ = w.Write(body) // whoever asked may have gone; there is nobody to tell
}

// Whole is a body that somebody holds in memory and lends, without copying it; false if it has to be read. It
// must not be changed.
func Whole(body io.Reader) ([]byte, bool) {
	if held, ok := body.(interface{ Whole() ([]byte, bool) }); ok {
		return held.Whole()
	}
	return nil, false
}

// Escape is url.QueryEscape, of which tokens and proofs have no need.
func Escape(s string) string {
	for i := range len(s) {
		if c := s[i]; !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.') {
			return url.QueryEscape(s)
		}
	}
	return s
}
