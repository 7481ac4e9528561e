// Package attacker is the thief: one file a technique.
//
// A technique touches nothing but its Ground, so the same code robs the simulated API in memory, the
// same API over real sockets, and a developer's own API on localhost. It cannot claim success: what
// reached him is decided by the network, what that means by the judge. It returns an error only if it
// could not even try (nothing overheard to replay, an answer it cannot read); being refused is not an
// error, it is the result, and a technique that is refused where it cannot go on returns ErrStopped.
//
// To add an attack, copy the file of one like it. The file's name is the technique's name, and being
// registered is enough to be listed, explained, run, put in the matrix and peeled. Build the correct
// request with the verbs of app.go, request.go, signin.go, rogue.go and chain.go, then spoil one thing, on a line of its
// own. Say what the logs show of it, in Evidence or for the whole block in evidence.go. blocks.go is the
// catalogue: what is played, and what is not and why.
package attacker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"runtime"
	"sort"
	"strings"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// Ground is everything a technique can touch.
type Ground interface {
	// Do sends a request as a stranger on the network. Redirects are not followed.
	Do(*http.Request) (*http.Response, error)
	// DoWith is Do over a connection on which he shows a client certificate. Whose certificate it is does
	// not matter, as long as he has the key: TLS lets nobody show one without.
	DoWith(*fapi.KeyPair, *http.Request) (*http.Response, error)
	// Browser is the thief's own, with his own account where he has one.
	Browser() Browser
	// Serve puts up a site, an API or an authorization server of his own. The host is one of Target's.
	Serve(host string, h http.Handler)
	// Overheard returns what reached him at a vantage the scenario granted, oldest first.
	Overheard(event.Vantage) []event.Message
	// Stolen returns an asset the scenario granted, as a JSON document, or nil.
	Stolen(event.Asset) []byte
	// Lure gets a person to open a link, a QR code, an attachment. What her browser does then is hers
	// to do and the network's to show: an error means only that nobody could be lured.
	Lure(url string) error
	// LureAndInterrupt is Lure, but she is called away at the first page that wants an answer of her,
	// and leaves it open.
	LureAndInterrupt(url string) error
	// Script is a script of his that runs in the honest client's pages, in somebody's browser, if the
	// scenario granted that or a page that she opened has loaded it from a site of his; else ErrStopped.
	Script() (Script, error)
	// AtOnce does several things at the same instant: while a server is at one of them it is at the others, too. It
	// returns when all are done. One that has to wait for another waits, briefly and often.
	AtOnce(...func())
	// Wait lets time pass.
	Wait(time.Duration)
	// Now is the time by the thief's watch.
	Now() time.Time
	// Target is what anybody can look up about the place.
	Target() Target
	// Key makes a key pair of his own; equal names give the same key. Random returns a fresh random string.
	Key(name string) *fapi.Key
	// ReadKey reads a private JWK that fell into his hands.
	ReadKey(jwk []byte) (*fapi.Key, error)
	Random() string
}

