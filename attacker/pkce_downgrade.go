package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("C-06", Technique{
	Variant: "stripped",
	Title:   "PKCE is stripped from the request",
	Story: "The thief makes a sign-in link for the EHR that carries no PKCE challenge, and opens it in his own browser to see what a link " +
		"without one gets. Then he does what the challenge is there to prevent: he takes the code that comes of a clinician following the " +
		"link, and puts it into a sign-in of his own.",
	Reads: []string{"RFC 9700 s4.8", "RFC 9700 s2.1.1", "OIDF conformance suite, par-ensure-pkce-required"},
	Needs: []event.Vantage{event.FrontHeld},
	Run: func(ctx context.Context, g Ground) error {
		return injectFromLink(ctx, g, func(form url.Values) {
			form.Del("code_challenge")
			form.Del("code_challenge_method")
		})
	},
})

// plainChallenge is a technique that sends a challenge which is its own verifier, and says so in a way.
func plainChallenge(id, variant, title, story string, reads []string, say func(url.Values)) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads,
		Needs: []event.Vantage{event.FrontHeld}, Has: []event.Asset{event.ClientKey, event.DPoPKey},
		Run: func(ctx context.Context, g Ground) error {
			a, err := victimsApp(ctx, g)
			if err != nil {
				return err
			}
			verifier := g.Random()
			return a.lureAndRedeem(ctx, verifier, func(form url.Values) {
				form.Set("code_challenge", verifier)
				say(form) // the one thing wrong
			})
		},
	})
}

var _ = plainChallenge("C-07", "plain", "PKCE with the method plain",
	"The thief makes a sign-in link for the EHR with a challenge of the method plain, which is its own verifier. When a clinician "+
		"has followed it, he redeems her code himself: he has the EHR's keys from a backup, and the verifier was in the link.",
	[]string{"FAPI 2.0 SP 5.3.2.2-5", "RFC 7636 s7.2", "OIDF conformance suite, par-plain-pkce-rejected"},
	func(form url.Values) { form.Set("code_challenge_method", "plain") })

var _ = plainChallenge("C-07/unsaid", "method-left-out", "PKCE with no method, which means plain",
	"As with the method plain, but he leaves the method out. RFC 7636 takes that for plain, and a server that looks for the word does not find it.",
	[]string{"FAPI 2.0 SP 5.3.2.2-5", "RFC 7636 s4.3, s7.2"},
	func(form url.Values) { form.Del("code_challenge_method") })

// injectFromLink lures a clinician to a sign-in link for the honest client that the thief has made
// himself, with no help from the client, and puts her code into a sign-in of his own.
func injectFromLink(ctx context.Context, g Ground, change func(url.Values)) error {
	c := noCredentials
	c.ClientID, c.RedirectURI = g.Target().ClientID, g.Target().ClientCallback
	a, err := newApp(ctx, g, c)
	if err != nil {
		return err
	}
	a.meta.RequirePAR = false // a link of the thief's own: he cannot push in the client's name
	own, err := beginSignIn(ctx, g)
	if err != nil {
		return err
	}
	z, err := a.authorize(ctx, "openid user/*.rs", g.Target().FHIRBase, change)
	if err != nil {
		return err
	}
	code, err := a.lure(z)
	if err != nil {
		return err
	}
	_, err = g.Browser().Visit(ctx, withCode(own, code), "")
	return err
}

// lure gets a clinician to open an authorization request and returns the code that came back; the
// answer is held back, so that nobody else uses it.
func (a *app) lure(z authorization) (string, error) {
	answer, err := a.lureForAnswer(z.url)
	return answerOf(answer).Get("code"), err
}

// lureForAnswer is lure, and returns the whole answer.
func (a *app) lureForAnswer(link string) (string, error) {
	before := len(a.g.Overheard(event.FrontHeld))
	if err := a.g.Lure(link); err != nil {
		return "", err
	}
	for _, m := range a.g.Overheard(event.FrontHeld)[before:] {
		if answerOf(m.URL).Get("code") != "" {
			return m.URL, nil
		}
	}
	return "", ErrStopped
}

// lureAndRedeem makes an authorization request for a verifier, with a change, lures a clinician to it,
// and redeems her code as this app.
func (a *app) lureAndRedeem(ctx context.Context, verifier string, change func(url.Values)) error {
	resource := a.g.Target().FHIRBase
	z, err := a.authorize(ctx, "openid user/*.rs", resource, func(form url.Values) {
		form.Set("code_challenge", fapi.Hash(verifier))
		change(form)
	})
	if err != nil {
		return err
	}
	z.verifier = verifier
	code, err := a.lure(z)
	if err != nil {
		return err
	}
	t, err := a.redeem(ctx, code, z, resource)
	if err != nil {
		return err
	}
	_, err = a.read(ctx, record(a.g, stranger(a.g)), t)
	return err
}
