package fhirmock

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
)

// Hooks say how subscribers are reached. The zero value sends with Config.HTTP, before the write is answered, and knows no
// site of anybody's.
type Hooks struct {
	// Sites are the origins that are registered for a client: of its redirect URIs, and those that the operator has named.
	Sites func(client string) []string
	// At is the API at another base over the same records, by which the tokens of that one can be asked about; nil for none.
	At func(base string) *API
	// HTTP sends, in place of Config.HTTP. It follows no redirects: where they lead was registered by nobody.
	HTTP *http.Client
	// Later has something done in the background, and tells whether there is room for it. Nil does it at once.
	Later func(do func(context.Context)) bool
	// Pause waits before another try, the first of which is 1. It tells whether there is to be one. Nil does not wait.
	Pause func(ctx context.Context, try int) bool
}

func (h *Hooks) sites(client string) []string {
	if h.Sites == nil {
		return nil
	}
	return h.Sites(client)
}

const (
	// mostTries is how often the same is sent, and mostNested how many deliveries may be under way within each other:
	// whoever is notified may write, and so notify.
	mostTries, mostNested = 3, 16
	mostHookAnswer        = 64 << 10
)

var errNested = errors.New("expected deliveries that end, got one within the other: what is sent to the endpoint is written here again")

// deliver sends a notice: with a payload, the record is put where its type and id lead below the endpoint; without one, an
// empty request is posted to the endpoint (R4 valueset subscription-channel-type, "rest-hook").
func (a *API) deliver(ctx context.Context, s *interact.Subscription, r *store.Record) error {
	if a.Records.subscribers.nested.Add(1) > mostNested {
		a.Records.subscribers.nested.Add(-1)
		return errNested
	}
	defer a.Records.subscribers.nested.Add(-1)
	method, to, body := http.MethodPost, s.Endpoint, []byte(nil)
	if s.Payload != "" {
		method, to, body = http.MethodPut, below(s.Endpoint, r), a.engine.Render(nil, r, query.Show{})
	}
	for try := 1; ; try++ {
		err := a.hand(ctx, method, to, s, body)
		if err == nil || try == mostTries || a.Hooks.Pause != nil && !a.Hooks.Pause(ctx, try) {
			return err
		}
	}
}

// below takes the endpoint for the base of an API, whose query it keeps.
func below(endpoint *url.URL, r *store.Record) *url.URL {
	to := *endpoint
	to.RawPath = ""
	return to.JoinPath(r.Type, r.ID)
}

// hand makes one try.
func (a *API) hand(ctx context.Context, method string, to *url.URL, s *interact.Subscription, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, method, to.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, values := range s.Header {
		req.Header[name] = values
	}
	if s.Payload != "" {
		req.Header.Set("Content-Type", s.Payload)
	}
	resp, err := cmp.Or(a.Hooks.HTTP, a.HTTP).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, mostHookAnswer)) // so that the connection can be used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("expected a status of 2xx from %s, got %d", to.Host, resp.StatusCode)
	}
	return nil
}
