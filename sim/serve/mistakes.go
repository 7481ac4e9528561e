package serve

import (
	"fmt"
	"net/http"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// mistakes are the ways in which a token, a proof, an assertion or a request object can be had wrong, each in one thing. A
// test sends every one of them and insists on the control that is named here.
var mistakes = []mistake{
	{"expired", inToken, "its exp has passed", by(control.RSTokenExpiry), both(later("iat", -7200), later("exp", -7200))},
	{"no-exp", inToken, "it has no exp", by(control.RSTokenExpiry), drop("exp")},
	{"not-before", inToken, "its nbf is an hour ahead", by(control.RSTokenNotBefore), func(d *draft) { d.claims["nbf"] = moment(d.claims["iat"]) + 3600 }},
	{"wrong-key", inToken, "it is signed with another key than the one it names", by(control.RSTokenSignature), signedByAnother},
	{"unknown-key", inToken, "it names a key that nobody publishes", by(control.RSTokenSignature), both(func(d *draft) { d.header.Kid = "unknown" }, signedByAnother)},
	{"broken-signature", inToken, "one character of the signature is another", by(control.RSTokenSignature), brokenSignature},
	{"alg-none", inToken, "it is not signed at all", by(control.RSTokenAlg), unsigned},
	{"public-key-as-secret", inToken, "it is signed with HS256 and the public key for a secret", by(control.RSTokenAlg), signedByPublicKey},
	{"empty-secret", inToken, "it is signed with HS256 and no secret at all", by(control.RSTokenAlg), signedByNothing},
	{"own-key", inToken, "it is signed with a key of nobody, which its header shows", by(control.RSTokenSignature), signedAndShown},
	{"zero-signature", inToken, "its signature is all zeros", by(control.RSTokenSignature), zeroSignature},
	{"wrong-issuer", inToken, "it comes from another issuer", by(control.RSTokenIssuer), set("iss", func(*draft, any) any { return otherIssuer })},
	{"wrong-audience", inToken, "it is for another API", by(control.RSTokenAudience), set("aud", func(*draft, any) any { return "https://other.thiefbox.test/fhir" })},
	{"no-audience", inToken, "it is for no API", by(control.RSTokenAudience), drop("aud")},
	{"wrong-typ", inToken, "its typ is JWT", by(control.RSTokenType), typ("JWT")},
	{"no-typ", inToken, "it has no typ", by(control.RSTokenType), typ("")},
	{"id-token", inToken, "it is an ID token: for a client, with a nonce, without a scope", by(control.RSTokenType), asIDToken},
	{"wrong-scope", inToken, "its scope is for nothing here", by(control.RSScope), set("scope", func(*draft, any) any { return "openid" })},
	{"no-scope", inToken, "it has no scope", by(control.RSScope), drop("scope")},
	{"unbound", inToken, "it has no cnf, and is sent as a bearer token", by(control.RSSenderBound), both(drop("cnf"), func(d *draft) { d.scheme = "Bearer" })},
	{"bound-to-another-key", inToken, "its cnf names another key than the proof's", by(control.RSDPoPBinding),
		set("cnf", func(*draft, any) any { return map[string]string{"jkt": fapi.Hash("a key of nobody")} })},
	{"bound-to-weak-key", inToken, "its cnf names an RSA key of 1024 bits, that of proofs with the mistake weak-key", by(control.RSDPoPBinding), boundToWeakKey},
	{"bearer-scheme", inToken, "it is bound to a key, and is sent as a bearer token", by(control.RSDPoPScheme), func(d *draft) { d.scheme = "Bearer" }},

	{"no-jti", inProof, "it has no jti", by(control.RSDPoPClaims), drop("jti")},
	{"no-htm", inProof, "it has no htm", by(control.RSDPoPClaims), drop("htm")},
	{"no-htu", inProof, "it has no htu", by(control.RSDPoPClaims), drop("htu")},
	{"no-iat", inProof, "it has no iat", by(control.RSDPoPClaims), drop("iat")},
	{"no-ath", inProof, "it has no ath", by(control.RSDPoPAth), drop("ath")},
	{"wrong-htm", inProof, "its htm is another method", by(control.RSDPoPHTM), set("htm", func(_ *draft, was any) any {
		if was == http.MethodPut {
			return http.MethodDelete
		}
		return http.MethodPut
	})},
	{"wrong-htu", inProof, "its htu is another URL", by(control.RSDPoPHTU), set("htu", func(_ *draft, was any) any { return fmt.Sprint(was, "/other") })},
	{"other-host", inProof, "its htu is the same path at another host", by(control.RSDPoPHTU), set("htu", func(_ *draft, was any) any { return atOtherHost(fmt.Sprint(was)) })},
	{"wrong-ath", inProof, "its ath is of another token", by(control.RSDPoPAth), set("ath", func(*draft, any) any { return fapi.Hash("another token") })},
	{"iat-past", inProof, "its iat is ten minutes ago", by(control.RSDPoPIat), later("iat", -600)},
	{"iat-future", inProof, "its iat is ten minutes ahead", by(control.RSDPoPIat), later("iat", 600)},
	{"wrong-typ", inProof, "its typ is JWT", by(control.RSDPoPTyp), typ("JWT")},
	{"no-typ", inProof, "it has no typ", by(control.RSDPoPTyp), typ("")},
	{"no-alg", inProof, "its header has no alg", by(control.RSDPoPAlg), without("alg")},
	{"no-jwk", inProof, "its header has no jwk, so that it cannot be read", "", without("jwk")},
	{"alg-none", inProof, "it is not signed at all", by(control.RSDPoPAlg), unsigned},
	{"public-key-as-secret", inProof, "it is signed with HS256 and the public key for a secret", by(control.RSDPoPAlg), signedByPublicKey},
	{"private-key-shown", inProof, "its jwk shows the private key", by(control.RSDPoPPrivateKey), func(d *draft) { d.header.JWK = d.key.PrivateJWK() }},
	{"broken-signature", inProof, "one character of the signature is another", by(control.RSDPoPSignature), brokenSignature},
	{"zero-signature", inProof, "its signature is all zeros", by(control.RSDPoPSignature), zeroSignature},
	{"weak-key", inProof, "its key is an RSA key of 1024 bits, so that it cannot be read", "", byWeakKey},
	{"wrong-nonce", inProof, "its nonce was made by nobody", by(control.RSDPoPNonce), set("nonce", func(*draft, any) any { return "made-by-nobody" })},
	{"no-nonce", inProof, "it has no nonce", by(control.RSDPoPNonce), drop("nonce")},

	{"expired", inAssertion, "its exp has passed", by(control.ASAssertionExp), both(later("iat", -600), later("exp", -600))},
	{"no-exp", inAssertion, "it has no exp", by(control.ASAssertionExp), drop("exp")},
	{"iat-future", inAssertion, "its iat is two minutes ahead", by(control.ASAssertionIat), both(later("iat", 120), later("exp", 120))},
	{"long-lived", inAssertion, "it is good for an hour", by(control.ASAssertionLifetime), later("exp", 3600)},
	{"no-jti", inAssertion, "it has no jti", by(control.ASAssertionJTI), drop("jti")},
	{"no-sub", inAssertion, "it has no sub", by(control.ASAssertionSubject), drop("sub")},
	{"wrong-sub", inAssertion, "its sub is another client", by(control.ASAssertionSubject), set("sub", func(*draft, any) any { return "another" })},
	{"wrong-audience", inAssertion, "it is for another server", by(control.ASAssertionAudience), set("aud", func(*draft, any) any { return "https://other.thiefbox.test" })},
	{"endpoint-audience", inAssertion, "its aud is the token endpoint", by(control.ASAssertionIssuerAud), set("aud", func(_ *draft, was any) any { return fmt.Sprint(was, "/token") })},
	{"array-audience", inAssertion, "its aud is a list", by(control.ASAssertionIssuerAud), set("aud", func(_ *draft, was any) any { return []any{was} })},
	{"wrong-typ", inAssertion, "its typ is JWT", by(control.ASAssertionTyp), typ("JWT")},
	{"alg-none", inAssertion, "it is not signed at all", by(control.ASAssertionAlg), unsigned},
	{"public-key-as-secret", inAssertion, "it is signed with HS256 and the public key for a secret", by(control.ASAssertionAlg), signedByPublicKey},
	{"wrong-key", inAssertion, "it is signed with a key of nobody", by(control.ASAssertionSignature), signedByAnother},
	{"broken-signature", inAssertion, "one character of the signature is another", by(control.ASAssertionSignature), brokenSignature},

	{"expired", inRequest, "its exp has passed", by(control.ASRequestExp), both(later("nbf", -1200), later("exp", -1200))},
	{"no-exp", inRequest, "it has no exp", by(control.ASRequestExp), drop("exp")},
	{"long-lived", inRequest, "it is good for two hours", by(control.ASRequestLifetime), later("exp", 7200)},
	{"not-before", inRequest, "its nbf is ten minutes ahead", by(control.ASRequestNotBefore), both(later("nbf", 600), later("exp", 600))},
	{"old", inRequest, "its nbf is two hours ago, and its exp half an hour ahead", by(control.ASRequestNotBefore), both(later("nbf", -7200), later("exp", 1200))},
	{"no-nbf", inRequest, "it has no nbf", by(control.ASRequestNotBefore), drop("nbf")},
	{"wrong-audience", inRequest, "it is for another server", by(control.ASRequestAudience), set("aud", func(*draft, any) any { return otherIssuer })},
	{"endpoint-audience", inRequest, "its aud is the PAR endpoint", by(control.ASRequestAudience), set("aud", func(_ *draft, was any) any { return fmt.Sprint(was, "/par") })},
	{"no-audience", inRequest, "it has no aud", by(control.ASRequestAudience), drop("aud")},
	{"wrong-iss", inRequest, "its iss is nobody", by(control.ASRequestSignature), set("iss", func(*draft, any) any { return "another" })},
	{"wrong-client", inRequest, "the client_id in it is another client's", by(control.ASRequestClient), set("client_id", func(*draft, any) any { return "another" })},
	{"no-client", inRequest, "it has no client_id", by(control.ASRequestClient), drop("client_id")},
	{"wrong-typ", inRequest, "its typ is JWT", by(control.ASRequestTyp), typ("JWT")},
	{"no-typ", inRequest, "it has no typ", by(control.ASRequestTyp), typ("")},
	{"alg-none", inRequest, "it is not signed at all", by(control.ASRequestAlg), unsigned},
	{"public-key-as-secret", inRequest, "it is signed with HS256 and the public key for a secret", by(control.ASRequestAlg), signedByPublicKey},
	{"wrong-key", inRequest, "it is signed with a key of nobody", by(control.ASRequestSignature), signedByAnother},
	{"broken-signature", inRequest, "one character of the signature is another", by(control.ASRequestSignature), brokenSignature},
	{"nested", inRequest, "it holds another request object, so that it cannot be read", "", set("request", func(*draft, any) any { return "eyJ9.e30.x" })},
}

func (i *Issuer) serveMistakes(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, mistakes)
}
