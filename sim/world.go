package sim

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"thiefbox/fhirmock"
	"thiefbox/idp"
	"thiefbox/sim/client"
	"thiefbox/sim/clock"
	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/network"
	"thiefbox/sim/party"
)

// Addresses of the world. The .test domain exists nowhere (RFC 6761).
const (
	issuer           = "https://as.thiefbox.test"
	mtlsBase         = "https://mtls.as.thiefbox.test" // where the authorization server asks for certificates
	fhirBase         = "https://fhir.thiefbox.test/fhir"
	labBase          = "https://lab.thiefbox.test/fhir"
	ehrURL           = "https://ehr.thiefbox.test"
	ehrCallback      = ehrURL + "/callback"
	malloryURL       = "https://mallory.test"
	rogueIssuer      = "https://rogue-as.test"
	ehrClientID      = "web-ehr"
	supplierClientID = "supplier-cloud"
	thief            = "mallory"
	thiefsClient     = "mallory-app"
	thiefsAPI        = malloryURL + "/api" // his app has an API of its own, registered like any
)

// latency is the virtual time one message takes.
const latency = 3 * time.Millisecond

// World is one small health-data ecosystem. It is made fresh for every run.
type World struct {
	Log    *event.Log
	Clock  *clock.Clock
	Net    *network.Network
	Policy *party.Policy

	dice      *dice.Dice
	people    *fhirmock.People
	stock     *stock
	authority *fapi.KeyPair // issues the certificates of clients; nil in a dialect without certificates
	as        *idp.Server
	ehr       *client.EHR
	supplier  *client.Supplier
	old       *client.Supplier
	reviewer  *client.Reviewer // nil where the scene has none
	// laboratory writes results; nil where the scene has none.
	laboratory *client.Laboratory
	inbox      *client.Inbox // of a clinic; nil where the scene has none

	apis     []*place
	policies map[string]*party.Policy   // of parties that do not follow Policy
	callers  map[string]fhirmock.Caller // who is behind a token's sub
	blocked  sync.Map                   // addresses
	blocks   atomic.Bool                // some address was blocked
	cast     *cast                      // of a drill; nil in an ordinary world
	scene    Scene
	turns    atomic.Pointer[turns] // nil unless several things happen at once
	rolled   map[string]*fapi.Key  // keys that clients were given while the world ran, by client and use
	purged   map[string]bool       // kinds of API where nobody can listen any more

	doctor  *person // the clinician whose morning it is
	mallory *person
	patient string // the record she opens

	overheard map[event.Vantage][]event.Message
	stolen    map[event.Asset][]byte
	granted   map[event.Vantage]bool
	hopTaken  atomic.Bool // see hop
}

// Options say how a run is made.
type Options struct {
	Profile control.Profile
	Seed    uint64
	Wire    string            // "memory", which is the default, or "tcp": TLS over loopback sockets
	Sink    func(event.Event) // sees every event as it happens; may be nil

	cast  *cast  // who else takes part, in a drill
	alone bool   // nobody is lent what the log keeps: see network.Config
	stock *stock // of the seed, from whoever makes many worlds of it; nil: the world's own
}

// Sharing returns the options for many runs of one seed: they share its keys, and what their cryptography gave. Each
// run is what it would have been alone.
func Sharing(o Options) Options {
	o.stock = newSharedStock(o.Seed)
	return o
}

// NewWorld makes a world. Close it afterwards.
func NewWorld(o Options, scene Scene) (*World, error) {
	w := &World{
		Clock:     clock.Virtual(clock.Epoch),
		Policy:    party.NewPolicy(o.Profile),
		people:    fhirmock.Everybody(),
		overheard: map[event.Vantage][]event.Message{},
		stolen:    map[event.Asset][]byte{},
		granted:   map[event.Vantage]bool{},
		callers:   population().callers,
		cast:      o.cast,
		rolled:    map[string]*fapi.Key{},
		purged:    map[string]bool{},
	}
	if w.stock = o.stock; w.stock == nil {
		w.stock = newStock(o.Seed)
	}
	w.dice = w.stock.dice
	w.Log = event.NewLog(w.Clock.Now)
	if o.Sink != nil {
		w.Log.Attach(o.Sink)
	}
	w.Net = network.New(network.Config{Log: w.Log, Clock: w.Clock, Latency: latency, Lends: o.lends()})
	w.scene = scene
	w.scene.AppThere = scene.AppThere || scene.AppOpened
	w.cast.join(w)
	if err := w.build(scene); err != nil {
		return nil, err
	}
	if o.Wire == WireTCP {
		if err := w.Net.UseTCP(); err != nil {
			return nil, fmt.Errorf("loopback sockets: %w", err)
		}
	}
	return w, nil
}

