package control

import (
	"fmt"
	"slices"
	"time"
)

// Dialect is how the honest parties speak: what goes into messages, never what is refused.
type Dialect struct {
	ClientAuth ClientAuth `json:"client_auth"`
	Constraint Constraint `json:"sender_constraint"`
	Request    Request    `json:"request"`
	// Response is how the client asks for the answer to an authorization request.
	Response Response `json:"response"`
	// AssertionAudience is what a client writes into the aud of its assertions.
	AssertionAudience AssertionAudience `json:"assertion_audience,omitempty"`
	// AssertionTyp is the typ header of client assertions; empty leaves it out.
	AssertionTyp string `json:"assertion_typ,omitempty"`
	// AssertionLifetime is how far ahead clients date the exp of their assertions.
	AssertionLifetime time.Duration `json:"assertion_lifetime,omitempty"`
	// PKCE: the client sends an S256 challenge.
	PKCE bool `json:"pkce"`
	// CodeBinding: the client sends dpop_jkt with its authorization request (RFC 9449 s10).
	CodeBinding bool `json:"code_binding"`
	// PerAPITokens: the client asks for one access token per API with resource (RFC 8707). Without
	// it one token carries every API as audience.
	PerAPITokens bool `json:"per_api_tokens"`
	// AccessTokenLifetime is the exp the authorization server writes into access tokens.
	AccessTokenLifetime time.Duration `json:"access_token_lifetime"`
	// Introspection: APIs ask the authorization server about every token they are shown (RFC 7662).
	Introspection bool `json:"introspection"`
	// SignedIntrospection: they ask for signed answers (RFC 9701).
	SignedIntrospection bool `json:"signed_introspection"`
	// ClientAlgs names the algorithms that clients may sign with: empty for those of FAPI 2.0 (PS256,
	// ES256, EdDSA), "national" for those of HelseID (RS, PS and ES with 256, 384 and 512).
	ClientAlgs string `json:"client_algs,omitempty"`
	// RefreshRotation: each refresh brings a new refresh token, meant to take the place of the one used.
	RefreshRotation bool `json:"refresh_rotation"`
	// TokenAlg signs whatever the server signs: ES256, PS256, EdDSA, or RS256 where the national profile needs it.
	TokenAlg string `json:"token_alg"`
	// Shape is how tokens are written: empty as in RFC 9068, "helseid" with the claims and forms of HelseID, which also
	// takes organisation numbers and the like inside client assertions.
	Shape Shape `json:"shape,omitempty"`
}

// Shape is a custom in writing tokens.
type Shape string

// ShapeHelseID is that of the Norwegian national profile.
const ShapeHelseID Shape = "helseid"

// ClientAuth is how clients authenticate at the token endpoint, by its registered name (RFC 7591 s2).
type ClientAuth string

// Ways of client authentication.
const (
	ClientSecretBasic ClientAuth = "client_secret_basic"
	ClientSecretPost  ClientAuth = "client_secret_post"
	PrivateKeyJWT     ClientAuth = "private_key_jwt"
	// TLSClientAuth is a certificate of an authority, and a subject that is registered; SelfSignedTLSClientAuth
	// a certificate that is itself registered (RFC 8705 s2).
	TLSClientAuth           ClientAuth = "tls_client_auth"
	SelfSignedTLSClientAuth ClientAuth = "self_signed_tls_client_auth"
)

// ByCertificate tells whether it is one of the two ways of RFC 8705.
func (a ClientAuth) ByCertificate() bool { return a == TLSClientAuth || a == SelfSignedTLSClientAuth }

// Asymmetric tells whether the client proves to hold a key, and shares no secret (SP 5.3.2.1-6).
func (a ClientAuth) Asymmetric() bool { return a == PrivateKeyJWT || a.ByCertificate() }

// Constraint is how access tokens are tied to their holder.
type Constraint string

// Sender constraints.
const (
	Bearer Constraint = "bearer"
	DPoP   Constraint = "dpop"
	MTLS   Constraint = "mtls" // to a client certificate (RFC 8705 s3)
)

// Request is how authorization requests travel.
type Request string

// Ways of making an authorization request.
const (
	PlainRequest  Request = "plain"  // parameters in the browser's address bar
	PushedRequest Request = "pushed" // RFC 9126
	SignedRequest Request = "signed" // pushed, as a signed request object (RFC 9101)
)

// Response is how authorization responses travel.
type Response string

