package party

import (
	"io"
	"net/http"
)

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
