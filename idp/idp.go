// Package idp is the authorization server: an OAuth 2.0 server that speaks FAPI 2.0 when its profile
// says so, and the hurried dialects that came before when it does not.
//
// A file per endpoint, its guard list beside it: par.go, authorize.go, token.go, userinfo.go, introspect.go,
// revoke.go, endsession.go, metadata.go, jwks.go, register.go; requestobject.go and jarm.go are requests and
// answers that are signed, operate.go is what an operator does to a running server. What several endpoints
// share has a file of its own: who is calling (clientauth.go, assertion.go, certificate.go), what key he shows
// (dpop.go), what is asked of the sign-in (demands.go, level.go) and of the person's claims (claims.go), the
// pages a person sees (signin.go, consent.go), what is left to the server to choose (settings.go), the keys that sign
// (keys.go), and the one-time checks, which a
// request meets last of all (once.go). Begin with routes.go, the table of endpoints, and follow one of them down.
//
// The pages need no JavaScript, and their ids stay as they are, for whoever drives a browser by script:
//
//	sign-in      form pick-person (select person, button pick), form sign-in (fields username, password and, where
//	             the level takes it, code; button submit); problem is what was wrong
//	patient      form find-patient (field like), form pick-patient (select patient, buttons choose and deny); nobody is
//	             shown where there is nobody to pick; then form pick-encounter (select encounter)
//	consent      form consent, buttons allow and deny; launch-patient is whose record an app is opened on
//	sign-out     form sign-out, buttons leave and stay; then signed-out or still-signed-in
//	error        refusal
//
// The rules of this package. A guard list is the only place where a rule is enforced, and nothing here
// knows whether a control is on: with a control off the code goes on as a careless server would.
// Malformed requests are refused always (errors.go tells the two apart). A refused request burns
// nothing. The wire hears the standard error and no more; the diagnosis goes to the event log.
//
// Some SHALLs of SP hold by construction, so there is nothing to switch off: clients are confidential
// (5.3.2.1-3), there is no password grant (-2), refresh tokens rotate only where the dialect says so (-9),
// every answer names the issuer (5.3.2.2-7), redirect URIs are https or loopback when they are registered (-8),
// redirects are 303 (-10, -11), keys have the size (5.4.1-4) and credentials the entropy (-5) that is asked
// for, browsers are told to come by https (5.2.3-1) and pages of other origins get nothing from the
// authorization endpoint (5.2.3-3). So do what is asked of the sign-in (prompt, max_age, acr: OIDC Core s3.1.2.1;
// without it there is no other behaviour but a wrong answer) and where people go after signing out.
//
// Authorization details are in details.go, with a type that is this project's (patientrecord.go) and those of HelseID
// (tenancy.go, attest.go); grantdetails.go turns what was asked for into what a token says, exchange.go is token
// exchange. The tokens of a dialect in HelseID's shape are made in nationalclaims.go, its paths in connect.go. What
// holds there by construction: details of an unknown or unregistered type, with unknown members or with a member twice
// are malformed (RFC 9396 s5); organisation numbers are held against the client's registration, with HelseID's error
// codes (HID-1001 to 1010; 1009 only where a code is redeemed); a structure comes in one of two carriers and not in
// both; who exchanges a token is authenticated and named in the new one (RFC 8693 s4.1), which is for the APIs that
// client is registered to call, lives no longer than the first and has no refresh token, and a withdrawn token is
// exchanged for nothing. Details in a
// client assertion are for one token and are no widening of what was granted: HelseID lets a client switch between
// the organisations it may act for.
//
// SMART App Launch is in launch.go (what an EHR opens an app on), context.go (what a person picks who opens one by
// itself) and smartscope.go (which scope is a part of which). What holds there by construction: a handle nobody gave out
// is malformed, and so is the scope launch without one; people pick from their own list and no other; the patient
// stands in the token, whichever way it is renewed or exchanged; and a grant with online_access is renewed only as long
// as the person's session lasts.
//
// So do some of Message Signing: a request object holds no other, and is sent to PAR
// alone (RFC 9101 s4, RFC 9126 s3); a signed answer has its issuer inside, and whatever is asked for signed is
// answered signed, errors too (MS 5.4.1); introspection is signed for whoever asks for it (MS 5.5).
//
// So does what keeps strangers from using the server against others: it makes no request of its own, whatever a
// request_uri, jwks_uri or logo_uri points to (RFC 9101 s10.4, RFC 7591 s5); it draws the client_id of whoever
// registers (RFC 7591 s3.2.1); and what it is made to remember is bounded, the oldest first to go (store.go), and of
// pushed requests each client has its own share (share.go).
//
// So do some of RFC 8705: a certificate that somebody authenticates with is judged at every endpoint that
// asks who is calling; names are compared attribute by attribute (s7.4), and no two clients of Config have
// the same; a token is bound to the certificate of the very request that fetched it, whoever issued that
// (s3); a refresh token is bound by client authentication, which is a certificate's where that is the
// method (s7.1), so a renewed certificate goes on with it. A client is free to send a DPoP proof instead:
// its token is then bound to the proof's key and not to the certificate. Where this server leaves RFC 8705:
// a revoked certificate is good until it expires or an operator denies it (no CRL or OCSP, s7.3 leaves
// that open), and the jwks of a client is never fetched (no jwks_uri, s2.2).
//
// What a client registers for itself holds whatever the profile says of all (Client.wishes). With Config.ConnectPaths
// the discovery document lists what HelseID's does, and so much that is refused here (other grants and response types,
// plain challenges, HS256) or does not happen (front- and back-channel logout): connect.go. The document of RFC 8414
// is true.
//
// What it remembers is in memory, and with a Keeper on disk as well (keeper.go, kept.go, restore.go; barred.go for
// what operators decided). It
// deliberately has one page at a time and one language, and issues pairwise
// subjects, encrypted tokens and front-channel tokens to nobody.
package idp

