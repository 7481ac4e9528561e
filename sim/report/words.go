package report

import (
	"fmt"
	"strconv"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

func itoa(n int) string { return strconv.Itoa(n) }

// count writes a number with its noun: "1 run", "2 runs".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return itoa(n) + " " + noun + "s"
}

func possessive(name string) string { return name + "'s" }

// list joins words as a sentence does: "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func phaseSentence(p event.PhaseName) string {
	switch p {
	case event.PhaseJourney:
		return "Honest people at work: the door opens for the right key."
	case event.PhaseFoothold:
		return "The foothold: what the thief has, and people working while he listens."
	case event.PhaseAttack:
		return "Now the thief tries."
	}
	return string(p)
}

func journeySentence(b event.Journey) string {
	if b.OK {
		return "the honest journey works: " + b.Name
	}
	return "the honest journey fails: " + b.Name + ": " + b.Error
}

var places = map[event.Vantage]string{
	event.APILog:           "in the API's access log",
	event.APIProxy:         "at a proxy in front of the API",
	event.APIProxyHeld:     "at a proxy that holds it back from the API",
	event.TokenLog:         "in a log of the authorization server",
	event.TokenPassing:     "at a proxy that lets it pass to the authorization server",
	event.TokenHeld:        "at a proxy that holds it back from the authorization server",
	event.FrontRequest:     "in the browser",
	event.FrontResponse:    "in the browser",
	event.FrontHeld:        "in the browser, before the client sees it",
	event.LabServer:        "at the laboratory's API",
	event.IntrospectionHop: "between the FHIR API and its authorization server",
	event.RogueAS:          "at his own authorization server",
	event.ViewerLink:       "at his own site, in what a visitor's browser says",
	event.SupportBundle:    "in a recording on a support ticket",
	event.PageScript:       "in the page",
	event.IntrospectionCut: "on the line between the API and the authorization server",
}

func place(v event.Vantage) string {
	if p := places[v]; p != "" {
		return p
	}
	return "at " + string(v)
}

var vantages = map[event.Vantage]string{
	event.APILog:           "reads the API's access log: request lines and Authorization headers",
	event.APIProxy:         "reads whole requests to the API after they were served, at a proxy that ends TLS",
	event.APIProxyHeld:     "holds a request to the API back before it arrives",
	event.TokenLog:         "reads whole requests to the authorization server after they were served",
	event.TokenPassing:     "sees token requests at a proxy while they are on their way to the server",
	event.TokenHeld:        "holds a token request back before it arrives",
	event.FrontRequest:     "sees the authorization request in the browser",
	event.FrontResponse:    "sees the authorization response in the browser, after its use",
	event.FrontHeld:        "holds the authorization response back: the client never sees the code",
	event.LabServer:        "runs the laboratory's API, which the same client also calls",
	event.IntrospectionHop: "sits between the FHIR API and its authorization server, and can change what they say about tokens",
	event.RogueAS:          "runs an authorization server that the honest client also uses",
	event.ViewerLink:       "has a site that the client's old document viewer links to, and sees where visitors come from",
	event.SupportBundle:    "reads a recording of what the client sent to the API, made for its supplier",
	event.PageScript:       "has script of his run in the client's pages, in a clinician's browser",
	event.IntrospectionCut: "can keep the API from reaching the authorization server",
}

// VantageWords says what a vantage lets the thief do: "reads the API's access log: …".
func VantageWords(v event.Vantage) string {
	if w := vantages[v]; w != "" {
		return w
	}
	return "listens at " + string(v)
}

