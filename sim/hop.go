package sim

import (
	"bytes"
	"io"
	"net/http"
	"net/url"

	"thiefbox/sim/event"
)

// hopHost is where the thief sees what an API asks the authorization server about tokens, and what it is
// answered, if the scenario puts him on that way: the question is shown to him at /question and goes on as he
// returns it, the answer at /answer.
const hopHost = "gateway.test"

// hop is the way from an API to the introspection endpoint. As long as nobody sits on it, messages go straight
// through.
func (w *World) hop(c *http.Client) *http.Client {
	through := *c
	through.Transport = hop{w, c.Transport}
	return &through
}

type hop struct {
	w  *World
	rt http.RoundTripper
}

func (h hop) RoundTrip(r *http.Request) (*http.Response, error) {
	if !h.w.hopTaken.Load() || r.URL.Path != "/introspect" { // at whatever name of the server's
		return h.rt.RoundTrip(r)
	}
	question, err := h.show(r, "/question", r.Header, r.Body)
	if err != nil {
		return nil, err
	}
	onward := r.Clone(r.Context())
	onward.Body, onward.ContentLength = question.Body, question.ContentLength
	answer, err := h.rt.RoundTrip(onward)
	if err != nil {
		return nil, err
	}
	return h.show(r, "/answer", answer.Header, answer.Body)
}

// show takes a message to the thief, and brings back what he makes of it.
func (h hop) show(r *http.Request, path string, header http.Header, body io.Reader) (*http.Response, error) {
	seen, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	to := url.URL{Scheme: "https", Host: hopHost, Path: path}
	shown, err := http.NewRequestWithContext(r.Context(), http.MethodPost, to.String(), bytes.NewReader(seen))
	if err != nil {
		return nil, err
	}
	shown.Header = header.Clone()
	return h.rt.RoundTrip(shown)
}

// takeHop diverts the way once the thief has put something up there: until then, it would be an outage.
func (w *World) takeHop(host string) {
	if host == hopHost && w.granted[event.IntrospectionHop] {
		w.hopTaken.Store(true)
	}
}