import (
	"crypto/x509"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Server is an authorization server. It is an http.Handler, safe for concurrent use.
type Server struct {
	issuer  string
	reasons string // Config.Reasons
	path    string // of the issuer, without a slash at the end: "" or "/tenant"
	party   *party.Party
	at      endpoints
	keys    keyring
	memo    *fapi.Memo // of signatures and chains; nil for none

	settings    atomic.Pointer[Settings]
	levels      []Level
	directory   Directory
	detailTypes map[string]*DetailType
	connect     bool // the metadata names the paths below /connect
	// strictTransport: browsers are told to come by https alone.
	strictTransport bool

	clients   map[string]*Client   // by ID
	listed    []userGroup          // on the sign-in page
	users     map[string]*User     // by Username
	resources map[string]*Resource // by Identifier
	askers    map[string]*Resource // by ID, those that may introspect
	everyAPI  []string             // identifiers, in the order of Config

	registration *Registration
	registered   registry
	published    atomic.Pointer[document]
	operations   atomic.Pointer[operations]
	operating    sync.Mutex // held while an operator changes them
	nonces       *nonces

	mutual      bool             // clients are asked for certificates somewhere
	aliases     fapi.MTLSAliases // empty if that is where all others go too, or nowhere
	authorities []*x509.Certificate

	ledger *ledger // nil if nothing is kept
	stores
}

// endpoints are the server's own URLs. Proofs and assertions are compared with these, never with the
// Host header, which the sender of a request chooses.
type endpoints struct {
	authorize, par, launch, token, introspect, revoke, jwks, userinfo, endSession, register string
}

// stores are everything the server remembers.
type stores struct {
	requests      *store[*request] // by request_uri
	launches      *store[*launched]
	interactions  *store[*interaction] // by id
	sessions      *store[*session]     // by cookie
	farewells     *store[*farewell]    // by id
	codes         *store[*code]
	refreshTokens *store[*refreshToken]
	accessTokens  *store[*held]
	commons       commons
	seen          *sightings // jti of assertions and proofs
}

// New returns a server, or an error that says what is wrong with the configuration.
func New(c Config) (*Server, error) {
	u, err := parseIssuer(c.Issuer)
	if err != nil {
		return nil, err
	}
	if c.Levels == nil {
		c.Levels = defaultLevels
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := &Server{
		issuer: c.Issuer, path: strings.TrimSuffix(u.Path, "/"), reasons: c.Reasons, party: c.Party, memo: c.Memo,
		keys: keyring{make: c.Key, other: c.OtherKeys, usual: c.IDTokenAlg, retired: slices.Clone(c.Retired)}, levels: c.Levels,
		directory: c.Directory, detailTypes: map[string]*DetailType{}, connect: c.ConnectPaths,
		strictTransport: strictTransport(u.Scheme, u.Hostname()),
		clients:         map[string]*Client{}, users: map[string]*User{},
		resources: map[string]*Resource{}, askers: map[string]*Resource{},
		mutual: c.MTLSBase != "", aliases: mtlsAliases(c.MTLSBase, c.Issuer), authorities: slices.Clone(c.Authorities),
		nonces: newNonces(c.NonceKey, c.Party.Dice), registration: c.Registration,
		registered: registry{tokens: map[string]digest{}},
		stores:     newStores(),
	}
	base := strings.TrimSuffix(c.Issuer, "/")
	s.at = endpoints{
		authorize: base + pathAuthorize, par: base + pathPAR, launch: base + pathLaunch, token: base + pathToken,
		introspect: base + pathIntrospect, revoke: base + pathRevoke, jwks: base + pathJWKS,
		register: base + pathRegister,
		userinfo: base + pathUserinfo, endSession: base + pathEndSession,
	}
	if err := s.SetSettings(Settings{Lifetimes: c.Lifetimes, Automatic: c.Automatic, SignOutRevokes: c.SignOutRevokes}); err != nil {
		return nil, err
	}
	s.enrol(c)
	return s, s.restore(c.Keeper)
}

// enrol keeps copies: the configuration stays the caller's own.
func (s *Server) enrol(c Config) {
	_ = s.keys.use(&Client{IDTokenAlg: c.IDTokenAlg}, c.Party.Dialect().TokenAlg) // validate has seen to all of them
	for _, client := range c.Clients {
		s.clients[client.ID] = &client
		if client.wishes().Len() > 0 {
			s.operate(func(o *operations) { o.clients[client.ID] = &client })
		}
		if client.RegistrationToken != "" {
			s.registered.tokens[client.ID] = digestOf(client.RegistrationToken)
		}
		_ = s.keys.use(&client, c.Party.Dialect().TokenAlg)
	}
	for _, kind := range c.DetailTypes {
		s.detailTypes[kind.Name] = &kind
	}
	for _, user := range c.Users {
		s.users[user.Username] = &user
		s.list(&user)
	}
	for _, r := range c.Resources {
		s.resources[r.Identifier] = &r
		if !r.Apart {
			s.everyAPI = append(s.everyAPI, r.Identifier)
		}
		if r.ID != "" {
			s.askers[r.ID] = &r
		}
	}
}

// The sizes bound what a stranger can make the server hold: some tens of MiB in all. Of access tokens 32,768 are known:
// the newest, and those that somebody goes on asking about; others are as good as withdrawn when somebody asks.
func newStores() stores {
	accessTokens := newStore[*held](1 << 15)
	accessTokens.spare = (*held).inUse
	requests := newStore[*request](4 * sharePushed)
	requests.shares = newShares(sharePushed, func(q *request) string { return q.client.ID })
	return stores{
		requests:      requests,
		launches:      newStore[*launched](1 << 14),
		interactions:  newStore[*interaction](1 << 13),
		sessions:      newStore[*session](1 << 14),
		farewells:     newStore[*farewell](1 << 12),
		codes:         newStore[*code](1 << 14),
		refreshTokens: newStore[*refreshToken](1 << 16),
		accessTokens:  accessTokens,
		seen:          &sightings{},
	}
}

func (s *Server) now() time.Time { return s.party.Clock.Now() }

// Guards lists the control of every guard of this server, each as often as it stands in a list.
func Guards() []*control.Control {
	return slices.Concat(
		controls(clientGuards), controls(sourceGuards), controls(pkiGuards), controls(selfSignedGuards), controls(assertionGuards), controls(assertionOnce),
		controls(grantTypeGuards), controls(scopeGuards), controls(arrivalGuards), controls(pushedGuards),
		controls(signedGuards), controls(objectGuards),
		controls(requestGuards), controls(launchGuards), controls(launchUserGuards), controls(launchOnce), controls(requestKeyGuards), controls(requestOnce),
		controls(codeGuards), controls(refreshGuards), controls(detailGuards), controls(exchangeGuards), controls(senderGuards), controls(proofGuards),
		controls(keyGuards), controls(proofOnce), controls(codeOnce), controls(refreshOnce), controls(userinfoGuards),
		controls(introspectionGuards), controls(revocationGuards), controls(registrationGuards), controls(managementGuards),
	)
}

func controls[R any](guards []control.Guard[R]) []*control.Control {
	out := make([]*control.Control, len(guards))
	for i, g := range guards {
		out[i] = g.Control
	}
	return out
}
