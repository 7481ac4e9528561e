package control

// The catalogue: every control of thiefbox, a line each, in the order a request meets them.
//
// SP is the FAPI 2.0 Security Profile (Final), BCP is RFC 9700. A control earns its place by
// stopping some attack; a test removes the excuse for any that does not.

// The authorization server authenticates the client (one guard list, used at every endpoint that asks).
var (
	ASClientAuth           = define(AS, "client-auth", "the caller proves to be the client it names", "RFC 6749 s3.2.1; SP 5.3.2.1-6, 5.3.2.2-4", "anybody who knows a client_id, which is public, acts as that client")
	ASClientAuthRegistered = define(AS, "client-auth-registered", "the client authenticates by the method it registered", "RFC 7591 s2; SP 5.3.2.1-6", "an old shared secret still opens the door after the client has moved to keys")
	ASClientAuthAsymmetric = define(AS, "client-auth-asymmetric", "the client authenticates with a key, not a shared secret", "SP 5.3.2.1-6; BCP s2.5", "a secret leaks from a repository or a log and works from anywhere")
	ASMTLSHeader           = define(AS, "mtls-header", "the client certificate comes from the TLS connection, not from a header", "RFC 8705 s6.5; RFC 9440 s4; BCP s4.13", "whoever copies a certificate into a header is its owner, and certificates are public")
	ASMTLSChain            = define(AS, "mtls-chain", "the client certificate was issued by an authority this server trusts", "RFC 8705 s2.1; SP 5.2.2.1", "anybody issues himself a certificate in the client's name")
	ASMTLSValidity         = define(AS, "mtls-validity", "the client certificate is in date", "RFC 8705 s2.1; RFC 5280 s4.1.2.5", "a certificate from an old backup is good for ever")
	ASMTLSSubject          = define(AS, "mtls-subject", "the client certificate bears the subject the client registered", "RFC 8705 s2.1, s7.4", "whoever has a certificate of the same authority is every client")
	ASMTLSSelfSigned       = define(AS, "mtls-self-signed", "the self-signed certificate is one the client registered", "RFC 8705 s2.2", "anybody makes a certificate and calls it the client's")
	ASAssertionAlg         = define(AS, "assertion-alg", "the client assertion is signed with an allowed asymmetric algorithm", "SP 5.4.1-2, 5.4.1-3; RFC 8725 s3.1", "a forger picks the algorithm: none, or HMAC with the public key")
	ASAssertionSignature   = define(AS, "assertion-signature", "the client assertion is signed by a key of the client", "RFC 7523 s3-9; SP 5.3.2.1-6", "anybody writes an assertion in the client's name")
	ASAssertionTyp         = define(AS, "assertion-typ", "the client assertion says it is one (typ client-authentication+jwt)", "RFC 10070; RFC 8725 s3.11", "another JWT signed by the same key passes for client authentication")
	ASAssertionSubject     = define(AS, "assertion-subject", "issuer, subject and client_id are the same client", "OIDC Core s9; RFC 7523 s3", "one client's key vouches for another client")
	ASAssertionAudience    = define(AS, "assertion-audience", "the client assertion is addressed to this server", "RFC 7523 s3-3", "an assertion made for another server is good here")
	ASAssertionIssuerAud   = define(AS, "assertion-audience-issuer", "the audience is the issuer identifier alone, as a string", "SP 5.3.2.1-8; RFC 10070", "a dishonest server names our endpoint as its own, harvests an assertion and spends it here (CVE-2025-27370)")
	ASAssertionExp         = define(AS, "assertion-exp", "the client assertion has an expiry that has not passed", "RFC 7523 s3-4", "an assertion found in an old log still works")
	ASAssertionIat         = define(AS, "assertion-iat", "the client assertion is not dated more than 60 s ahead", "SP 5.3.2.1-13", "assertions are stockpiled for later")
	ASAssertionLifetime    = define(AS, "assertion-lifetime", "the client assertion lives at most 60 s", "HelseID security profile; not in SP", "a leaked assertion that was never used stays good for as long as its maker wrote")
	ASAssertionJTI         = define(AS, "assertion-jti", "the client assertion is used once", "OIDC Core s9; RFC 7523 s3-7; not repeated in SP", "whoever reads a request at the token endpoint sends its assertion again")
)

