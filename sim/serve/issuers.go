package serve

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"thiefbox/fhirmock"
	"thiefbox/idp"
	"thiefbox/idp/keep"
	"thiefbox/sim/clock"
	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// tenant is what stands behind a first path segment: registrations, keys, people, log, clock.
type tenant struct {
	name    string
	server  *Server
	named   control.Profile // as it was at first
	policy  *party.Policy
	clock   *clock.Clock
	dice    *dice.Dice
	keys    keyring // sign the tokens of its issuers
	secret  string  // of the API, for introspection
	initial string  // token that opens the registration endpoint where the profile has it closed (RFC 7591 s3)
	clients []Client
	suite   atomic.Pointer[fapi.Key] // RSA key of the conformance suite's first clients; nil while there is none
	records records
	state   *keep.File // nil if nothing is kept
	journal *journal
	faults  faults
	// settings of its issuers; under mu.
	settings idp.Settings
	// forgotten is the number of the last event before the record of requests was begun anew.
	forgotten atomic.Int64
	marks     map[string]string // canaries by patient

	mu      sync.Mutex
	issuers map[string]*Issuer // by origin
}

// Issuer is a tenant at one origin: an authorization server and its FHIR API.
type Issuer struct {
	// URL is the issuer identifier.
	URL string
	// Name is the first path segment.
	Name string
	// Profile is the name of its profile.
	Profile string
	// FHIR is the base URL of the API, which is also its audience.
	FHIR string
	// MTLS is the issuer's URL where clients are asked for certificates: endpoints and API are below it as
	// they are below URL. Empty if there is no such place.
	MTLS string

	origin string
	tenant *tenant
	as     *idp.Server
	fhir   *api
}

