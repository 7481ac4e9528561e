package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("C-08", Technique{
	Title: "A client that has one PKCE verifier for everybody",
	Story: "The EHR's programmer took PKCE for a setting and wrote a fixed verifier into it. The thief puts a clinician's code, which never arrived, " +
		"into a sign-in of his own: the verifier fits, because it always does.",
	Reads:    []string{"FAPI 2.0 SP 5.3.3.2-4", "RFC 7636 s7.1", "RFC 9700 s2.1.1, s4.5.3.2"},
	Evidence: "The same code_challenge in request after request of one client; at the client, an ID token that answers another request.",
	Needs:    []event.Vantage{event.FrontHeld},
	Scene:    Scene{ClientVerifierFixed: true},
	Against:  []Trait{PKCE},
	Run: func(ctx context.Context, g Ground) error {
		code, err := heldCode(g)
		if err != nil {
			return err
		}
		own, err := beginSignIn(ctx, g)
		if err != nil {
			return err
		}
		_, err = g.Browser().Visit(ctx, withCode(own, code), "")
		return err
	},
})