// Target is public knowledge about the place: addresses, and ids a stranger can find or guess.
type Target struct {
	Issuer   string // of the honest authorization server
	FHIRBase string // of the API, without a slash at the end
	// OtherNode is the Cookie header that a load balancer takes to another node of the API; empty if
	// there is but one.
	OtherNode string
	LabBase   string // of the API that the low-trust token is for
	ClientURL string // of the honest web client
	// ClientLogin is the honest client's link that begins a sign-in at a given issuer ("…/login?issuer="
	// to be completed), and ClientCallback its redirect URI.
	ClientLogin, ClientCallback string
	// ClientRecord is the honest client's page of a patient's record ("…/patients/", to be completed), and
	// ClientLogout the one that signs out.
	ClientRecord, ClientLogout string
	// AppLaunch is the link that opens the honest app at a given API ("…/launch?iss=" to be completed), AppCallback its
	// redirect URI, AppID its client_id, and AppFromEHR the EHR's page that opens it on a patient ("…&patient=", likewise).
	AppLaunch, AppCallback, AppID, AppFromEHR string
	AddedType                                 string   // the type that the API begins to serve, in such a scene
	ClientID                                  string   // of the honest web client at the honest server
	BackendID                                 string   // client_id of a supplier's system, which acts in its own name
	ClientCertificate                         []byte   // the honest web client's TLS certificate, in DER: public, as certificates are; nil for none
	ClientKey                                 []byte   // the key its assertions are verified with, as a JWK: public, too; nil for none
	OwnHost                                   string   // where the thief's own site is served
	RogueHost                                 string   // where his authorization server is served, as the client has it configured
	HopHost                                   string   // where he answers the API's questions if he sits on its way to the server
	Mark                                      string   // a string of his own that he writes into what he plants, by which it is recognised
	OwnAPI                                    string   // identifier of the API that his app is, for the resource parameter
	OwnPatient                                string   // id of a patient the thief is himself, or empty
	OwnUser                                   string   // the thief himself as a resource of the API, "Practitioner/…"
	SharedPatient                             string   // id of a patient whom both he and the clinician treat, or empty
	Patients                                  []string // ids of other patients: record numbers are seldom secret
	// Blocked is a patient who has closed her record to him, in such a scene.
	Blocked string
	// Labelled is the address of a diagnosis that is labelled as restricted, "Condition/…": it stood in a referral.
	// Result is that of an observation made at the same visit.
	Labelled, Result string
	// OldBase is where the API was served before it was served where it is: it stands in a slide deck of 2019.
	OldBase string
	// Portal is a supplier's, where clinicians sign in; PortalRecord is its page of a patient, whose number comes behind it.
	// MetPatient is a patient whom the thief has met himself.
	Portal, PortalRecord, MetPatient string
	// OtherClinic is the organisation number of the clinic that treats the first of Patients: any register of companies has it.
	OtherClinic string
	// Letter is the address of a scanned letter about a patient who is none of the thief's, "Binary/…".
	Letter string
}

// Browser is a browser in the thief's hands.
type Browser interface {
	// Visit opens a URL as its owner would: follows redirects, signs in with the owner's own account
	// and agrees where the authorization server asks. It goes no further than a URL that begins with
	// stop, unless stop is empty: that URL is then the page's, unfetched.
	Visit(ctx context.Context, url, stop string) (Page, error)
}

// Script runs in pages of the honest client, in the browser of a person who is signed in there. It can do
// what any script of a page can, and no more.
type Script interface {
	// Fetch gets a page of the client's own site, with her cookies, and reads the answer.
	Fetch(ctx context.Context, url string) (Page, error)
	// Open is Fetch in a window that she does not see: to the site it is a visit like any other.
	Open(ctx context.Context, url string) (Page, error)
	// Send takes what it found out of the page, to a site anywhere.
	Send(ctx context.Context, url string, form url.Values) error
}

// Page is where a browser ended up.
type Page struct {
	URL     string
	Status  int // 0 if stopped before fetching
	Body    []byte
	Stopped bool
}

// Trait is something about how honest parties speak that a technique depends on.
type Trait string

// Traits of a dialect.
const (
	Bound   Trait = "sender-constrained tokens"
	Unbound Trait = "bearer tokens"
	// ProofBound and CertificateBound are the two kinds of Bound.
	ProofBound       Trait = "DPoP-bound tokens"
	CertificateBound Trait = "certificate-bound tokens"
	CertificateAuth  Trait = "client certificates"
	Pushed           Trait = "pushed authorization requests"
	// SignedRequests and SignedResponses are FAPI 2.0 Message Signing's, and so are SignedAnswers.
	SignedRequests  Trait = "signed authorization requests"
	SignedResponses Trait = "signed authorization responses"
	Introspected    Trait = "APIs that ask about each token"
	SignedAnswers   Trait = "APIs that want signed answers about each token"

	KeyAuth Trait = "private_key_jwt"
	Secrets Trait = "client secrets"
	PKCE    Trait = "PKCE"
	PerAPI  Trait = "a token for each API"
	Rotated Trait = "refresh tokens that rotate"
)