// segment is the form of an issuer's name: what needs no escaping in a URL, a form or HTML, and is a
// file name anywhere.
var segment = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}(~[a-z0-9-]{1,40})?$`)

// Errors of a request for an issuer that there is not and will not be.
var (
	errNoName    = errors.New("expected the name of an issuer: lower-case letters, digits, - and _, and perhaps ~ and a profile, such as team-a~hardened")
	errNoProfile = errors.New("no such profile")
	errTooMany   = errors.New("no more issuers can be made; use one that exists, or start again with a larger limit")
	errNoOrigin  = errors.New("the server does not answer to this name")
)

// inPath writes the name of a profile for a path: a plus would be a space in some places and an escape
// in others.
func inPath(profile string) string { return strings.ReplaceAll(profile, "+", "-") }

func profileInPath(name string) (control.Profile, error) {
	var names []string
	for _, p := range control.Profiles() {
		if inPath(p.Name) == name {
			return p, nil
		}
		names = append(names, inPath(p.Name))
	}
	return control.Profile{}, fmt.Errorf("%w %q; there are %s", errNoProfile, name, strings.Join(names, ", "))
}

// profileOf finds the profile that a name asks for: its own, the one after the tilde, or the default.
func (s *Server) profileOf(name string) (control.Profile, error) {
	if _, asked, ok := strings.Cut(name, "~"); ok {
		return profileInPath(asked)
	}
	if p, err := profileInPath(name); err == nil {
		return p, nil
	}
	return s.profile, nil
}

// Issuer returns the issuer of a name at the server's main origin, and makes it if it is new.
func (s *Server) Issuer(name string) (*Issuer, error) { return s.issuerAt(s.Origin(), name) }

func (s *Server) issuerAt(origin, name string) (*Issuer, error) {
	t, err := s.tenant(name)
	if err != nil {
		return nil, err
	}
	return t.issuer(origin)
}

func (s *Server) tenant(name string) (*tenant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tenants[name]; t != nil {
		return t, nil
	}
	if !segment.MatchString(name) {
		return nil, errNoName
	}
	profile, err := s.profileOf(name)
	if err != nil {
		return nil, err
	}
	if len(s.tenants) >= s.config.MaxIssuers {
		return nil, errTooMany
	}
	t, err := s.newTenant(name, profile)
	if err != nil {
		return nil, fmt.Errorf("issuer %s: %w", name, err)
	}
	s.tenants[name] = t
	return t, nil
}

// sink is where every event goes, nil if nobody wants them.
func (t *tenant) sink() func(event.Event) {
	log, raw := t.server.config.Log, t.server.config.Raw
	if log == nil && raw == nil {
		return nil
	}
	return func(e event.Event) {
		if raw != nil {
			raw(t.name, e)
		}
		if log != nil {
			log(t.name, t.dress(e))
		}
	}
}

func (s *Server) newTenant(name string, profile control.Profile) (*tenant, error) {
	t := &tenant{
		name: name, server: s, named: profile, policy: party.NewPolicy(profile), clock: clock.Real(s.config.Now), dice: s.dice.Fork("issuer " + name),
		issuers: map[string]*Issuer{}, marks: map[string]string{}, settings: s.settingsAt(name),
	}
	t.journal = newJournal(t.clock.Now, t.dress, &s.shelf)
	t.journal.sink = t.sink()
	t.drawMarks()
	err := t.openState()
	if err == nil {
		if err = t.equipServer(profile); err != nil {
			err = errors.Join(err, t.closeState())
		}
	}
	if err != nil {
		t.journal.end()
		return nil, err
	}
	return t, nil
}

// equipServer gives a tenant its keys and clients.
func (t *tenant) equipServer(profile control.Profile) (err error) {
	if err = t.openKeys(profile.Dialect.TokenAlg); err != nil {
		return err
	}
	if t.secret, err = secretFile(t.file(apiID+".secret"), t.dice.Fork("secret of the API").Token); err != nil {
		return err
	}
	if t.initial, err = secretFile(t.file("registration.secret"), t.dice.Fork("initial access token").Token); err != nil {
		return err
	}
	if c := t.server.config; c.Awkward {
		if err := t.faults.be(c.AwkwardSeed, nil); err != nil {
			return err
		}
	}
	if key, err := readKey(t.file(suiteKeyFile)); err == nil {
		t.suite.Store(key)
	}
	t.clients, err = t.register()
	return err
}

func (t *tenant) file(name string) string { return filepath.Join(t.server.config.Dir, t.name, name) }

// stepUps: documents take a stronger and more recent sign-in than the rest, under profiles that look (rs/step-up).
var stepUps = []fhirmock.StepUp{{Type: "DocumentReference", ACR: []string{"loa-high"}, MaxAge: 15 * time.Minute}}

// drawMarks gives each patient's records a mark of this issuer, by which a leak is recognised.
func (t *tenant) drawMarks() {
	d := t.dice.Fork("canaries")
	for _, p := range t.server.people.Patients() {
		var b [8]byte
		_, _ = d.Read(b[:]) // dice never fail
		t.marks[p.ID] = "canary-" + hex.EncodeToString(b[:])
	}
}

// mark is the canary of a patient. Those of a town are too many to be drawn beforehand.
func (t *tenant) mark(patient string) string {
	if mark := t.marks[patient]; mark != "" || !t.server.people.Knows(patient) {
		return mark
	}
	var b [8]byte
	_, _ = t.dice.Fork("canary " + patient).Read(b[:]) // dice never fail
	return "canary-" + hex.EncodeToString(b[:])
}

// party gives the servers of an origin equal dice, since clients keep nonces by origin (RFC 9449 s8.2):
// each takes the nonces of the others, or else a client would be asked for another at every turn.
func (t *tenant) party(name, origin string) *party.Party {
	return &party.Party{
		Name: name, Policy: t.policy, Clock: t.clock, Dice: t.dice.Fork("servers at " + origin), Tell: t.journal.tell,
		Rule: func(ctx context.Context, d control.Decision) { t.journal.rule(ctx, name, d) },
	}
}

// issuer returns the tenant's issuer at an origin. There are few origins, so there are few of them.
func (t *tenant) issuer(origin string) (*Issuer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := t.issuers[origin]; i != nil {
		return i, nil
	}
	i := &Issuer{URL: origin + "/" + t.name, Name: t.name, Profile: t.policy.Profile().Name, origin: origin, tenant: t}
	i.FHIR = i.URL + "/fhir"
	if alias := t.server.alias(origin); alias != "" {
		i.MTLS = alias + "/" + t.name
	}
	nonceKey, err := t.nonceKey(origin)
	if err != nil {
		return nil, err
	}
	i.as, err = idp.New(idp.Config{
		Issuer: i.URL, Party: t.party("as", origin), Clients: i.registrations(), Users: t.users(),
		Resources:   []idp.Resource{{Identifier: i.FHIR, ID: apiID, Secret: t.secret, Claims: idp.NationalClaims()}},
		DetailTypes: t.server.detailTypes(), ConnectPaths: t.named.Dialect.Shape == control.ShapeHelseID,
		MTLSBase: i.MTLS, Authorities: []*x509.Certificate{t.server.ca.certificate},
		Registration: &idp.Registration{Token: t.initial, Scope: scopePeople + " " + scopeSystem},
		Key:          t.key, OtherKeys: t.otherKey, IDTokenAlg: usualIDTokenAlg(t.named.Dialect), Retired: t.published(), NonceKey: nonceKey, Keeper: t.keeper(origin),
		Lifetimes: t.settings.Lifetimes, Automatic: t.settings.Automatic, SignOutRevokes: t.settings.SignOutRevokes,
		Directory: t.directory(), Reasons: i.URL + pathWhy,
	})
	if err == nil {
		err = i.as.SetSettings(t.settings)
	}
	if err != nil {
		return nil, err
	}
	i.fhir = &api{issuer: i}
	i.exchange(nil, t.server.registrar.current().Clients)
	t.issuers[origin] = i
	return i, nil
}

// apiID is what the FHIR API, and an API that stands in for it, is called at introspection.
const apiID = "fhir-api"

// newAPI makes the two nodes of the FHIR API.
func (i *Issuer) newAPI(stored *fhirmock.Records) (http.Handler, []*fhirmock.API, error) {
	nodes, keeper := map[string]http.Handler{}, i.tenant.proofs(i.origin)
	nonceKey, err := i.tenant.nonceKey(i.origin)
	if err != nil {
		return nil, nil, err
	}
	var memory *fhirmock.ReplayMemory
	var all []*fhirmock.API
	for _, node := range []string{"a", "b"} {
		if memory == nil || i.tenant.server.config.SeparateReplay {
			if memory, err = memoryOf(keeper, "shared from "+node); err != nil {
				return nil, nil, err
			}
		}
		api, err := fhirmock.New(fhirmock.Config{
			Party: i.tenant.party("fhir/"+node, i.origin), Base: i.FHIR, Issuer: i.URL, ID: apiID, Secret: i.tenant.secret, MTLSBase: i.mtlsFHIR(),
			StepUps: stepUps,
			HTTP:    &http.Client{Transport: inside{i, "fhir/" + node}},
			People:  i.tenant.server.people, Callers: i.tenant.callers(), Registered: i.registeredCaller, Shared: memory, Records: stored,
			Keeper: keeper, NonceKey: nonceKey, Canary: i.tenant.mark, Hooks: i.hooks("fhir/" + node),
		})
		if err != nil {
			return nil, nil, err
		}
		nodes[node], all = api, append(all, api)
	}
	return fhirmock.Balance(nodes, "a"), all, nil
}

func memoryOf(keeper fhirmock.Keeper, name string) (*fhirmock.ReplayMemory, error) {
	memory := fhirmock.NewReplayMemory()
	if keeper == nil {
		return memory, nil
	}
	return memory, memory.KeptBy(keeper, name)
}

// mtlsFHIR is the base URL of the API where clients are asked for certificates; empty if nowhere.
func (i *Issuer) mtlsFHIR() string {
	if i.MTLS == "" {
		return ""
	}
	return i.MTLS + pathFHIR
}