// Ways of answering an authorization request.
const (
	PlainResponse Response = "plain" // parameters in the browser's address bar
	JWTResponse   Response = "jwt"   // one parameter, which is a signed JWT (JARM)
)

// AssertionAudience is the audience clients write into assertions.
type AssertionAudience string

// Audiences of client assertions.
const (
	AudienceIssuer   AssertionAudience = "issuer"         // SP 5.3.3.1-5
	AudienceEndpoint AssertionAudience = "token_endpoint" // as OIDC Core taught until 2025
	// AudienceArray is both in an array: the caution of those who met servers of either kind.
	AudienceArray AssertionAudience = "array"
)

// Certificates tells whether clients that speak this dialect show a certificate.
func (d Dialect) Certificates() bool { return d.ClientAuth.ByCertificate() || d.Constraint == MTLS }

// Profile is a dialect and a set of controls.
type Profile struct {
	Name     string
	Title    string // one line for a person
	Dialect  Dialect
	Controls Set
}

// With returns the profile with controls added; Without, with controls removed; the name stays.
func (p Profile) With(cs ...*Control) Profile    { p.Controls = p.Controls.With(cs...); return p }
func (p Profile) Without(cs ...*Control) Profile { p.Controls = p.Controls.Without(cs...); return p }

// Bare returns the profile's dialect with no control on: the world in which every attack must win.
func (p Profile) Bare() Profile { p.Controls = Set{}; return p }

// Full returns the profile's dialect with every control on that its dialect can satisfy.
func (p Profile) Full() Profile { p.Controls = p.satisfiable(); return p }

// satisfiable leaves out the controls that an honest client speaking this dialect would fail.
func (p Profile) satisfiable() Set {
	s := Everything()
	d := p.Dialect
	if !d.ClientAuth.Asymmetric() {
		s = s.Without(ASClientAuthAsymmetric)
	}
	if d.AssertionAudience != AudienceIssuer {
		s = s.Without(ASAssertionIssuerAud)
	}
	if d.AssertionTyp != AssertionTypNew {
		s = s.Without(ASAssertionTyp)
	}
	if d.AssertionLifetime > time.Minute {
		s = s.Without(ASAssertionLifetime)
	}
	if !d.PKCE {
		s = s.Without(ASPKCERequired)
	}
	if d.Request == PlainRequest {
		s = s.Without(ASPARRequired)
	}
	if d.Request != SignedRequest {
		s = s.Without(ASRequestSigned)
	}
	if d.Response != JWTResponse {
		s = s.Without(ASResponseSigned).Without(signedResponse...)
	}
	if d.Constraint == Bearer {
		s = s.Without(ASSenderConstrained, RSSenderBound)
	}
	if !d.Introspection {
		s = s.Without(RSTokenRevoked, RSAnswerToken)
	}
	if !d.Introspection || !d.SignedIntrospection {
		s = s.Without(RSAnswerSignature, RSAnswerAudience, RSAnswerFresh)
	}
	return s
}

// AssertionTypNew is the typ that RFC 10070 gives to client assertions.
const AssertionTypNew = "client-authentication+jwt"

var bearerDialect = Dialect{
	ClientAuth: ClientSecretBasic, Constraint: Bearer, Request: PlainRequest, Response: PlainResponse,
	AccessTokenLifetime: time.Hour, TokenAlg: "ES256",
	ClientAlgs: "national", // clients that do sign something sign as SMART has it: RS384 or ES384
}

var fapiDialect = Dialect{
	ClientAuth: PrivateKeyJWT, Constraint: DPoP, Request: PushedRequest, Response: PlainResponse,
	AssertionAudience: AudienceIssuer, AssertionLifetime: time.Minute,
	PKCE: true, Introspection: true, AccessTokenLifetime: 10 * time.Minute, TokenAlg: "ES256",
}

// What even a hurried server checks: the plain duties of RFC 6749, and at the API signature, expiry and scope.
var basics = SetOf(
	ASClientAuth, ASClientAuthRegistered, ASMTLSChain, ASMTLSValidity, ASMTLSSubject, ASMTLSSelfSigned, ASAssertionAlg, ASAssertionSignature, ASAssertionSubject,
	ASAssertionAudience, ASAssertionExp,
	ASRequestAlg, ASRequestSignature, ASRequestClient, ASRequestAudience, ASRequestExp, ASGrantType, ASScope,
	ASCodeClient, ASCodeRedirectURI, ASPKCEVerifier, ASCodeOnce, ASRefreshClient, ASRefreshScope, ASRefreshRevoked, ASDetails, ASExchangeScope,
	ASIntrospectionCaller, ASRevocationClient, ASRegistrationAccess,
	RSTokenAlg, RSTokenSignature, RSTokenExpiry, RSTokenNotBefore, RSScope,
)

