package control

import (
	"net/url"
	"strings"
)

// What to tell the developer whose request was refused, where the guard has nothing more precise to say. A guard
// knows the request; what is usually wrong when its control refuses is the same everywhere, and stands here.

// Advise completes the advice of a mismatch: how the two values differ, if that is telling, and what to do.
func Advise(c *Control, m *Mismatch) string {
	fix := m.Fix
	if fix == "" {
		fix = advice(c)
	}
	hint := difference(m.Want, m.Got)
	switch {
	case hint == "":
		return fix
	case fix == "":
		return hint
	}
	return hint + "; " + fix
}

const (
	fixClock  = "make a new one for every request, and set the clock of the client (NTP): a clock that is minutes off is the usual cause"
	fixURL    = "sign the URL that you call, without query and fragment; behind a proxy or in a container, the one that clients know it by"
	fixOneKey = "use one key for all proofs that go with a token, from the request that fetched it on; a client that makes a key at each start loses its tokens"
	fixSign   = "sign with the private key whose public half is registered; two keys under one kid, or a key that was made anew, are the usual causes"
	fixAlg    = "sign with one of these, such as ES256 or PS256; many libraries take RS256 unless told otherwise"
	fixName   = "use the client_id that is registered, to the letter, in iss, sub and client_id"
)

// advice is what to do, by the control that refused; empty where nothing general can be said.
func advice(c *Control) string {
	switch c {
	case ASClientAuth:
		return "sign a client assertion with the client's key, and send it as client_assertion with its client_assertion_type"
	case ASClientAuthRegistered:
		return "authenticate in the one way that the client is registered for, or register it for this one"
	case ASAssertionAlg, ASRequestAlg, ASDPoPAlg, RSDPoPAlg:
		return fixAlg
	case ASAssertionSignature, ASRequestSignature:
		return fixSign
	case ASAssertionSubject, ASRequestClient:
		return fixName
	case ASAssertionExp, ASAssertionIat, ASDPoPIat, RSDPoPIat:
		return fixClock
	case ASAssertionLifetime:
		return "set exp to some seconds after iat, and make a new assertion for every request"
	case ASAssertionJTI:
		return "set jti to something random, such as a UUID"
	case ASRequestLifetime, ASRequestExp:
		return "set exp to some minutes after nbf, and make a new request object for every sign-in"
	case ASDPoPTyp, RSDPoPTyp:
		return "set the header typ of the proof to dpop+jwt"
	case ASDPoPSignature, RSDPoPSignature:
		return "put the public half of the very key that signs into the header jwk"
	case ASDPoPHTM, RSDPoPHTM:
		return "sign the method of this very request, in upper case"
	case ASDPoPHTU, RSDPoPHTU:
		return fixURL
	case ASDPoPOneProof:
		return "send one DPoP header; a middleware that adds a second is the usual cause"
	case ASCodeDPoPKey, ASDPoPKeyPinned, RSDPoPBinding:
		return fixOneKey
	}
	return adviceOnSignIn(c)
}

func adviceOnSignIn(c *Control) string {
	switch c {
	case ASPKCEMethod:
		return "send code_challenge_method=S256, and as code_challenge the base64url of the SHA-256 of the verifier; without a method it is plain"
	case ASPKCEVerifier:
		return "keep the verifier that the challenge was made of, per sign-in, and send it as code_verifier with the code"
	case ASPKCEUnexpected:
		return "send a code_challenge with the authorization request"
	case ASCodeRedirectURI:
		return "send the same redirect_uri with the code as with the authorization request, to the letter"
	case ASCodeLifetime:
		return "redeem the code at once, and start a new sign-in"
	case ASCodeOnce:
		return "start a new sign-in: a page that is reloaded, or a request that is retried, redeems the code twice"
	case ASCodeClient, ASRefreshClient:
		return "redeem what was given to a client with the same client"
	case ASPARClient:
		return "send the client_id of the client that pushed the request"
	case ASPAROnce:
		return "push a new request for every sign-in: a page that is reloaded uses it twice"
	case ASPARKeyMatch:
		return "send the proof at PAR with the key that dpop_jkt names, or leave one of the two out"
	case ASMTLSSubject, ASMTLSSelfSigned:
		return "show the certificate that is registered for this client_id, or register this one"
	case ASMTLSChain:
		return "show a certificate of an authority that this server trusts, with what lies between"
	case ASMTLSValidity:
		return "renew the certificate"
	case RSMTLSBinding:
		return "show the certificate that the token was fetched with"
	case ASRequestTyp:
		return "set the header typ to oauth-authz-req+jwt"
	case RSTokenIssuer:
		return "fetch the token from the issuer that this API trusts: its protected resource metadata names it; each name, scheme and port is an issuer of its own"
	case RSTokenType:
		return "send an access token, and not an ID token"
	case RSTokenSignature, RSTokenAlg:
		return "send the access token as it was issued, and to an API that trusts its issuer"
	case RSTokenRevoked:
		return "fetch a new token: this one was withdrawn"
	case RSSubscriptionToken:
		return "write the subscription again, with status requested and a new token, before the one it was written with expires"
	case RSEntitlementRead:
		return "ask for a record of a patient whom this person or client may see"
	}
	return ""
}

// difference says how two values differ that were meant to be the same; empty if there is nothing telling. want may
// name several, joined by "or".
func difference(want, got string) string {
	if got == "" || got == "nothing" {
		return ""
	}
	if strings.TrimSpace(got) != got {
		return "there is white space around what came"
	}
	last := ""
	for one := range strings.SplitSeq(want, " or ") {
		one, _, _ = strings.Cut(strings.TrimPrefix(one, "the string "), ", ")
		if hint := differenceFrom(one, got); hint != "" && hint != elsewhere {
			return hint
		} else if hint != "" {
			last = hint // one of the others may be nearer
		}
	}
	return last
}

const elsewhere = "they differ by the host or the port: a proxy, a container or another issuer is the usual cause"

func differenceFrom(want, got string) string {
	switch {
	case want == got:
		return ""
	case strings.EqualFold(want, got):
		return "they differ in upper and lower case"
	case want+"/" == got || got+"/" == want:
		return "they differ by the slash at the end"
	}
	w, err1 := url.Parse(want)
	g, err2 := url.Parse(got)
	if err1 != nil || err2 != nil || w.Host == "" || g.Host == "" {
		return ""
	}
	if w.Port() == "" && w.Hostname() == g.Hostname() { // the port of a loopback redirect is free (RFC 8252 s7.3)
		g.Host = w.Host
	}
	switch {
	case w.Scheme != g.Scheme && w.Hostname() == g.Hostname() && w.Path == g.Path:
		return "they differ by " + w.Scheme + " and " + g.Scheme + ": a proxy that ends TLS, or another issuer, is the usual cause"
	case w.Host == g.Host && w.Path+"/" == g.Path:
		return "they differ by the slash at the end"
	case w.Host == g.Host && strings.HasPrefix(g.Path, w.Path+"/"):
		return "what came is below what was expected, such as an endpoint in place of the issuer"
	case w.Host != g.Host:
		return elsewhere
	}
	return ""
}