// The authorization server receives an authorization request.
var (
	ASGrantType    = define(AS, "grant-type", "the client is registered for this grant", "RFC 6749 s5.2 unauthorized_client", "an app made for people's sign-in helps itself to machine access")
	ASScope        = define(AS, "scope", "the client is registered for every scope it asks for", "RFC 6749 s3.3; SP 5.3.2.1-14", "any client asks for everything and gets it")
	ASPARRequired  = define(AS, "par-required", "the authorization request was pushed", "SP 5.3.2.2-3; RFC 9126 s5", "whoever shapes the link in a browser chooses redirect, scope and challenge")
	ASPARClient    = define(AS, "par-client", "the request_uri is used by the client that pushed it", "RFC 9126 s2.2", "one client's request is shown to people under another client's name")
	ASPARExpiry    = define(AS, "par-expiry", "the request_uri is younger than its expires_in", "RFC 9126 s4; SP 5.3.2.2-12", "a request found in an old log is opened later")
	ASRedirectURI  = define(AS, "redirect-uri", "the redirect URI is one the client registered, to the letter", "BCP s2.1, s4.1; RFC 9126 s2.4", "the code is delivered to a site of the thief's choosing")
	ASPKCERequired = define(AS, "pkce-required", "the request carries a PKCE challenge", "SP 5.3.2.2-5; RFC 7636 s4.4.1", "a stolen code can be put into another session")
	ASPKCEMethod   = define(AS, "pkce-method", "the challenge method is S256", "SP 5.3.2.2-5; RFC 7636 s7.2", "with plain, whoever sees the request knows the verifier")
	ASPARKeyMatch  = define(AS, "par-dpop-key", "dpop_jkt and the proof at PAR name the same key", "RFC 9449 s10.1", "a request is bound to a key its sender never showed")
	ASPAROnce      = define(AS, "par-once", "the request_uri leads to one code only", "RFC 9126 s4; SP 5.3.2.2 note 3; not a SHALL", "a request read from a log is completed a second time by somebody else")
)

// The authorization server opens a signed authorization request (request object), and is asked for a signed answer.
var (
	ASRequestSigned    = define(AS, "request-signed", "the authorization request is a signed request object", "FAPI 2.0 MS 5.3.1; RFC 9101 s10.5", "whoever gets hold of an assertion asks for what he likes in the client's name, and the client cannot be held to what it asked for")
	ASRequestAlg       = define(AS, "request-alg", "the request object is signed with an allowed asymmetric algorithm", "RFC 9101 s6.2; SP 5.4.1", "a forger picks the algorithm: none, or HMAC with the public key")
	ASRequestSignature = define(AS, "request-signature", "the request object is signed by a key of the client it names", "RFC 9101 s6.2; FAPI 2.0 MS 5.3.1", "anybody writes a request in the client's name")
	ASRequestTyp       = define(AS, "request-typ", "the request object says it is one (typ oauth-authz-req+jwt)", "RFC 9101 s10.8; a SHOULD of FAPI 2.0 MS 5.3.2", "another JWT signed by the same key passes for a request")
	ASRequestClient    = define(AS, "request-client", "the request object is of the client that pushes it", "RFC 9101 s5, s6.2; RFC 9126 s3", "one client's key vouches for another client's request")
	ASRequestAudience  = define(AS, "request-audience", "the request object is addressed to this server", "FAPI 2.0 MS 5.3.1; RFC 9101 s4", "a request made for another server is good here")
	ASRequestNotBefore = define(AS, "request-nbf", "the request object begins to be valid now, or at most 60 minutes ago", "FAPI 2.0 MS 5.3.1", "requests are stockpiled for later, and nobody can say when one was made")
	ASRequestExp       = define(AS, "request-exp", "the request object has an expiry that has not passed", "FAPI 2.0 MS 5.3.1; RFC 7519 s4.1.4", "a request found in an old log still works")
	ASRequestLifetime  = define(AS, "request-lifetime", "the request object lives at most 60 minutes", "FAPI 2.0 MS 5.3.1", "a request stays good for as long as its maker wrote")
	ASRequestInside    = define(AS, "request-inside", "nothing stands beside the request object that does not stand in it", "RFC 9101 s5, s6.3; RFC 9126 s3; FAPI 2.0 MS 5.3.2", "the signature is the client's, and the parameters beside it are the thief's")
	ASResponseSigned   = define(AS, "response-signed", "the request asks for a signed answer (response_mode jwt)", "FAPI 2.0 MS 5.4.1", "the answer to a request that somebody else made comes unsigned, and can be altered on its way")
)