// Every MUST of RFC 9700, and the audience restriction it recommends. Sender-constraining and
// asymmetric client authentication are a SHOULD there: making them a SHALL is what FAPI 2.0 adds.
var currentPractice = basics.With(
	ASRedirectURI, ASResponseType, ASPKCERequired, ASPKCEMethod, ASPKCEUnexpected, ASCodeLifetime, ASRefreshOnce,
	RSTokenInHeader, RSTokenType, RSTokenIssuer, RSTokenAudience, RSForwardedHost, RSScopeInclude, RSScopeChain, RSPatientContext, RSScopeQuery, ASExchangeAudience,
	RSElements,
	ClientMetadataIssuer, ClientOnward, ClientCallbackOnward, ClientState, ClientIss, ClientTokenType,
	ClientIDTokenSignature, ClientIDTokenIssuer, ClientIDTokenAudience, ClientIDTokenExpiry, ClientIDTokenNonce,
)

// Every SHALL of FAPI 2.0 SP, whichever way clients authenticate and tokens are bound, under the audience
// rule before 2025.
var fapiOld = currentPractice.Without(RSTokenAudience).With(
	ASClientAuthAsymmetric, ASMTLSHeader, ASAssertionIat, ASPARRequired, ASPARClient, ASPARExpiry, ASPARKeyMatch,
	ASSenderConstrained, ASCodeDPoPKey, ASUserinfoProof,
	ASDPoPOneProof, ASDPoPTyp, ASDPoPAlg, ASDPoPPrivateKey, ASDPoPSignature, ASDPoPHTM, ASDPoPHTU, ASDPoPIat,
	RSOldBase, RSOneCredential, RSStandingKnown, RSTokenRevoked, RSSenderBound, RSMethodOverride, RSMTLSHeader, RSMTLSCertificate, RSMTLSBinding, RSDPoPScheme, RSDPoPOneProof, RSDPoPClaims, RSDPoPTyp, RSDPoPAlg,
	RSDPoPPrivateKey, RSDPoPSignature, RSDPoPBinding, RSDPoPHTM, RSDPoPHTU, RSDPoPAth, RSDPoPIat,
)

var fapi = fapiOld.With(ASAssertionIssuerAud)

// What the client looks at in a signed answer.
var signedResponse = []*Control{ClientResponseSigned, ClientResponseAudience, ClientResponseExpiry, ClientResponseSignature}

// Every SHALL of FAPI 2.0 Message Signing on top, and the iat of signed answers, which no specification gives an
// age but a signature is worth little without. The typ of request objects is a SHOULD of the client's: a server
// that insisted on it would refuse clients that conform, so it is left to the hardened.
var messageSigning = fapi.With(signedResponse...).With(
	ASRequestSigned, ASRequestNotBefore, ASRequestLifetime, ASRequestInside, ASResponseSigned,
	RSAnswerSignature, RSAnswerAudience, RSAnswerFresh,
)

// FAPI 2.0 and what it leaves to those who know why they need it.
var beyondFAPI = fapi.With(
	ASAssertionLifetime, ASAssertionJTI, ASPAROnce, ASPARClientNow, ASDPoPNonce, ASDPoPKeyPinned, ASDPoPJTI, ASIntrospectionAudience, ASRegistrationToken,
	RSTokenAudience, RSStepUp, RSDPoPNonce, RSDPoPJTI, RSDPoPJTISpelling, RSDPoPJTIWindow, RSDPoPJTIShared, ClientAPI, ClientTokenIssuer,
	ASRequestTyp, RSAnswerToken, RSSubscriptionToken,
	ASLaunchAudience, ASLaunchClient, ASLaunchLifetime, ASLaunchUser, ASLaunchOnce, ClientLaunchContext, ClientFHIRUser,
	ClientActiveContent, ClientForeignReference,
)

func (d Dialect) with(change func(*Dialect)) Dialect { change(&d); return d }

