package sim

import "thiefbox/sim/event"

var vantageWords = map[event.Vantage]string{
	event.APILog:        "reads the API's access log: request lines and Authorization headers",
	event.APIProxy:      "reads whole requests to the API after they were served, at a proxy that ends TLS",
	event.APIProxyHeld:  "holds a request to the API back before it arrives",
	event.TokenLog:      "reads whole requests to the authorization server after they were served",
	event.TokenHeld:     "holds a token request back before it arrives",
	event.FrontRequest:  "sees the authorization request in the browser",
	event.FrontResponse: "sees the authorization response in the browser, after its use",
	event.FrontHeld:     "holds the authorization response back: the client never sees the code",
	event.LabServer:     "runs the laboratory's API, which the same client also calls",
	event.RogueAS:       "runs an authorization server that the honest client also uses",
}

var assetWords = map[event.Asset]string{
	event.OwnClient:      "has an app of his own, honestly registered",
	event.ClientDatabase: "has a backup of the EHR's session table: tokens, no keys",
	event.ClientKey:      "has the EHR's key for client authentication",
	event.DPoPKey:        "has the EHR's DPoP key",
	event.Signed:         "had the EHR's keys sign a few proofs and assertions in advance",
	event.LabCredentials: "has the credentials by which the laboratory's API introspects tokens",
	event.ClientSecret:   "has the shared secret the EHR once used",
}