// Names of the wires.
const (
	WireMemory = "memory"
	WireTCP    = "tcp"
)

// Close ends the world's sockets, if it has any.
func (w *World) Close() error { return w.Net.Close() }

func (w *World) build(scene Scene) error {
	w.castPeople()
	if err := w.buildServers(); err != nil {
		return err
	}
	return w.buildClients(scene)
}

// party returns an honest participant whose clock is off by skew.
func (w *World) party(name string, skew time.Duration) *party.Party {
	return w.partyUnder(name, skew, w.policyOf(name))
}

func (w *World) partyUnder(name string, skew time.Duration, policy *party.Policy) *party.Party {
	c := w.Clock
	if skew != 0 {
		c = w.Clock.Skewed(skew)
	}
	return &party.Party{Name: name, Policy: policy, Clock: c, Dice: w.dice.Fork(name), Tell: w.tellInTurn}
}

// lends tells of everybody but the thief, whose techniques may do as they like with what they get.
func (o Options) lends() func(actor string) bool {
	if o.alone {
		return nil
	}
	return func(actor string) bool { return actor != thief }
}

func (w *World) tell(ctx context.Context, b event.Body) { w.Log.Tell(ctx, b) }

func (w *World) buildServers() error {
	var err error
	if err = w.buildCertificates(); err != nil {
		return err
	}
	c := idp.Config{
		Issuer: issuer, Party: w.party("as", 0), Clients: w.registrations(), Users: w.accounts(),
		Resources:    append(w.resources(), idp.Resource{Identifier: thiefsAPI, Apart: true}),
		DetailTypes:  []idp.DetailType{idp.PatientRecord()},
		Registration: &idp.Registration{Token: w.secret("initial access token"), Scope: scopeClinician},
		Key:          w.tokenKey,
		Directory:    patientDirectory(),
		Memo:         w.stock.memo,
	}
	if w.authority != nil {
		c.MTLSBase, c.Authorities = mtlsBase, []*x509.Certificate{w.authority.Certificate}
	}
	if w.as, err = idp.New(c); err != nil {
		return err
	}
	door := &door{w: w, name: "as", next: w.as}
	w.Net.Serve("as.thiefbox.test", "as", door)
	if w.authority != nil {
		w.Net.ServeMutual("mtls.as.thiefbox.test", "as", door)
	}
	return w.buildAPIs()
}

// stepUps: documents hold what patients tell in confidence, so a password alone does not open them.
var stepUps = []fhirmock.StepUp{{Type: "DocumentReference", ACR: []string{"loa-high"}, MaxAge: 15 * time.Minute}}

// ordinaryAPIs are those of every world: the records, on two nodes, and the laboratory.
var ordinaryAPIs = []placePlan{
	{kind: "records", actor: "fhir", host: "fhir.thiefbox.test", base: fhirBase, id: "fhir-api", nodes: 2},
	{kind: "laboratory", actor: "lab", host: "lab.thiefbox.test", base: labBase, id: "lab-api", nodes: 1},
}

func (w *World) plans() []placePlan { return w.cast.plans(ordinaryAPIs) }

func (w *World) resources() (out []idp.Resource) {
	for _, p := range w.plans() {
		out = append(out, w.asker(p.base, p.id))
	}
	return out
}