// The token endpoint, and the proofs it receives.
var (
	ASCodeClient        = define(AS, "code-client", "the code is redeemed by the client it was issued to", "RFC 6749 s4.1.3", "any registered client cashes in another's code")
	ASCodeLifetime      = define(AS, "code-lifetime", "the code is at most 60 s old", "SP 5.3.2.1-11", "a code read from a log is redeemed long after")
	ASCodeRedirectURI   = define(AS, "code-redirect-uri", "the redirect URI is the one of the authorization request", "RFC 6749 s4.1.3", "a code sent to the thief's site is put back into the honest client")
	ASPKCEUnexpected    = define(AS, "pkce-unexpected", "a verifier comes only where a challenge was sent", "BCP s2.1.1, s4.8.2", "a request stripped of its challenge goes unnoticed")
	ASPKCEVerifier      = define(AS, "pkce-verifier", "the verifier matches the challenge", "RFC 7636 s4.6; SP 5.3.2.2-5", "a stolen code works in the thief's session")
	ASRefreshClient     = define(AS, "refresh-client", "the refresh token is used by the client it was issued to", "RFC 6749 s6, s10.4", "a stolen refresh token works for any client")
	ASRefreshScope      = define(AS, "refresh-scope", "a refresh asks for no more than was granted", "RFC 6749 s6", "a narrow grant grows into a wide one")
	ASSenderConstrained = define(AS, "sender-constrained", "an access token is issued only against a proof of possession", "SP 5.3.2.1-4, 5.3.2.1-5; RFC 9449 s5.2; RFC 8705 s3.4", "a token without a key is good for whoever finds it")
	ASDPoPOneProof      = define(AS, "dpop-one-proof", "there is exactly one DPoP header", "RFC 9449 s4.3-1", "two readers of the request look at different proofs")
	ASDPoPTyp           = define(AS, "dpop-typ", "the proof says it is one (typ dpop+jwt)", "RFC 9449 s4.3-4", "another JWT of the client passes for a proof")
	ASDPoPAlg           = define(AS, "dpop-alg", "the proof is signed with an allowed asymmetric algorithm", "RFC 9449 s4.3-5; SP 5.4.1", "a forger picks the algorithm")
	ASDPoPPrivateKey    = define(AS, "dpop-private-key", "the proof's key has no private part", "RFC 9449 s4.3-7", "a client that leaks its key in every request is never told")
	ASDPoPSignature     = define(AS, "dpop-signature", "the proof is signed by the key it shows", "RFC 9449 s4.3-6", "anybody claims anybody's key")
	ASDPoPHTM           = define(AS, "dpop-htm", "the proof is for this method", "RFC 9449 s4.3-8", "a proof made for another request is good here")
	ASDPoPHTU           = define(AS, "dpop-htu", "the proof is for this URL", "RFC 9449 s4.3-9", "a proof made for another endpoint is good here")
	ASDPoPIat           = define(AS, "dpop-iat", "the proof was made just now", "RFC 9449 s4.3-11; SP 5.3.2.1-13", "an old proof is good for ever")
	ASDPoPNonce         = define(AS, "dpop-nonce", "the proof carries a nonce this server issued lately", "RFC 9449 s8; optional in SP", "proofs are made in advance and kept for later")
	ASCodeDPoPKey       = define(AS, "code-dpop-key", "the code is redeemed with the key its request was bound to", "RFC 9449 s10; SP 5.3.2.1-12", "a stolen code is bound to the thief's key")
	ASDPoPKeyPinned     = define(AS, "dpop-key-pinned", "the proof's key is one registered for this client", "no specification; SP 6.8 speaks of linking credentials", "a stolen assertion and the thief's own key make a token that is bound, to the thief")
	ASDPoPJTI           = define(AS, "dpop-jti", "the proof is used once", "RFC 9449 s11.1; not a SHALL of SP", "a whole token request is sent again")
	ASCodeOnce          = define(AS, "code-once", "the code is redeemed once", "SP 5.3.2.2-9; RFC 6749 s4.1.2", "whoever reads a token request redeems the code again")
)

