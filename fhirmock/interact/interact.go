// Package interact carries out the interactions of FHIR's RESTful API on a store: read, vread, history,
// create, update, patch, delete, their conditional forms, search, batch, transaction, $everything, $export,
// $graphql and $validate. It speaks in requests and responses that know no HTTP server, so that an entry of a batch is
// carried out by the same code as a request of its own.
//
// Who may do what is not decided here. A Gate is asked, at the beginning of each interaction about the
// kind of thing (Enters), and about every record that is touched (it is a store.Door); what it refuses is
// not done. Begin with Engine.Do; route.go says which request is which interaction, write.go is how
// records change (narrative.go: what a patch leaves of the text), subscription.go what may be
// asked of a subscription, transaction.go the two kinds of bundle, names.go what
// their entries call each other.
//
// Not offered: patches other than JSON Patch, searches and histories of all types at once, bundles of other types than
// batch and transaction, $validate of what is stored or against profiles, subscriptions by other channels than rest-hook.
package interact

import (
	"net/http"
	"net/url"
	"time"

	"thiefbox/fhirmock/graph"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// Kind is an interaction, by its FHIR name.
type Kind string

// The interactions.
const (
	Read            Kind = "read"
	VRead           Kind = "vread"
	HistoryInstance Kind = "history-instance"
	HistoryType     Kind = "history-type"
	Search          Kind = "search-type"
	Create          Kind = "create"
	Update          Kind = "update"
	Patch           Kind = "patch"
	Delete          Kind = "delete"
	Batch           Kind = "batch"
	Transaction     Kind = "transaction"
	Everything      Kind = "everything"
	Graph           Kind = "graphql"
	Validate        Kind = "validate"
	Capabilities    Kind = "capabilities"
	Export          Kind = "export"
	ExportStatus    Kind = "export-status"
	ExportFile      Kind = "export-file"
	ExportDelete    Kind = "export-delete"
	// Notify is no request of anybody's: what was written is sent to a subscriber.
	Notify Kind = "notify"
)

// Gate says what the caller may do.
type Gate interface {
	store.Door
	// Enters asks whether the caller may do this kind of thing with this type at all.
	Enters(k Kind, resourceType string) error
	// Holds asks about what a resource holds that is about to be stored.
	Holds(n *r4.Node) error
	// Caller names who asks, for what is kept for him from one request to the next.
	Caller() string
	// Fetches asks whether the caller may see what is kept for somebody, by Caller's name.
	Fetches(owner string) error
	// Turns asks whether the caller may go on by a link to a further page: made says that it was made for him.
	Turns(made bool) error
	// Handed hears of an entry of a bundle how many records of patients it hands out (Response.Handed).
	Handed(n int)
	// More asks, in the midst of a GraphQL query, whether the caller may have more than so many records of patients by it.
	More(handed int) error
	// Missed hears that a conditional delete, or a search in a GraphQL query, has found nothing, which is no error and may
	// be a guess.
	Missed()
	// Settle has the last word before anything is stored or served.
	Settle() error
	// Refuse turns an error into the status and the OperationOutcome of a batch entry.
	Refuse(err error) (status int, outcome []byte)
}

// Engine carries interactions out.
type Engine struct {
	Store  *store.Store
	Base   string // URL of the API, without a slash at the end
	Canary func(patient string) string
	NewID  func() string
	Now    func() time.Time
	// Blind hides in links what they must say and nobody read. It is shared by the nodes of an API.
	Blind query.Blind
	// Exports are shared by the nodes of an API, like the store.
	Exports *Exports
	// Besides are records that are found and not stored; nil for none.
	Besides *Besides
	// Guessable tells of an id that somebody might try: who may not see all there is creates no record by it. Nil for none.
	Guessable func(id string) bool
}

// Request is one interaction that is wanted.
type Request struct {
	Kind    Kind
	Type    string
	ID      string
	Version string
	Within  string     // of a search: the patient in whose compartment it is made, or "" for everywhere
	Params  url.Values // of a search, or of the condition of a conditional interaction
	Body    *r4.Node   // of a write
	Patch   []byte     // JSON Patch, of a patch
	Graph   graph.Ask  // of a GraphQL query

	IfMatch, IfNoneMatch, IfNoneExist string
	IfModifiedSince                   time.Time
	Lenient                           bool // Prefer: handling=lenient
	Async                             bool // Prefer: respond-async
	// Returns says what a bundle's answer holds of what was written: minimal for nothing, OperationOutcome for that, and
	// whatever else for all (Prefer: return).
	Returns string
	// Bare leaves the resource out of the answer to an entry of a bundle: it was asked for by HEAD.
	Bare bool
	// Level is what an export is of: "" for all there is, Patient, or Group with its ID.
	Level  string
	posted bool // its parameters came in a body
}

// Response is what became of it.
type Response struct {
	Status  int
	Record  *store.Record // of an instance; nil for bundles and deletions
	Created bool
	Kept    bool   // a conditional create has found its record, and changed nothing
	Body    []byte // JSON; nil if there is nothing to show
	// Shows says that the body of a write holds more than the caller sent.
	Shows    bool
	Resource string // what was touched, for the log: "Observation/obs-p07-1"
	// Lines are the records of an NDJSON file, or the first of them, in place of a body. Of each, Show is shown.
	Lines []*store.Record
	Show  query.Show
	// More makes the next of the lines when these are sent; nil if there are none. An error comes too late for a
	// status: whoever sends must break off.
	More func() (*Response, error)
	// Plain says that the body is JSON but no resource.
	Plain bool
	// ContentLocation is where the answer to an asynchronous request will be.
	ContentLocation string
	// Progress and RetryAfter (seconds) tell who asks how far it is; Expires, for how long it will be there.
	Progress   string
	RetryAfter int
	Expires    time.Time
	// Patients are those whose records are in the body, in order of appearance.
	Patients []string
	// Asked are the parameters of the searches in a GraphQL query.
	Asked url.Values
	// records is how many records of patients stand in a bundle.
	records int
	// Written lists what was stored. It stands in the store when the response is made.
	Written []*store.Record
}

// Do carries a request out.
func (e *Engine) Do(g Gate, r *Request) (*Response, error) {
	switch r.Kind {
	case Read, VRead:
		return e.read(g, r, e.view(r, e.Store.View()))
	case HistoryInstance, HistoryType:
		return e.history(g, r, e.view(r, e.Store.View()))
	case Search:
		return e.search(g, r, e.view(r, e.Store.View()))
	case Everything:
		return e.everything(g, r, e.Store.View())
	case Graph:
		return e.graph(g, r)
	case Validate:
		return e.validate(g, r)
	case Export:
		return e.export(g, r)
	case ExportStatus:
		return e.exportStatus(g, r)
	case ExportFile:
		return e.exportFile(g, r)
	case ExportDelete:
		return e.exportDelete(g, r)
	case Batch:
		return e.batch(g, r)
	case Transaction:
		return e.transaction(g, r)
	}
	var out *Response
	err := e.Store.Update(e.Now, func(tx *store.Tx) error {
		w := &writer{e: e, g: g, tx: tx}
		var err error
		if out, err = w.do(r); err != nil {
			return err
		}
		return w.finish()
	})
	return out, err
}

func problem(status int, code, text string) *query.Problem {
	return &query.Problem{Status: status, Code: code, Text: text}
}

// gone tells of a record that was deleted, to those who might see it, and by which version: who brings it back to life
// may say that it is this which he knows of (R4 http, "read").
func gone(r *store.Record) *query.Problem {
	p := problem(http.StatusGone, "deleted", "the record was deleted")
	p.ETag = r.ETag()
	return p
}

// NoSuchRecord answers for records that do not exist and for those that are none of the caller's
// business: telling them apart would tell strangers who is a patient.
const NoSuchRecord = "there is no such record, or it is not yours to see"

func missing() *query.Problem { return problem(http.StatusNotFound, "not-found", NoSuchRecord) }

func orMissing(err error) error {
	if err != nil {
		return err
	}
	return missing()
}

// canary is the mark that goes into a record of the base.
func (e *Engine) canary(r *store.Record) string {
	if len(r.Patients) == 0 {
		return ""
	}
	return e.Canary(r.Patients[0])
}

// Render appends a record, or as much of it as is shown.
func (e *Engine) Render(dst []byte, r *store.Record, show query.Show) []byte {
	if show.All() {
		return r.Append(dst, e.canary(r))
	}
	n := r.Node(e.canary(r))
	show.Cut(n)
	return n.Append(dst)
}