func (w *World) buildAPIs() error {
	for _, p := range w.plans() {
		if err := w.addAPI(p); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) buildClients(scene Scene) error {
	// The EHR uses the same id and key at both servers, as clients in a federation do; that is what makes
	// it worth harvesting an assertion from.
	own, rogue := w.credentials(webEHR, issuer), w.credentials(webEHR, rogueIssuer)
	var err error
	w.ehr, err = client.NewEHR(client.EHRConfig{
		Party: w.party("ehr", scene.ClientClockAhead), Name: "Journal Web", URL: ehrURL, HTTP: w.Net.Client("ehr"),
		Issuers: []client.Registration{
			{Label: "National health login", Credentials: own, Key: w.authKey(webEHR)},
			{Label: "Regional login", Credentials: rogue, Key: w.authKey(webEHR)},
		},
		FHIRBase: fhirBase, LabBase: labBase, DPoPKey: w.proofKey(webEHR), Verifier: w.fixedVerifier(scene), Apps: w.apps(), Memo: w.stock.memo,
	})
	if err != nil {
		return err
	}
	if scene.PagesWithoutPolicy {
		w.ehr.DropContentPolicy()
	}
	w.Net.Serve("ehr.thiefbox.test", "ehr", w.ehr)
	if err := errors.Join(w.buildChart(), w.buildReviewer(), w.buildLaboratory(), w.buildInbox(), w.buildPortal()); err != nil {
		return err
	}
	return w.buildSuppliers()
}

func (w *World) buildSuppliers() error {
	var err error
	w.supplier, err = client.NewSupplier(client.SupplierConfig{
		Party: w.party("supplier", 0), HTTP: w.Net.Client("supplier"), FHIRBase: fhirBase,
		Registration: client.Registration{Credentials: w.credentials(cloudSupplier, issuer), Key: w.authKey(cloudSupplier)},
		DPoPKey:      w.proofKey(cloudSupplier),
	})
	if err != nil {
		return err
	}
	// Whatever the profile of the day, the old supplier speaks the legacy dialect and checks what was
	// checked then.
	legacy, err := control.ProfileNamed("legacy")
	if err != nil {
		return err
	}
	old := w.party("oldsupplier", 0)
	old.Policy = party.NewPolicy(legacy)
	w.old, err = client.NewSupplier(client.SupplierConfig{
		Party: old, HTTP: w.Net.Client("oldsupplier"), FHIRBase: fhirBase,
		Registration: client.Registration{Credentials: w.credentials(oldSupplier, issuer)},
	})
	return err
}

// marksIn finds the thief's mark in what an API stores.
func (w *World) marksIn(resource []byte) []string {
	if bytes.Contains(resource, []byte(w.stock.mark)) {
		return []string{w.stock.mark}
	}
	return nil
}

func (w *World) canary(patient string) string { return w.stock.canary(patient) }

func (w *World) secret(owner string) string { return w.stock.secret(owner) }

// tokenKey signs the authorization server's tokens. RSA keys are slow to make, so worlds share one:
// it never leaves the process, and transcripts show no signature.
func (w *World) tokenKey() *fapi.Key {
	if w.Policy.Profile().Dialect.TokenAlg == "RS256" {
		return sharedRSAKey().Remembering(w.stock.memo)
	}
	return w.stock.key("as-2026")
}

// nextTokenKey takes its place.
func (w *World) nextTokenKey() *fapi.Key {
	if w.Policy.Profile().Dialect.TokenAlg == "RS256" {
		return nextRSAKey().Remembering(w.stock.memo)
	}
	return w.stock.key("as-2027")
}

var (
	sharedRSAKey = sync.OnceValue(func() *fapi.Key { return newRSAKey("as-rsa-2026") })
	nextRSAKey   = sync.OnceValue(func() *fapi.Key { return newRSAKey("as-rsa-2027") })
)

func newRSAKey(id string) *fapi.Key {
	key, err := fapi.NewRSAKey(id, "RS256")
	if err != nil {
		panic("sim: crypto/rsa cannot make a key: " + err.Error())
	}
	return key
}

// strangersTo lists the patients whose records are none of one's business.
func strangersTo(rights []string) []string {
	return slices.DeleteFunc(slices.Clone(population().patients), func(id string) bool { return slices.Contains(rights, id) })
}