// Introspection and revocation.
var (
	ASIntrospectionCaller   = define(AS, "introspection-caller", "introspection answers resource servers only", "RFC 7662 s2.1, s4; FAPI 2.0 MS 6.2", "any client learns whose token it has found")
	ASIntrospectionAudience = define(AS, "introspection-audience", "introspection tells a resource server about its own tokens only", "RFC 9701 s5; CVE-2026-37979", "one API learns what another's tokens say")
	ASRevocationClient      = define(AS, "revocation-client", "a client revokes its own tokens only", "RFC 7009 s2.1", "one client cuts another off")
)

// Clients register themselves, and manage their registrations.
var (
	ASRegistrationToken  = define(AS, "registration-token", "whoever registers a client shows an initial access token", "RFC 7591 s3, s5; not a clause of SP", "a stranger registers an app under a trustworthy name and asks people in")
	ASRegistrationAccess = define(AS, "registration-access", "a registration is read and changed with its own access token only", "RFC 7592 s2, s3, s5", "anybody puts his own key into the registration of another client")
)

// The resource server judges the access token.
var (
	RSTokenInHeader   = define(RS, "token-in-header", "the access token comes in the Authorization header", "SP 5.3.4-2; RFC 6750 s2.3", "tokens in URLs end up in logs, histories and Referer headers, and work from there")
	RSOneCredential   = define(RS, "one-credential", "there is exactly one credential", "RFC 9449 s7.1; RFC 6750 s2", "one reader checks the first credential, another uses the second")
	RSTokenAlg        = define(RS, "token-alg", "the access token is signed with an algorithm this API expects", "SP 5.4.1; RFC 8725 s3.1", "a forger picks the algorithm: none, or HMAC with the public key")
	RSTokenSignature  = define(RS, "token-signature", "the access token is signed by a key of the authorization server", "RFC 9068 s4-4; SP 5.3.4-3", "anybody writes an access token")
	RSTokenType       = define(RS, "token-type", "the access token says it is one (typ at+jwt)", "RFC 9068 s4-1; RFC 8725 s3.11", "an ID token, which many parties see, opens the API")
	RSTokenIssuer     = define(RS, "token-issuer", "the access token comes from the issuer this API trusts", "RFC 9068 s4-2", "another issuer's key is trusted with our patients")
	RSTokenAudience   = define(RS, "token-audience", "the access token is addressed to this API", "RFC 9068 s4-3; BCP s2.3; not a clause of SP", "a token for a harmless API opens this one")
	RSTokenExpiry     = define(RS, "token-expiry", "the access token has not expired", "SP 5.3.4-3; RFC 9068 s4-5", "a token found in an old log still works")
	RSAnswerSignature = define(RS, "introspection-signature", "the answer about a token is signed by the authorization server", "FAPI 2.0 MS 5.5; RFC 9701 s5", "whoever sits between API and server makes a revoked token good again")
	RSAnswerAudience  = define(RS, "introspection-audience", "the answer about a token is addressed to this API", "RFC 9701 s5; FAPI 2.0 MS 5.5", "an answer given to another API is passed on to this one")
	RSAnswerToken     = define(RS, "introspection-token", "the answer is about the token that was asked about", "no specification; RFC 9701 leaves it to the reader", "a question about a revoked token is answered with what is true of another")
	RSAnswerFresh     = define(RS, "introspection-fresh", "the answer about a token was given just now", "RFC 9701 s5 has an iat; no specification says how old it may be", "an answer from before the revocation is played again")
	RSTokenRevoked    = define(RS, "token-revoked", "the access token has not been revoked", "SP 5.3.4-3", "signing out, or pulling the emergency brake, changes nothing until the token expires")
	RSSenderBound     = define(RS, "sender-bound", "the access token is bound to a key", "SP 5.3.4-5; SP 5.3.2.1-4", "a token without a key is good for whoever finds it")
	RSScope           = define(RS, "scope", "the token's scope covers this interaction", "SP 5.3.4-4; RFC 6750 s3.1", "a token for laboratory results reads the medication list")
	RSDPoPScheme      = define(RS, "dpop-scheme", "a bound token is not accepted under the Bearer scheme", "RFC 9449 s7.2", "the thief drops the proof by changing one word")
	RSMTLSHeader      = define(RS, "mtls-header", "the client certificate comes from the TLS connection, not from a header", "RFC 8705 s3, s6.5; RFC 9440 s4; BCP s4.13", "whoever copies a certificate into a header is its owner, and certificates are public")
	RSMTLSCertificate = define(RS, "mtls-certificate", "a token bound to a certificate comes with a client certificate", "RFC 8705 s3; SP 5.3.4-5", "the thief connects without a certificate, and nobody asks for one")
	RSMTLSBinding     = define(RS, "mtls-binding", "the client certificate is the one the token is bound to", "RFC 8705 s3, s3.1; SP 5.3.4-5", "the thief connects with a certificate of his own")
	RSDPoPOneProof    = define(RS, "dpop-one-proof", "there is exactly one DPoP header", "RFC 9449 s4.3-1, s7.1", "the thief leaves the proof out, or sends two")
	RSDPoPClaims      = define(RS, "dpop-claims", "the proof has jti, htm, htu and iat", "RFC 9449 s4.3-3", "a proof without jti slips past the replay memory")
	RSDPoPTyp         = define(RS, "dpop-typ", "the proof says it is one (typ dpop+jwt)", "RFC 9449 s4.3-4", "another JWT of the client passes for a proof")
	RSDPoPAlg         = define(RS, "dpop-alg", "the proof is signed with an allowed asymmetric algorithm", "RFC 9449 s4.3-5; SP 5.4.1", "a forger picks the algorithm")
	RSDPoPPrivateKey  = define(RS, "dpop-private-key", "the proof's key has no private part", "RFC 9449 s4.3-7; CVE-2026-54431", "a client that leaks its key in every request is never told")
	RSDPoPSignature   = define(RS, "dpop-signature", "the proof is signed by the key it shows", "RFC 9449 s4.3-6", "anybody claims anybody's key")
	RSDPoPBinding     = define(RS, "dpop-binding", "the proof's key is the key the token is bound to", "RFC 9449 s4.3-12b, s6.1; SP 5.3.4-5", "the thief proves possession, of his own key")
	RSDPoPHTM         = define(RS, "dpop-htm", "the proof is for this method", "RFC 9449 s4.3-8", "a proof for reading is used for something else")
	RSDPoPHTU         = define(RS, "dpop-htu", "the proof is for this URL", "RFC 9449 s4.3-9", "a proof made for one record or one API opens another")
	RSDPoPAth         = define(RS, "dpop-ath", "the proof is for this access token", "RFC 9449 s4.3-12a", "a proof for one token carries another")
	RSDPoPIat         = define(RS, "dpop-iat", "the proof was made just now", "RFC 9449 s4.3-11", "an old proof is good for ever")
	RSDPoPNonce       = define(RS, "dpop-nonce", "the proof carries a nonce this API issued lately", "RFC 9449 s9; optional in SP", "proofs are made in advance by somebody who held the key for a minute")
	RSEntitlementRead = define(RS, "entitlement-read", "the caller may open this patient's record", "SP 5.3.4-4; OWASP API1:2023", "a valid token opens any record whose number one can guess")
	RSEntitlementFind = define(RS, "entitlement-search", "a search yields only records the caller may open", "SP 5.3.4-4; OWASP API1:2023", "leaving out the patient parameter returns everybody")
	RSDPoPJTI         = define(RS, "dpop-jti", "this node has not seen the proof within a minute", "RFC 9449 s11.1; not a SHALL of SP", "whoever reads a request sends it again")
	RSDPoPJTIWindow   = define(RS, "dpop-jti-window", "this node remembers a proof for as long as it stays acceptable", "RFC 9449 s11.1", "a proof dated a little ahead outlives the memory of it")
	RSDPoPJTIShared   = define(RS, "dpop-jti-shared", "no node of this API has seen the proof", "RFC 9449 s11.1", "the thief sends the proof to the other node")
)