var profiles = []Profile{
	{"legacy", "the hurried rollout: bearer tokens, shared secrets, no PAR", bearerDialect, basics},
	{"bcp", "OAuth as RFC 9700 asks: PKCE, exact redirects, iss, audiences; still bearer tokens",
		bearerDialect.with(func(d *Dialect) { d.PKCE, d.PerAPITokens, d.RefreshRotation = true, true, true }), currentPractice},
	{"pre-2025", "FAPI 2.0 before the audience rule of 2025 (audience injection works)",
		fapiDialect.with(func(d *Dialect) { d.AssertionAudience = AudienceEndpoint }), fapiOld},
	{"fapi2-dpop", "FAPI 2.0 Security Profile: every SHALL, with private_key_jwt and DPoP", fapiDialect, fapi},
	{"fapi2-mtls", "FAPI 2.0 Security Profile: every SHALL, with client certificates and tokens bound to them",
		fapiDialect.with(func(d *Dialect) { d.ClientAuth, d.Constraint = TLSClientAuth, MTLS }), fapi},
	{"fapi2-message-signing", "FAPI 2.0 with Message Signing: signed requests, answers and introspection",
		fapiDialect.with(func(d *Dialect) {
			d.Request, d.Response, d.SignedIntrospection = SignedRequest, JWTResponse, true
		}), messageSigning},
	{"hardened", "FAPI 2.0 with nonces, shared replay memory, audience checks, short lifetimes", hardenedDialect, beyondFAPI},
	{"helseid", "the national profile of Norway's HelseID",
		fapiDialect.with(func(d *Dialect) {
			d.AssertionTyp, d.AssertionLifetime = AssertionTypNew, 10*time.Second
			d.PerAPITokens, d.TokenAlg, d.Introspection, d.ClientAlgs = true, "RS256", false, "national"
			d.Shape = ShapeHelseID
		}),
		// Deltas to FAPI 2.0: typ and lifetime of assertions, single use of jti in assertions and
		// proofs, a nonce at the server, and an API that checks audience and replay on its own node.
		// Access tokens are short and cannot be revoked, so RS clause 5.3.4-3 is met in part only.
		fapi.Without(RSTokenRevoked).With(ASAssertionTyp, ASAssertionLifetime, ASAssertionJTI, ASDPoPNonce, ASDPoPJTI, ASRegistrationToken,
			RSTokenAudience, RSDPoPJTI, RSDPoPJTISpelling, RSDPoPJTIWindow)},
	{"hardened+entitlement", "hardened, and the API asks whose record it is", hardenedDialect,
		beyondFAPI.With(wholeEntitlement...).With(RSTenant, RSRate, RSMisses, RSVolume, RSScopeSince, RSAuditReader, RSAuditAppend, RSLabelRead, RSLabelSearch, RSLabelWrite,
			RSConsent, RSConsentAuthor, RSAssignedProperties, RSNarrative,
			RSGlassClinician, RSGlassSignIn, RSGlassReach, RSGlassOnce, ClientGatewayObject)},
}

// The one question, whose record it is, at every way by which a record can leave or be changed.
var wholeEntitlement = []*Control{
	RSEntitlementRead, RSEntitlementFind, RSEntitlementPage, RSEntitlementWrite, RSEntitlementHistory, RSEntitlementBinary, RSEntitlementCount,
	RSEntitlementInclude, RSEntitlementRevInclude, RSEntitlementChain, RSEntitlementEverything, RSEntitlementGraph, RSEntitlementExport,
	RSEntitlementReference, RSEntitlementCondition, RSExportOwner, RSEntitlementNotify, RSSubscriptionOwner, RSSubscriptionEndpoint, RSPageOwner,
}

var hardenedDialect = fapiDialect.with(func(d *Dialect) {
	d.AssertionTyp, d.AssertionLifetime = AssertionTypNew, 30*time.Second
	d.CodeBinding, d.PerAPITokens, d.AccessTokenLifetime = true, true, time.Minute
})

// Profiles returns the named profiles, from the most hurried to the most careful.
func Profiles() []Profile { return slices.Clone(profiles) }

// ProfileNamed finds a profile by its name.
func ProfileNamed(name string) (Profile, error) {
	for _, p := range profiles {
		if p.Name == name {
			return p, nil
		}
	}
	var names []string
	for _, p := range profiles {
		names = append(names, p.Name)
	}
	return Profile{}, fmt.Errorf("no profile is called %q; there are %v", name, names)
}
