package report

import (
	"net/url"
	"strings"

	"thiefbox/sim/event"
)

// held says whose secret it is that an actor presents: the thief's own, stolen, or made up.
func (t *teller) held(kind, value, by string) string {
	noun := strings.TrimPrefix(strings.TrimPrefix(nounOf(kind), "an "), "a ")
	if value == "" {
		return "no " + noun
	}
	owner, seen := t.first[value]
	if !seen && kind == kindRequestURI {
		owner, seen = t.first[value[strings.LastIndexByte(value, ':')+1:]]
	}
	switch {
	case !t.isThief(by) && seen && t.isThief(owner):
		return possessive(t.theThief()) + " " + noun
	case !t.isThief(by) && (kind == kindCode || t.actors[by].Role == event.RolePerson):
		return nounOf(kind)
	case !t.isThief(by):
		return "its " + noun
	}
	return t.thiefs(kind, value, noun, seen, t.isThief(owner))
}

// thiefs says how he came by a secret.
func (t *teller) thiefs(kind, value, noun string, seen, had bool) string {
	p, isJWT := peek(value)
	switch {
	case seen && !had:
		return "the stolen " + noun
	case kind == kindAssertion && isJWT && t.owns(t.thief, p.claim("iss")):
		return "his own " + noun
	case !seen:
		return "a made-up " + noun
	case kind == kindAccessToken && isJWT && !(t.owns(t.thief, p.claim("sub")) && t.owns(t.thief, p.claim("client_id"))):
		return "the " + noun + " he got" // issued to him, in another's name
	}
	return "his own " + noun
}

func nounOf(kind string) string {
	if kind == kindAccessToken {
		return "a token"
	}
	for _, n := range nouns {
		if n.kind == kind {
			return n.noun
		}
	}
	return "a " + kind
}

// apiCredentials words what a request to an API carries: token, where it stands, proof.
func (t *teller) apiCredentials(r event.Request) []string {
	var parts []string
	var token, scheme string
	for _, v := range r.Message.Header["Authorization"] {
		s, credentials, _ := strings.Cut(v, " ")
		scheme, token = s, strings.TrimSpace(credentials)
		parts = append(parts, t.held(kindAccessToken, token, r.From))
	}
	secretsInURL(r.Message.URL, func(kind, value string) {
		if kind == kindAccessToken {
			token = value
			parts = append(parts, t.held(kind, value, r.From)+" in the address")
		}
	})
	if token == "" {
		if capabilities(r.Message) {
			return nil
		}
		return []string{"no token"}
	}
	return append(append(parts, t.proof(r, token, scheme)), t.certificate(r, token))
}

// certificate words the client certificate beside a token that is bound to one.
func (t *teller) certificate(r event.Request, token string) string {
	access, _ := peek(token)
	shown := r.Certificate.Thumbprint
	switch x5t := access.certificate(); {
	case x5t == "":
		return ""
	case len(r.Message.Header[certificateHeader]) > 0:
		return "a certificate in a header"
	case shown == "":
		return "no certificate"
	case shown != x5t:
		return "another certificate"
	}
	return "the token's certificate"
}

// certificateHeader: RFC 9440 s2.2.
const certificateHeader = "Client-Cert"

// shownCertificate words the certificate that the thief authenticates with; empty if he has none.
func (t *teller) shownCertificate(r event.Request) string {
	owner, seen := t.first[r.Certificate.Thumbprint]
	switch {
	case len(r.Message.Header[certificateHeader]) > 0:
		return "a certificate in a header"
	case r.Certificate.Thumbprint == "":
		return ""
	case seen && !t.isThief(owner):
		return "the stolen certificate"
	}
	return "a certificate not seen before"
}

func capabilities(m event.Message) bool {
	p := fhirPath(m)
	return p == "metadata" || strings.HasPrefix(p, ".well-known")
}

// proof words the DPoP header beside a token. A bearer token without one needs no mention.
func (t *teller) proof(r event.Request, token, scheme string) string {
	access, _ := peek(token)
	proofs := r.Message.Header["Dpop"]
	switch {
	case len(proofs) == 0 && (access.boundTo() == "" || access.certificate() != "") && !strings.EqualFold(scheme, "DPoP"):
		return ""
	case len(proofs) == 0:
		return "no proof"
	case len(proofs) > 1:
		return itoa(len(proofs)) + " proofs"
	case !t.isThief(r.From):
		return "a proof"
	}
	if owner, seen := t.first[proofs[0]]; seen {
		if t.isThief(owner) {
			return "the same proof again"
		}
		return "the captured proof"
	}
	shown, _ := peek(proofs[0])
	if jkt := access.boundTo(); jkt != "" && jkt == shown.thumbprint() {
		return "a fresh proof by the token's key"
	}
	return "a fresh proof by a key of his own"
}

// clientCredentials words how the client authenticates, and whether a proof comes with it. It is said
// of the thief only: that honest clients do it right is no news.
func (t *teller) clientCredentials(r event.Request, form url.Values) []string {
	if !t.isThief(r.From) {
		return nil
	}
	var parts []string
	basic := ""
	secretsInHeader(r.Message.Header, func(kind, value string) {
		if kind == kindSecret && basic == "" {
			basic = value // the secret comes before the whole credentials
		}
	})
	switch {
	case form.Get("client_assertion") != "":
		parts = append(parts, t.held(kindAssertion, form.Get("client_assertion"), r.From))
	case form.Get("client_secret") != "":
		parts = append(parts, t.held(kindSecret, form.Get("client_secret"), r.From))
	case basic != "":
		parts = append(parts, t.held(kindSecret, basic, r.From))
	case t.shownCertificate(r) != "":
		parts = append(parts, t.shownCertificate(r))
	default:
		parts = append(parts, "no client authentication")
	}
	if proofs := r.Message.Header["Dpop"]; len(proofs) == 1 {
		word := "a proof by a key of his own"
		if owner, seen := t.first[proofs[0]]; seen && !t.isThief(owner) {
			word = "the captured proof"
		}
		parts = append(parts, word)
	}
	return parts
}
