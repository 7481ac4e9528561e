// Package fhirmock is the FHIR R4 API: invented records behind the guards of a resource server.
//
// A request goes through admit.go: its parts are taken apart, the authorization server is asked what
// needs asking, the guards of guards.go rule, the records are found, and only then is anything used up
// or served. guards.go is the security policy on one screen; token.go, certificate.go, proof.go, scope.go, limits.go and record.go
// hold one function a rule. authority.go and answer.go speak with the authorization server, replay.go and nonce.go
// remember proofs, misses.go, rate.go and volume.go count who guesses or takes too much. The other half is FHIR over HTTP: route.go, accept.go, body.go, prefer.go,
// respond.go, attachment.go, outcome.go, capability.go, origin.go for pages, smart.go for apps that know nothing but the address.
// Whose record it is, is not all that is asked: label.go is about records for few, consent.go about what a patient has
// closed to somebody, assigned.go about what in a record decides who may open others, glass.go about emergencies,
// narrative.go about texts that are made to be shown, audit.go about the log in which every access stands, notify.go about
// what subscribers are sent, as accesses in their name (subscribers.go, subscription_guard.go, hooks.go), inventory.go about
// what is published of all this. override.go is about a method in a header, tenant.go about an organisation in one, oldbase.go
// about an address that the API had before. glance.go is for lists of patients that an EHR or a sign-in page shows.
//
// What is malformed is refused always and is no control; so is a signed answer about a token that does not
// call itself one, or names another server (RFC 9701 s5). What is refused is told twice: tersely to the
// caller as an OperationOutcome, in full to the log. The API knows itself by its configured base URL,
// never by a Host header.
//
// What one may not see does not exist: every answer is byte for byte what it would be if others' records were gone, or
// stood otherwise (twin_test.go draws the questions). So no number runs on over what is others': pages end at a record's
// name, entries of the log have ids that are encrypted, and an id of a client's choice makes a record only if nobody could
// have guessed it. What can be told all the same, and why:
//
//   - A reference that a write may hold is to something that is there, since a dangling one would mislead whoever reads it;
//     and who writes must be able to name what he may not read (a performer, an encounter). So a token of few types learns
//     of its patients' other records whose ids it guesses that they are there, and nothing of what they say.
//   - Versions are numbered one by one, those that one may not see included: If-Match is about all of them.
//   - Who knows a drawn id of somebody else's record is refused where he could otherwise create one by it.
//   - Who treats a patient and is shut out by her Consent reads it, finds her on lists, and can name her.
//   - Others can have one's entry pushed out of the log, which keeps the latest. Among the accesses of one millisecond it
//     has no order.
//   - A subscriber is sent what he may open and nothing else, and a subscription ends for reasons that are his own. How long a
//     write takes may tell the writer that somebody waits for it, where there is no worker (Hooks.Later).
//   - A search gives up when it has looked at 20,000 records. It is of no matter how many are others': where there are
//     many it begins at the caller's patients, and passes over what was written about others, uncounted. That takes time:
//     linear in what others wrote and the search finds, and in the population in nothing of theirs, up to some thousand
//     records, which are looked at one by one.
//
// What FHIR is stands in packages below that know nothing of OAuth: r4 has HL7's definitions, directive what a Consent
// says, store the records, query the searches, graph the queries of GraphQL, interact the interactions. They hand nothing out,
// and store nothing, that
// the door (door.go) has not been asked about.
package fhirmock

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/keep"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Config is what an API needs to know.
type Config struct {
	// Party names the node, "fhir/a", and carries policy, clock and dice.
	Party *party.Party
	// Base is the URL of the API, without a slash at the end, and its audience in access tokens.
	Base string
	// MTLSBase is another URL of the API, at which clients are asked for certificates; empty for none.
	MTLSBase string
	// Issuer is the authorization server it trusts. Metadata and keys are fetched when first needed.
	Issuer string
	HTTP   *http.Client
	// ID and Secret are its credentials for introspection (RFC 7662 s2.1). Without a Secret it is known by
	// the client certificate that HTTP shows (RFC 8705 s2).
	ID, Secret string
	// People are the records; nil stands for Everybody.
	People *People
	// Callers says whom a token's sub stands for. Subjects that are missing may see nobody.
	Callers map[string]Caller
	// Registered says the same of a client that Callers does not name and that acts in its own name, by its id: of those
	// that are registered while the API runs. Nil for none.
	Registered func(client string) Caller
	// Shared is what the nodes of one API have in common; nil if there is one node. Records, likewise: what
	// one node stores the others serve. Nil stands for the records of People and nothing written yet.
	Shared  *ReplayMemory
	Records *Records
	// Keeper keeps what the node's own memories have seen; nil if nothing outlives the process. Shared has its own.
	Keeper Keeper
	// NonceKey is 32 bytes that make the DPoP nonces; empty for some of the dice. Nodes that share a memory share the first one's.
	NonceKey []byte
	// KeyAge is how long the authorization server's keys are kept, and so how long one that it has
	// withdrawn is still trusted; 0 stands for ten minutes.
	KeyAge time.Duration
	// KeysByAge: they are fetched anew when they are that old, and not when a token names one that is unknown. Such a
	// token is refused until then, and an old key is trusted until then however much has come under a new one.
	KeysByAge bool
	// StepUps say which types take a better or later sign-in than usual.
	StepUps []StepUp
	// Volume is how many records of patients a caller is handed in a minute; 0 stands for 6,000. It is for an API to know what
	// its callers' work takes: a bound beyond all that there is bounds nothing.
	Volume int
	// Since says when the API began to serve a type, of those that were added while it ran.
	Since map[string]time.Time
	// Canary is the mark of a patient's records in this world: letters, digits and hyphens.
	Canary func(patient string) string
	// Marks finds in a resource that was written what is watched for (event.Written); nil watches for nothing.
	Marks func(resource []byte) []string
	// Hooks say how subscribers are reached, and where they may be.
	Hooks Hooks
	// Memo remembers what cryptography gave, for worlds that do the same over and over; nil for none.
	Memo *fapi.Memo
}

