package idp

import (
	"maps"
	"slices"
	"strings"

	"thiefbox/sim/control"
)

// What this server publishes of itself: each route of the table in routes.go with what it gives out, and the lists of
// guards that its handler runs. A test plays every attack and holds the rulings against it.

// published is what an inventory says of a route beside its methods.
type published struct {
	title  string
	data   control.DataClass
	scopes []string
	rules  [][]*control.Control
}

// atClients are the guards of every endpoint that a client authenticates at.
func atClients() [][]*control.Control {
	return [][]*control.Control{controls(clientGuards), controls(sourceGuards), controls(pkiGuards), controls(selfSignedGuards),
		controls(assertionGuards), controls(assertionOnce)}
}

// atRequests are those of an authorization request, pushed or plain.
func atRequests() [][]*control.Control {
	return [][]*control.Control{controls(grantTypeGuards), controls(scopeGuards), controls(signedGuards), controls(objectGuards), controls(requestGuards), controls(launchGuards)}
}

// onTheWay are those of the pages that lead to a code.
func onTheWay() [][]*control.Control {
	return [][]*control.Control{controls(launchUserGuards), controls(launchOnce), controls(requestOnce)}
}

func about(path string) (published, bool) {
	proofs := [][]*control.Control{controls(proofGuards), controls(proofOnce)}
	with := func(lists ...[][]*control.Control) [][]*control.Control { return slices.Concat(lists...) }
	switch path {
	case wellKnownOpenID, wellKnownOAuth:
		return published{title: "metadata (OpenID Connect Discovery, RFC 8414)", data: control.NoData}, true
	case pathJWKS:
		return published{title: "public keys of the server", data: control.NoData}, true
	case pathExpired:
		return published{title: "public keys that are no longer used (HelseID)", data: control.NoData}, true
	case pathIDPs:
		return published{title: "where people can sign in (HelseID)", data: control.NoData}, true
	case pathPAR:
		return published{"pushed authorization requests (RFC 9126)", control.PersonalData, nil,
			with(atClients(), atRequests(), proofs, [][]*control.Control{controls(requestKeyGuards), controls(detailGuards)})}, true
	case pathAuthorize:
		return published{"authorization requests, in a browser", control.PersonalData, nil,
			with(atRequests(), [][]*control.Control{controls(arrivalGuards), controls(pushedGuards)}, onTheWay())}, true
	case pathSignIn:
		return published{title: "the sign-in page", data: control.PersonalData, rules: onTheWay()}, true
	case pathConsent:
		return published{title: "the page that asks for consent", data: control.PersonalData, rules: onTheWay()}, true
	case pathPick:
		return published{title: "the page on which somebody picks the patient for an app (SMART App Launch)", data: control.PersonalData, rules: onTheWay()}, true
	case pathLaunch:
		return published{"an EHR's word that it opens an app for somebody on a record (SMART App Launch)", control.NoData, nil, atClients()}, true
	case pathEndSession:
		return published{title: "signing out (OpenID Connect RP-Initiated Logout)", data: control.PersonalData}, true
	case pathToken:
		return published{"tokens", control.PersonalData, nil, with(atClients(), proofs, [][]*control.Control{controls(grantTypeGuards), controls(scopeGuards),
			controls(codeGuards), controls(codeOnce), controls(refreshGuards), controls(refreshOnce), controls(detailGuards), controls(exchangeGuards),
			controls(senderGuards), controls(keyGuards)})}, true
	case pathUserinfo:
		return published{"who signed in (OpenID Connect Core s5.3)", control.PersonalData, []string{"openid"},
			with(proofs, [][]*control.Control{controls(userinfoGuards)})}, true
	case pathIntrospect:
		return published{"what a token is good for (RFC 7662, RFC 9701)", control.PersonalData, nil,
			with(atClients(), [][]*control.Control{controls(introspectionGuards)})}, true
	case pathRevoke:
		return published{"withdrawing a token (RFC 7009)", control.NoData, nil, with(atClients(), [][]*control.Control{controls(revocationGuards)})}, true
	case pathRegister:
		return published{title: "registering a client (RFC 7591)", data: control.NoData, rules: [][]*control.Control{controls(registrationGuards)}}, true
	case pathRegistration:
		return published{title: "a client's own registration (RFC 7592)", data: control.NoData, rules: [][]*control.Control{controls(managementGuards)}}, true
	}
	return published{}, false
}

// Endpoints lists what this server serves, by path.
func Endpoints() []control.Endpoint {
	var out []control.Endpoint
	for _, path := range slices.Sorted(maps.Keys(routes)) {
		p, known := about(path)
		if !known {
			panic("idp: the inventory does not know " + path) // a test asks for each
		}
		shown := path
		if strings.HasSuffix(path, "/") {
			shown += "{client_id}"
		}
		out = append(out, control.Endpoint{Party: control.AS, Path: shown, Methods: strings.Split(routes[path].allow(), ", "), Title: p.title,
			Scopes: p.scopes, Data: p.data, Controls: control.InOrder(p.rules...)})
	}
	return out
}

// Serves finds the endpoint of a request's path below the issuer.
func Serves(all []control.Endpoint, path string) *control.Endpoint {
	path = PlainPath(path)
	for i := range all {
		if e := &all[i]; e.Path == path || strings.HasSuffix(e.Path, "/{client_id}") && strings.HasPrefix(path, pathRegistration) && path != pathRegister {
			return e
		}
	}
	return nil
}
