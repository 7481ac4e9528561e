package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("P-05", Technique{
	Title: "A link of the thief's making where requests are pushed",
	Story: "The thief has an old secret of the EHR's, and makes a sign-in link in its name: the EHR's redirect URI, and a challenge whose verifier he knows. A clinician " +
		"follows it and signs in. Her answer is caught on its way by an app of his on her device; he redeems the code as the EHR. If requests " +
		"have to be pushed, the link leads nowhere.",
	Reads:    []string{"FAPI 2.0 SP 5.3.2.2-3", "RFC 9126 s1, s5", "OIDF conformance suite, ensure-unsigned-authorization-request-without-using-par-fails"},
	Evidence: "An authorization request with its parameters in the address, for a client that pushes its own.",
	Needs:    []event.Vantage{event.FrontHeld}, Has: []event.Asset{event.ClientSecret},
	Run: func(ctx context.Context, g Ground) error {
		var c fapi.Credentials
		if err := stolenJSON(g, event.ClientSecret, &c); err != nil {
			return err
		}
		c.RedirectURI = g.Target().ClientCallback
		a, err := newApp(ctx, g, c)
		if err != nil {
			return err
		}
		a.meta.RequirePAR = false // the one thing wrong: he puts it all into the link
		return a.lureAndRedeem(ctx, g.Random(), func(url.Values) {})
	},
})