// Records is what an API stores its resources in.
type Records struct {
	*store.Store
	exports interact.Exports
	audit   auditLog
	// subscribers are whose the subscriptions are.
	subscribers subscribers

	// Keys that hide what links and ids must say, the same at every node: the first one's.
	keyed   sync.Once
	blind   query.Blind
	numbers cipher.Block // of entries of the log
}

// API is one node of a FHIR API.
type API struct {
	Config
	origin, path string // of Base
	alias        string // origin of MTLSBase; empty for none
	node         string
	authority    *authority
	verified     verified // signatures of access tokens
	heard        heard    // access tokens taken apart
	seenHere     ReplayMemory
	seenLately   ReplayMemory
	seenInWindow ReplayMemory
	nonces       *nonces
	window       atomic.Pointer[fapi.Window] // for proofs; nil for the usual one
	engine       *interact.Engine

	capabilitiesOnce sync.Once
	capabilities     []byte
	capabilitiesTag  string
}

// New returns an API. The error names the field of c that cannot be used.
func New(c Config) (*API, error) {
	base, err := absolute("Base", c.Base)
	if err != nil {
		return nil, err
	}
	alias := ""
	if c.MTLSBase != "" {
		mutual, err := absolute("MTLSBase", c.MTLSBase)
		if err != nil || mutual.EscapedPath() != base.EscapedPath() {
			return nil, errors.Join(err, fmt.Errorf("expected MTLSBase to have the path of Base, got %q", c.MTLSBase))
		}
		alias = mutual.Scheme + "://" + mutual.Host
	}
	if _, err := absolute("Issuer", c.Issuer); err != nil {
		return nil, err
	}
	switch {
	case c.Party == nil:
		return nil, errors.New("expected Party, got nothing")
	case c.HTTP == nil:
		return nil, errors.New("expected HTTP, got nothing")
	case c.Canary == nil:
		return nil, errors.New("expected Canary, got nothing")
	}
	for _, s := range c.StepUps {
		if err := s.validate(); err != nil {
			return nil, err
		}
	}
	if c.People == nil {
		c.People = Everybody()
	}
	if c.Shared == nil {
		c.Shared = NewReplayMemory()
	}
	if c.KeyAge == 0 {
		c.KeyAge = keysAge
	}
	if c.Records == nil {
		c.Records = NewRecords(c.People)
	}
	_, node, _ := strings.Cut(c.Party.Name, "/")
	a := &API{
		Config: c, origin: base.Scheme + "://" + base.Host, path: base.EscapedPath(), alias: alias, node: node,
		authority: &authority{issuer: c.Issuer, http: c.HTTP, id: c.ID, basic: basicAuth(c.ID, c.Secret), clock: c.Party.Clock, keyAge: c.KeyAge, byAge: c.KeysByAge},
		nonces:    c.Shared.noncesOf(c.NonceKey, c.Party.Dice),
	}
	if c.Keeper != nil {
		if err := errors.Join(a.seenHere.KeptBy(c.Keeper, node+" here"), a.seenLately.KeptBy(c.Keeper, node+" lately"), a.seenInWindow.KeptBy(c.Keeper, node+" window")); err != nil {
			return nil, err
		}
	}
	c.Records.keyed.Do(func() { c.Records.blind, c.Records.numbers = a.derived("pages"), a.derivedCipher("log") })
	a.engine = &interact.Engine{Store: c.Records.Store, Exports: &c.Records.exports, Base: c.Base, Canary: c.Canary, NewID: c.Party.Dice.ID, Now: a.now, Guessable: guessable,
		Blind: c.Records.blind}
	a.engine.Besides = &interact.Besides{Type: "AuditEvent", View: a.withAudit, Resource: a.audited, Note: a.auditNote}
	return a, nil
}

