package attacker

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"thiefbox/sim/event"
)

var _ = register("C-11", Technique{
	Variant: "taken-over",
	Title:   "A pushed request is finished by somebody else",
	Story: "The thief sees the link by which a clinician's browser is sent to sign in. He opens it first, signs in with his own account, " +
		"and has her browser deliver the answer: she did begin this sign-in, so everything fits, but the account is his.",
	Reads: []string{"FAPI 2.0 SP 6.4", "FAPI 2.0 Attacker Model A3a"},
	Needs: []event.Vantage{event.FrontRequest}, Against: []Trait{Pushed},
	Beyond: "FAPI 2.0 names it (SP 6.4, leaked authorization request) and has no requirement against it: request, state and challenge are all " +
		"of the victim's own sign-in. One-time use of request_uri narrows the window only.",
	Run: func(ctx context.Context, g Ground) error {
		t := g.Target()
		before := len(g.Overheard(event.FrontRequest))
		// She begins to sign in, and the phone rings before she has typed anything.
		if err := g.LureAndInterrupt(t.ClientLogin + t.Issuer); err != nil {
			return err
		}
		return finishAsThief(ctx, g, g.Overheard(event.FrontRequest)[before:])
	},
})

var _ = register("P-02", Technique{
	Variant: "twice",
	Title:   "A pushed request is used a second time",
	Story: "The thief reads the link by which a clinician was sent to sign in from a log, after she has signed in. He opens it again, signs " +
		"in with his own account, and has her browser deliver the second answer.",
	Reads: []string{"RFC 9126 s4, s7.3", "FAPI 2.0 SP 5.3.2.2 note 3", "OIDF conformance suite, par-attempt-reuse-request_uri"},
	Needs: []event.Vantage{event.FrontRequest}, Against: []Trait{Pushed},
	Run: func(ctx context.Context, g Ground) error {
		return finishAsThief(ctx, g, g.Overheard(event.FrontRequest))
	},
})

var _ = register("P-04", Technique{
	Variant: "expired",
	Title:   "A pushed request is used long after it expired",
	Story:   "As when a request is used a second time, but the thief finds the link an hour later.",
	Reads:   []string{"RFC 9126 s4", "OIDF conformance suite, par-attempt-to-use-expired-request_uri"},
	Needs:   []event.Vantage{event.FrontRequest}, Against: []Trait{Pushed},
	Run: func(ctx context.Context, g Ground) error {
		g.Wait(time.Hour)
		return finishAsThief(ctx, g, g.Overheard(event.FrontRequest))
	},
})

// finishAsThief opens the newest of the authorization requests seen, signs in as the thief, and has
// the clinician's browser deliver the answer.
func finishAsThief(ctx context.Context, g Ground, seen []event.Message) error {
	for i := len(seen) - 1; i >= 0; i-- {
		if !queryOf(seen[i].URL).Has("request_uri") {
			continue
		}
		page, err := g.Browser().Visit(ctx, seen[i].URL, g.Target().ClientCallback)
		if err != nil {
			return err
		}
		if !page.Stopped {
			return ErrStopped
		}
		return g.Lure(page.URL)
	}
	return fmt.Errorf("no authorization request with a request_uri was seen")
}

var _ = register("P-03", Technique{
	Variant: "under-another-name",
	Title:   "A pushed request under another client's name",
	Story: "The thief's own app pushes a request. He sends a clinician the link with the EHR's name in place of his app's: the page asks her " +
		"whether the EHR may see her patients, and she agrees, as every day. The code goes to the thief.",
	Reads: []string{"RFC 9126 s2.2", "OIDF conformance suite, par-attempt-to-use-request_uri-for-different-client"},
	Has:   []event.Asset{event.OwnClient}, Against: []Trait{Pushed},
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		site := newSite(g)
		z, err := a.authorize(ctx, "openid user/*.rs", g.Target().FHIRBase, nil)
		if err != nil {
			return err
		}
		u, err := url.Parse(z.url)
		if err != nil {
			return err
		}
		q := u.Query()
		q.Set("client_id", g.Target().ClientID) // the one thing changed
		u.RawQuery = q.Encode()
		return a.catchAndRedeem(ctx, site, u.String(), z)
	},
})