var assets = map[event.Asset]string{
	event.OwnClient:         "has an app of his own, honestly registered",
	event.OwnSystem:         "has a system of his own, honestly registered",
	event.RegistrationToken: "has the token with which a client manages its registration",
	event.ClientDatabase:    "has a backup of the client's session table: tokens, no keys",
	event.ClientKey:         "has the client's key for client authentication",
	event.OldCertificate:    "has last year's certificate of the client, which has expired, and its key",
	event.DPoPKey:           "has the key the client's tokens are bound to",
	event.Signed:            "had the client's keys sign a few proofs and assertions in advance",
	event.ServerKey:         "has the key that the authorization server signs its tokens with",
	event.LabCredentials:    "has the credentials by which the laboratory's API introspects tokens",
	event.ClientSecret:      "has the shared secret the client once used",
	event.BrowserStorage:    "has read the access token that a page kept in a clinician's browser",
	event.BrowserHistory:    "has read the history of a clinician's browser",
	event.SessionCookie:     "has the cookies that a clinician's browser holds for the client",
	event.Password:          "has what a clinician typed into his copy of the sign-in page",
	event.TenantToken:       "has a token that the same key signed for another tenant of the server's product, which is his",
	event.EarlyToken:        "has a token that somebody made by hand with the server's key, for a day to come",
	event.EndlessToken:      "has a token that somebody made by hand with the server's key, without an expiry",
	event.ServerDatabase:    "has a copy of the authorization server's database, tokens in clear",
}

// AssetWords says what holding an asset means: "has a backup of the client's session table: …".
func AssetWords(a event.Asset) string {
	if w := assets[a]; w != "" {
		return w
	}
	return "has " + string(a)
}

func overheardWhat(m event.Message) string {
	what := "a response"
	switch {
	case m.Method != "":
		what = m.Method + " " + shortPath(m.URL)
	case m.Status != 0:
		what = "a response with status " + itoa(m.Status)
	}
	if carried := carried(m); carried != "" {
		what += ", with " + carried
	}
	return what
}

var nouns = []struct{ kind, noun string }{
	{kindAccessToken, "an access token"}, {kindProof, "a proof"}, {kindCode, "a code"}, {kindVerifier, "a PKCE verifier"},
	{kindAssertion, "a client assertion"}, {kindSecret, "a client secret"}, {kindRefreshToken, "a refresh token"},
	{kindIDToken, "an ID token"}, {kindRequestObject, "a request object"}, {kindResponse, "a signed answer"}, {kindIntrospection, "a signed answer about a token"}, {kindRequestURI, "a request_uri"}, {kindPassword, "a password"},
}

// carried lists the credentials in a message: "an access token and a proof".
func carried(m event.Message) string {
	has := map[string]bool{}
	secretsOf(m, func(kind, _ string) { has[kind] = true })
	var words []string
	for _, n := range nouns {
		if has[n.kind] {
			words = append(words, n.noun)
		}
	}
	return list(words)
}

// attackSentence opens the attack: what the thief has, and what he tries with it.
func attackSentence(thief string, has []string, title string) string {
	with := "a stranger with nothing stolen,"
	if len(has) > 0 {
		with = "who " + list(has) + ","
	}
	s := "Now " + thief + ", " + with + " tries"
	if title == "" {
		return s + " what he can."
	}
	return s + ": " + lowerTitle(title) + "."
}

// lowerTitle begins a title in the middle of a sentence.
func lowerTitle(title string) string {
	if rest, ok := strings.CutPrefix(title, "A "); ok {
		return "a " + rest
	}
	return lower(title)
}

// short is words without what explains them: "reads the API's access log".
func short(words string) string {
	head, _, _ := strings.Cut(words, ":")
	return head
}

// demand is what a control insists on, from the catalogue: "a code is redeemed once (as/code-once)".
func demand(id string) string {
	c, err := control.Lookup(id)
	if err != nil {
		return id // a recording of another version: its own words must do
	}
	return fmt.Sprintf("%s (%s)", c.Title, id)
}

// Lesson is what to remember of a control: what it asks, and what goes wrong without it.
func Lesson(id string) string {
	c, err := control.Lookup(id)
	if err != nil {
		return id
	}
	return fmt.Sprintf("%s asks that %s. Without it, %s", id, c.Title, c.Why)
}

// AttackerWords is an attacker of the FAPI 2.0 attacker model with what he can do, by the name he has there.
// Anybody else is outside it.
func AttackerWords(class string) string {
	switch class {
	case "A1":
		return "A1: has sites, accounts and clients of his own, and sends links"
	case "A1a":
		return "A1a: also runs an authorization server that the honest client uses"
	case "A3a":
		return "A3a: also reads authorization requests in the browser"
	case "A5":
		return "A5: also reads requests to an API after they were served"
	}
	return "outside: it takes more than any attacker there is granted"
}
