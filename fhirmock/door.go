package fhirmock

import (
	"context"
	"net/http"
	"slices"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// door is the one place that decides whether a record may leave, or be changed. The engine hands nothing
// out and stores nothing that has not come by here: a read, a match, an _include, what a chain or a
// condition looks through, a line of $everything, an entry of a batch, an old version, a Binary. It is
// made for one request and remembers what it has asked, so that each question is asked once.
//
// Three guards stand in it: does the scope cover the type (scopeGuards, a list for each part that a record has), has the person signed in well enough for it
// (stepUpGuards), and may the caller see, find or change the records of each patient concerned (recordGuards, a
// list for each way out: real APIs forget one of them, not all).
type door struct {
	ctx     context.Context
	v       *visit
	scopes  map[need]error
	levels  map[string]error // of sign-in, by type of resource
	records map[concern]error
	labels  map[labelConcern]error
	sought  map[string]error // parameters that records were searched by
	broken  map[string]bool  // patients for whom the glass is broken
	// consents are asked about once a patient is.
	consents *consents
	// newcomers are patients who are entered by this request.
	newcomers map[string]*store.Record
	entered   byte     // the letter of the interaction under way
	handed    int      // records, by the entries of a bundle so far
	own       []string // whose records he may see of those whom the population knows; nil before that is asked
	settled   bool
	mine      map[string]bool // subscriptions that this request makes, or makes anew
	// told are the patients of records that are not shown, but decide what is.
	told    []string
	verdict error
	content bool // what is asked about is a Binary
}

type concern struct {
	way     way
	patient string
	log     bool // of accesses: an auditor reads it, whoever's record was opened
	content bool // of a Binary
}

// guards are those that a concern meets. A Binary has no subject, and lies in no compartment that FHIR defines: whose it
// is stands in its securityContext, and by whichever way it would be shown, that is one question.
func (c concern) guards() []control.Guard[visit] {
	if c.content && c.way != writing && c.way != referring {
		return recordGuards[unwrapping]
	}
	return recordGuards[c.way]
}

// way is which list of guards a record meets (recordGuards).
type way uint8

const (
	reading way = iota
	olding
	unwrapping
	finding
	paging
	counting
	including
	revIncluding
	chaining
	gathering
	exporting
	referring
	conditioning
	graphing
	notifying
	writing
	manyWays
)

// ways says what each way out of the store asks of the caller: the letter of the scope, and the guards. A
// record that is named is refused aloud, one that would be among others is left out. What tells of a record
// without showing it is noted down.
var ways = map[store.Way]struct {
	verb byte // 0: the interaction was asked about at its beginning, and brings the letter along
	way  way
	loud bool
	tell bool
}{
	store.AsRead:       {verb: 'r', way: reading, loud: true},
	store.AsVersion:    {verb: 'r', way: olding, loud: true},
	store.AsHistory:    {way: olding},
	store.AsMatch:      {verb: 's', way: finding},
	store.AsPage:       {verb: 's', way: paging},
	store.AsCount:      {verb: 's', way: counting, tell: true},
	store.AsInclude:    {verb: 's', way: including},
	store.AsRevInclude: {verb: 's', way: revIncluding},
	store.AsChain:      {verb: 's', way: chaining, tell: true},
	store.AsHas:        {verb: 's', way: chaining, tell: true},
	store.AsEverything: {verb: 'r', way: gathering},
	store.AsExport:     {verb: 'r', way: exporting},
	store.AsEcho:       {verb: 'r', way: finding},
	store.AsTest:       {verb: 'r', way: reading, loud: true},
	store.AsTarget:     {way: referring}, // to name a record takes no right to read it, but it must be one the caller may find
	store.AsCondition:  {verb: 's', way: conditioning, tell: true},
	store.AsGraph:      {verb: 'r', way: graphing, loud: true},
	store.AsGraphLink:  {verb: 'r', way: graphing},
	store.AsGraphMatch: {verb: 's', way: graphing},
	store.AsGraphCount: {verb: 's', way: graphing, tell: true},
	store.AsNotice:     {verb: 's', way: notifying},
	store.AsChange:     {way: writing, loud: true},
}

// verbs says which letter each interaction needs (SMART App Launch 2, "Scopes for requesting FHIR resources").
var verbs = map[interact.Kind]byte{
	interact.Read: 'r', interact.VRead: 'r', interact.HistoryInstance: 'r', interact.Everything: 'r', interact.Graph: 'r',
	interact.Search: 's', interact.HistoryType: 's', interact.Export: 'r',
	interact.Create: 'c', interact.Validate: 'c', interact.Update: 'u', interact.Patch: 'u', interact.Delete: 'd',
}

func newDoor(ctx context.Context, v *visit) *door {
	return &door{ctx: ctx, v: v, scopes: map[need]error{}, records: map[concern]error{}}
}

// Enters asks the scope guard about an interaction with a type. An entry of a bundle is a request like any
// other to whoever counts them, and so is each place in a GraphQL query that reads or searches.
func (d *door) Enters(k interact.Kind, resourceType string) error {
	kind := d.v.route.Kind
	if kind == interact.Batch || kind == interact.Transaction || kind == interact.Graph && k != kind {
		if err := d.v.counts(d.ctx); err != nil {
			return err
		}
	}
	if d.v.route.Kind == interact.Batch {
		d.mine = nil // of an entry that was refused in the end
	}
	if d.v.route.override != "" && k == d.v.route.Kind {
		k = d.v.asLined()
	}
	d.entered = verbs[k]
	if err := d.scope(need{resourceType: resourceType, verb: d.entered}); err != nil {
		return err
	}
	if kind == interact.Graph || kind == interact.Batch || kind == interact.Transaction { // before anything is looked at: what is there must not decide whether it is asked
		if err := d.steps(resourceType); err != nil {
			return err
		}
	}
	return d.appends(k, resourceType)
}

func (d *door) scope(n need) error {
	err, asked := d.scopes[n]
	if !asked {
		d.v.need = n
		err = party.Enforce(d.ctx, d.v.api.Party, d.v, scopeGuards[n.part])
		if err == nil && d.v.limited() {
			err = party.Enforce(d.ctx, d.v.api.Party, d.v, limitGuards)
			if r := control.RefusalOf(err); r != nil && n.record != nil {
				r.Answer = noSuchRecord // whether there is such a record is not for this caller to know
			}
		}
		d.scopes[n] = err
	}
	return err
}

// steps asks whether the person has signed in as well and as lately as a type of resource takes.
func (d *door) steps(resourceType string) error {
	if d.v.api.stepUp(resourceType) == nil {
		return nil
	}
	err, asked := d.levels[resourceType]
	if !asked {
		d.v.level = resourceType
		err = party.Enforce(d.ctx, d.v.api.Party, d.v, stepUpGuards)
		if d.levels == nil {
			d.levels = map[string]error{}
		}
		d.levels[resourceType] = err
	}
	return err
}

// Opens asks about one record.
func (d *door) Opens(w store.Way, r *store.Record) (bool, error) {
	rule := ways[w]
	if d.v.route.old {
		return d.opensOld(w, r)
	}
	err := d.scopeOf(r, w)
	if err == nil {
		err = d.steps(r.Type)
	}
	if err == nil {
		err = d.reads(w, r)
	}
	if err == nil && r.Type == "Subscription" {
		err = d.subscribes(w, r)
	}
	d.v.ofLog, d.content = r.Type == "AuditEvent", r.Type == "Binary"
	if w == store.AsChange && r.Type == "Patient" && !d.v.api.People.Knows(r.ID) {
		d.admit(r)
	}
	for _, patient := range r.Patients {
		if err == nil {
			err = d.concerns(rule.way, patient)
		}
	}
	if refusal := control.RefusalOf(err); refusal != nil && w == store.AsChange && r.Type == "Patient" && d.entered == 'c' && d.v.route.override == "" {
		refusal.Answer = enteredByOthers // there was none before, so that nothing is told by saying so
	}
	if err == nil && len(r.Patients) == 0 && rule.loud {
		err = d.concerns(rule.way, "")
	}
	if err == nil {
		err = d.clears(rule.way, r)
	}
	if err == nil {
		err = d.allows(rule.way, r)
	}
	if err == nil {
		err = d.authors(w, r)
	}
	if err == nil {
		err = d.assigns(w, r)
	}
	if err == nil {
		err = d.broke(r.Patients)
	}
	if err == nil && w == store.AsTest && d.v.partial { // whether it fits would tell of all of it
		_, err = d.cuts(w, r)
	}
	if err == nil {
		if rule.tell {
			d.tells(r.Patients)
		}
		return true, nil
	}
	if !rule.loud && control.RefusalOf(err) != nil {
		return false, nil
	}
	return false, err
}

// admit remembers a patient who is being entered, so that what is entered about her along with her can be.
// The first version met is the one that stood before, which decides about the next.
func (d *door) admit(r *store.Record) {
	if d.newcomers == nil {
		d.newcomers = map[string]*store.Record{}
	}
	if d.newcomers[r.ID] == nil {
		d.newcomers[r.ID] = r
	}
}

func (d *door) concerns(w way, patient string) error {
	c := concern{w, patient, d.v.ofLog, d.content}
	err, asked := d.records[c]
	if !asked {
		if err = d.breaks(w, patient); err == nil {
			d.v.patient = patient
			err = party.Enforce(d.ctx, d.v.api.Party, d.v, c.guards())
		}
		d.records[c] = err
	}
	return err
}

// tells notes patients down whose records decide about an answer.
func (d *door) tells(patients []string) {
	for _, p := range patients {
		// Records of one patient come in a row.
		if n := len(d.told); n == 0 || d.told[n-1] != p {
			d.told = append(d.told, p)
		}
	}
}

// toldBesides are those whose records are not in the answer, each once.
func (d *door) toldBesides(shown []string) []string {
	if len(d.told) == 0 {
		return nil
	}
	if len(d.told) == 1 && slices.Contains(shown, d.told[0]) {
		return nil // a search within one patient's records, as most are
	}
	seen := make(map[string]bool, len(shown))
	for _, p := range shown {
		seen[p] = true
	}
	out := d.told[:0]
	for _, p := range d.told {
		if !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out
}

// Caller names whose exports are whose: a token's subject at its client.
func (d *door) Caller() string { return d.v.claims.ClientID + " " + d.v.claims.Subject }

// Coarse tells whether the answer about a record follows from its type, whose it is and how it is labelled: it does unless a
// scope or a Consent looks at the record itself. Of the log of accesses each entry is asked about, and each subscription.
func (d *door) Coarse(_ store.Way, resourceType string) bool {
	return !d.v.narrow && len(d.v.details) == 0 && resourceType != "AuditEvent" && resourceType != "Subscription" && !d.particular()
}

// Fetches asks whether the caller may see what is kept for somebody.
func (d *door) Fetches(owner string) error {
	d.v.owner = owner
	return party.Enforce(d.ctx, d.v.api.Party, d.v, exportGuards)
}

// Turns asks whether the caller may go on by a link to a further page.
func (d *door) Turns(made bool) error {
	d.v.ownPage = made
	return party.Enforce(d.ctx, d.v.api.Party, d.v, pageGuards)
}

// Settle uses the proof up, before anything is stored or served: last of all, so that who is refused has
// used nothing up, and once, though a batch may store many times.
func (d *door) Settle() error {
	if !d.settled {
		d.settled = true
		if d.v.used.scheme == schemeDPoP && !d.v.route.old {
			d.verdict = party.Enforce(d.ctx, d.v.api.Party, d.v, onceGuards)
		}
	}
	if d.verdict == nil && len(d.mine) > 0 {
		return d.subscribed()
	}
	return d.verdict
}

// Refuse makes the answer of a batch entry that was refused.
func (d *door) Refuse(err error) (int, []byte) {
	p := d.v.api.problemOf(d.ctx, err)
	d.v.missed(p.status)
	return p.status, p.outcome()
}

// Missed counts a conditional delete of nothing, or a patient whom a GraphQL query does not find: whoever guesses is not to do so unnoticed because it is no error.
func (d *door) Missed() { d.v.missed(http.StatusNotFound) }

// treats tells whether a caller is entitled to a patient: by the population's relationships, or, for one
// who was entered later, by what her record says about who treats her.
func (v *visit) treats(patient string) bool {
	caller, people := v.caller(), v.api.People
	if people.Knows(patient) {
		return people.May(caller, patient)
	}
	r := v.door.newcomers[patient]
	if r == nil {
		if found := v.api.Records.View().Get("Patient", patient); found != nil {
			r, _ = found.Open(insider{}, store.AsRead)
		}
	}
	if r == nil {
		return false
	}
	return caller.Patient == patient ||
		caller.Practitioner != "" && slices.Contains(r.References("general-practitioner"), "Practitioner/"+caller.Practitioner) ||
		caller.Organization != "" && slices.Contains(r.References("organization"), "Organization/"+caller.Organization)
}

// insider is the door of the one who decides: to know who treats a patient, her record must be looked at.
type insider struct{}

func (insider) Opens(store.Way, *store.Record) (bool, error) { return true, nil }
