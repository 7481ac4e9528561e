package attacker

import (
	"context"
	"fmt"

	"thiefbox/sim/event"
)

var _ = register("C-09", Technique{
	Title: "A clinician finishes the thief's sign-in, and the answer leaks",
	Story: "The thief begins to sign in at the EHR and sends a clinician the link he got. She signs in, as every day. The answer never reaches the " +
		"EHR: it leaks, and he delivers it from his own browser, in which this sign-in began.",
	Reads:    []string{"FAPI 2.0 SP 6.5"},
	Evidence: "The authorization request was opened and the answer delivered at two addresses, or in two browsers, within a minute.",
	Needs:    []event.Vantage{event.FrontHeld},
	Beyond: "FAPI 2.0 names it (SP 6.5, browser swapping) and says that it cannot be prevented completely: state, verifier and issuer are all of the " +
		"thief's own sign-in. It takes a leaked answer, which the attacker model no longer grants.",
	Run: func(ctx context.Context, g Ground) error {
		t := g.Target()
		page, err := g.Browser().Visit(ctx, t.ClientLogin+t.Issuer, t.Issuer)
		if err != nil {
			return err
		}
		if !page.Stopped {
			return fmt.Errorf("expected the client to send the browser to %s, got to %s", t.Issuer, page.URL)
		}
		before := len(g.Overheard(event.FrontHeld))
		if err := g.Lure(page.URL); err != nil {
			return err
		}
		leaked := g.Overheard(event.FrontHeld)[before:]
		if len(leaked) == 0 {
			return ErrStopped
		}
		_, err = g.Browser().Visit(ctx, leaked[0].URL, "")
		return err
	},
})