// Scene is the circumstances a technique needs beyond an ordinary morning.
type Scene struct {
	// ClientClockAhead: the honest client's clock is fast by this much.
	ClientClockAhead time.Duration
	// KeysReplaced: before the attack begins, the authorization server has thrown its signing key away and
	// taken another, as one does when a key is lost.
	KeysReplaced bool
	// OwnClientNarrowed: the first time the thief waits, an operator of the authorization server takes away what
	// his app may ask of people.
	OwnClientNarrowed bool
	// ClientVerifierFixed: the honest client uses one PKCE verifier in every sign-in.
	ClientVerifierFixed bool
	// Exported: a supplier has fetched the patients of its clinics in bulk.
	Exported bool
	// AppOpened: the clinician has opened an app from her EHR, on the record of a patient of hers. AppThere: she can.
	AppOpened, AppThere bool
	// Listed: a supplier has gone through its patients page by page.
	Listed bool
	// LookedUp: a supplier has looked a patient up by a form, so that the address says nothing of whom.
	LookedUp bool
	// Reported: a laboratory's system has written a result into a record, and corrected it.
	Reported bool
	// Emergency: the clinician has opened a record of somebody she does not treat. Reviewed: somebody goes through the log
	// of accesses.
	Emergency, Reviewed bool
	// Allowance is how many records of his own patients the thief's work takes in a minute, as who employs him would say;
	// 0 where nobody has said, and nobody counts.
	Allowance int
	// OwnSystem: the thief has registered a system of the hospital that he works at (event.OwnSystem).
	OwnSystem bool
	// PagesWithoutPolicy: the pages of the honest client do not say which scripts may run in them.
	PagesWithoutPolicy bool
	// TypeAdded: half an hour into the attack, the API begins to serve a type that it did not have before.
	TypeAdded bool
	// Portal: a supplier has a portal at which clinicians sign in, and which fetches records in the supplier's name.
	Portal bool
	// Confided: a diagnosis of OwnPatient's is very restricted, and so for her general practitioner alone, who the thief is not.
	Confided bool
	// Blocked: a patient whom the thief treats has closed her record to him, by a Consent.
	Blocked bool
	// OwnScope is what the thief's own app is registered for besides what it always is.
	OwnScope string
	// Reminders: the thief runs a service that reminds a clinic's patients, and is registered for their names alone (event.OwnSystem).
	Reminders bool
	// Subscribed: a clinic's inbox for results has subscribed to them. Amended: when the thief waits, a laboratory amends a
	// result of a patient who is none of his; OwnClientRevoked: the time before that, an operator of the authorization server
	// has withdrawn all that his app was granted.
	Subscribed, Amended, OwnClientRevoked bool
}

// Technique is one way to steal.
type Technique struct {
	ID   string // catalogue id, "D-04"
	Name string // of its file, with the variant if it has several: "replay-proof", "forged-proof/alg-none"
	// Variant tells apart the techniques of one file.
	Variant string

	Title string   // "Exact proof replay inside the acceptance window"
	Story string   // what happens, for a person who does not read RFCs
	Reads []string // sources: "RFC 9449 s11.1"

	Needs []event.Vantage // what he hears
	Has   []event.Asset   // what he holds beforehand
	// Against lists the traits a dialect must have for the attack to make sense; elsewhere it is not
	// applicable and is not run.
	Against []Trait
	Scene   Scene

	// Model is which attackers of the FAPI 2.0 attacker model can do it, if the foothold does not tell
	// (see Classes).
	Model []Class

	// Beyond says why FAPI 2.0 does not stop it. Empty for most; a test catches a stale excuse.
	Beyond string

	// Evidence is what a defender sees of it in the logs of the honest, or that he sees nothing. Empty where
	// evidence.go says it for the whole block.
	Evidence string

	Run func(context.Context, Ground) error
}

var registry []Technique

// register adds the technique of the calling file.
func register(id string, t Technique) struct{} {
	_, file, _, ok := runtime.Caller(1)
	if !ok {
		panic("attacker: no caller information for " + id)
	}
	t.ID = id
	t.Name = strings.ReplaceAll(strings.TrimSuffix(path.Base(file), ".go"), "_", "-")
	if t.Variant != "" {
		t.Name += "/" + t.Variant
	}
	for _, other := range registry {
		if other.ID == t.ID || other.Name == t.Name {
			panic(fmt.Sprintf("attacker: %s (%s) is registered twice", t.ID, t.Name))
		}
	}
	registry = append(registry, t)
	return struct{}{}
}

// All returns every technique, by id.
func All() []Technique {
	all := append([]Technique(nil), registry...)
	for i := range all {
		if t := &all[i]; t.Evidence == "" {
			t.Evidence = evidence[BlockOf(t.ID)]
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	return all
}

// ErrStopped is what a technique returns when it was refused at a point where it cannot go on.
var ErrStopped = errors.New("refused, and cannot go on")