// The honest client.
var (
	ClientMetadataIssuer    = define(Client, "metadata-issuer", "metadata names the issuer it was asked for", "SP 5.3.3.1-11; RFC 8414 s3.3", "a dishonest server poses as the honest one")
	ClientState             = define(Client, "state", "the answer belongs to a sign-in this browser began", "SP 5.3.3.1-12; BCP s4.7", "a victim's browser is signed in as the thief")
	ClientIss               = define(Client, "iss", "the answer comes from the server that was asked", "SP 5.3.3.2-5; RFC 9207 s2.4; JARM s2.4", "a code of the honest server is carried to the dishonest one")
	ClientResponseSigned    = define(Client, "response-signed", "the answer is signed, as was asked for", "FAPI 2.0 MS 5.4.2", "a thief leaves the signature out and writes the answer himself")
	ClientResponseAudience  = define(Client, "response-audience", "the signed answer is for this client", "JARM s2.4; FAPI 2.0 MS 5.4.2", "an answer to another application is good here")
	ClientResponseExpiry    = define(Client, "response-expiry", "the signed answer has not expired", "JARM s2.4; FAPI 2.0 MS 5.4.2", "an answer that was held back is delivered when it suits the thief")
	ClientResponseSignature = define(Client, "response-signature", "the signed answer is signed by the server that was asked", "JARM s2.4; FAPI 2.0 MS 5.4.2", "anybody writes an answer and puts his own code into it")
	ClientTokenType         = define(Client, "token-type", "the token is of the bound type that was asked for", "RFC 9449 s5", "the client uses an unbound token without noticing")
	ClientIDTokenSignature  = define(Client, "id-token-signature", "the ID token is signed by the issuer's key", "OIDC Core s3.1.3.7-6; FAPI 2.0 MS 5.6", "anybody says who has signed in")
	ClientIDTokenIssuer     = define(Client, "id-token-issuer", "the ID token comes from the issuer that was asked", "OIDC Core s3.1.3.7-2", "one server vouches for another's users")
	ClientIDTokenAudience   = define(Client, "id-token-audience", "the ID token is for this client", "OIDC Core s3.1.3.7-3", "a sign-in at another application is good here")
	ClientIDTokenExpiry     = define(Client, "id-token-expiry", "the ID token has not expired", "OIDC Core s3.1.3.7-9", "an old sign-in is good again")
	ClientIDTokenNonce      = define(Client, "id-token-nonce", "the ID token answers this request", "OIDC Core s3.1.3.7-11", "another sign-in of the same person, or a thief's, is put in place of this one")
	ClientTokenIssuer       = define(Client, "access-token-issuer", "the access token was issued by the server that was asked", "SP 6.3; no SHALL", "a dishonest server hands the client a stolen token, and the client supplies the proof (cuckoo's token)")
)
