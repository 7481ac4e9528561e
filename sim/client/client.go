// Package client is the honest client systems: a web EHR in which clinicians sign in, suppliers that
// fetch records in their own name, an app that people open from the EHR on a patient's record (SMART App Launch), a portal
// that asks for people in its supplier's name, and an app that goes through a sign-in step by step, for the command
// line.
//
// They share one protocol client (protocol.go and the files beside it: discovery, authentication,
// authorization requests, tokens, resource requests), which speaks the dialect of its party. What
// they refuse stands in lists of guards, in the order a sign-in meets them: what a link may ask for (onwardGuards
// and apiGuards, onward.go), metadataGuards (discovery.go), callbackGuards (smart_onward.go), arrivalGuards (callback.go, and jarm.go for signed
// answers), typeGuards, identityGuards and originGuards (answer.go, idtoken.go), placeGuards (smart.go) where an app
// was opened on a record, and gatewayGuards (gateway.go) before somebody is shown what was fetched in another name than his.
// What stands in a record is judged before it is shown or followed: markupGuards (markup.go) and foreignGuards (document.go).
// With a guard off, the client goes on as a careless one would; what it
// then believes instead is said beside each guard.
//
// Begin with NewEHR, NewSMARTApp, NewGateway, NewSupplier, NewApp and Guards. A client knows other parties by URL only, tells the time
// and draws its secrets from its party, and never asks which controls are on.
package client

import "thiefbox/sim/control"

// Guards lists the controls of every guard list of this package, in the order they are met.
func Guards() []*control.Control {
	var all []*control.Control
	all = appendControls(all, onwardGuards)
	all = appendControls(all, apiGuards)
	all = appendControls(all, metadataGuards)
	all = appendControls(all, callbackGuards)
	all = appendControls(all, arrivalGuards)
	all = appendControls(all, typeGuards)
	all = appendControls(all, identityGuards)
	all = appendControls(all, originGuards)
	all = appendControls(all, placeGuards)
	all = appendControls(all, gatewayGuards)
	all = appendControls(all, markupGuards)
	return appendControls(all, foreignGuards)
}

func appendControls[R any](all []*control.Control, guards []control.Guard[R]) []*control.Control {
	for _, g := range guards {
		all = append(all, g.Control)
	}
	return all
}
