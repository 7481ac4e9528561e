package cli

import (
	"bytes"
	"io"
	"net/http"

	"thiefbox/sim/event"
)

// witnessed writes each exchange of the client down, for --log.
type witnessed struct {
	steps *steps
	next  http.RoundTripper
}

// maxWitnessed is how much of an answer is written down. The client itself reads on.
const maxWitnessed = 64 << 10

// witness returns next as it is if nobody wants the events.
func (s *steps) witness(next http.RoundTripper) http.RoundTripper {
	if s.sink == nil {
		return next
	}
	return &witnessed{s, next}
}

func (w *witnessed) RoundTrip(r *http.Request) (*http.Response, error) {
	w.steps.exchange++
	ctx := event.Within(r.Context(), w.steps.exchange)
	asked := event.Message{Method: r.Method, URL: r.URL.String(), Header: r.Header.Clone()}
	if r.GetBody != nil { // all of the client's requests that have a body have this
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		asked.Body, _ = io.ReadAll(io.LimitReader(body, maxWitnessed)) // from memory
	}
	w.steps.tell(ctx, event.Request{From: "client", To: r.URL.Host, Message: asked})
	resp, err := w.next.RoundTrip(r)
	if err != nil {
		w.steps.tell(ctx, event.Lost{Why: err.Error()})
		return nil, err
	}
	kept, err := io.ReadAll(io.LimitReader(resp.Body, maxWitnessed))
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = broken{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(kept), rest), resp.Body}
	w.steps.tell(ctx, event.Response{Message: event.Message{Status: resp.StatusCode, Header: resp.Header.Clone(), Body: kept}})
	return resp, nil
}

// broken passes the error on to whoever reads that far.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