// ErrDamaged is why OpenRecords cannot read a file.
var ErrDamaged = keep.ErrDamaged

// OpenRecords is NewRecords with what was written kept in a file, from one start to the next. The caller
// closes it when nothing is served from it any more.
func OpenRecords(p *People, path string) (*Records, io.Closer, error) {
	f, err := keep.Open(path)
	if err != nil {
		return nil, nil, err
	}
	r := &Records{}
	marks, err := r.exports.Open(f, p.Mark())
	if err == nil {
		var views map[uint64]store.View
		r.Store, views, err = store.Open(p.Base(), f, marks...)
		r.exports.Resume(views)
	}
	if err == nil {
		err = r.subscribers.open(f)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	go r.View().Prepare() // a hundred thousand records take seconds
	return r, f, nil
}

// NewRecords makes a store of an API's own over the records of a population, which it shares with all others.
func NewRecords(p *People) *Records { return &Records{Store: store.New(p.Base())} }

// Enter stores a resource that stood before anybody asked. What is wrong with it is returned, and then nothing was stored.
func (r *Records) Enter(at time.Time, resource []byte) error {
	n, err := r4.Parse(resource)
	if err != nil {
		return err
	}
	if issues := r4.Validate(n); len(issues) > 0 {
		return &interact.Invalid{Issues: issues}
	}
	return r.Update(func() time.Time { return at }, func(tx *store.Tx) error {
		tx.Put(n, http.MethodPut)
		return nil
	})
}

func absolute(field, raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.HasSuffix(raw, "/") ||
		u.RawQuery != "" || u.Fragment != "" || u.String() != raw { // what needs escaping would need it in JSON and headers too
		return nil, fmt.Errorf("expected %s to be an absolute http(s) URL without query and final slash, got %q", field, raw)
	}
	return u, nil
}
