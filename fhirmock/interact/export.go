package interact

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// Bulk Data (FHIR Bulk Data Access 2.0): a request for everything is answered with an address, the address
// with a list of files (manifest.go), a file with a line for each record (lines.go). An export is a view of the
// store, so it says what was there when it was asked for, and costs nothing until a file is fetched; each record
// is opened then, for whoever fetches it. export_read.go reads what is asked for, export_keep.go lets an export
// outlive the process.

// Exports remembers the exports of an API. The zero value is ready, and remembers them in memory alone; it is safe for
// concurrent use.
type Exports struct {
	mu     sync.Mutex
	jobs   map[string]*export
	keeper ExportKeeper // nil if nothing outlives the process
	people string       // over whom the store lies, for the keeper
	marks  map[string]uint64
}

// mostExports is how many are remembered, and mostOfOne how many of one caller. Whoever wants more is asked to delete one,
// or to wait until one is over: an export that was promised until a time is there until then. Of too many callers, whoever
// has the most loses his oldest: nobody is told of what others have asked for, or loses his by it.
const (
	mostExports = 1000
	mostOfOne   = 100
)

type export struct {
	id, owner, request string
	base               string // of the API at which it was asked for
	view               store.View
	at                 time.Time
	types              []string
	since              float64                   // 0 for ever
	filters            []string                  // _typeFilter, as it came
	only               map[string][]*query.Query // the same by type: any of them will do
	shows              shows                     // _elements
	compartment        bool                      // only what lies in some patient's
	members            []string                  // only theirs, if chosen
	chosen             bool                      // members count: of a group, or named in the request
	notes              []Issue                   // what the caller should know of it: a file of the manifest's "error"

	looking sync.Mutex
	looked  look // how far the list of files has come
}

// lasting is how long an export can be fetched.
const lasting = time.Hour

func (j *export) over(now time.Time) bool { return now.Sub(j.at) >= lasting }

// add remembers an export, and forgets those that are over.
func (x *Exports) add(j *export) error {
	gone, err := x.admit(j)
	if err != nil || x.keeper == nil {
		return err
	}
	if err := x.keep(j, gone); err != nil {
		x.mu.Lock()
		delete(x.jobs, j.id)
		x.mu.Unlock()
		return fmt.Errorf("%w: an export: %w", store.ErrNotKept, err)
	}
	return nil
}

// admit finds a place for an export, and returns those that are over.
func (x *Exports) admit(j *export) (gone []string, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.jobs == nil {
		x.jobs = map[string]*export{}
	}
	of := map[string][]*export{} // by owner
	for id, other := range x.jobs {
		if other.over(j.at) {
			delete(x.jobs, id)
			gone = append(gone, id)
			continue
		}
		of[other.owner] = append(of[other.owner], other)
	}
	if his := of[j.owner]; len(his) >= mostOfOne {
		return gone, tooManyExports(oldest(his).at, j.at)
	}
	if len(x.jobs) >= mostExports {
		most := slices.MaxFunc(slices.Sorted(maps.Keys(of)), func(a, b string) int { return len(of[a]) - len(of[b]) })
		id := oldest(of[most]).id
		delete(x.jobs, id)
		gone = append(gone, id)
	}
	x.jobs[j.id] = j
	return gone, nil
}

func tooManyExports(oldest, now time.Time) error {
	p := problem(http.StatusTooManyRequests, "throttled", "expected at most "+strconv.Itoa(mostOfOne)+" exports at a time, got one more; delete one that is done with (DELETE its Content-Location)")
	p.RetryAfter = oldest.Add(lasting).Sub(now)
	return p
}

func oldest(of []*export) *export {
	return slices.MinFunc(of, func(a, b *export) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id)) })
}

// of finds an export. Whether the caller is its owner is for the gate to say.
func (x *Exports) of(id string, g Gate, now time.Time) (*export, error) {
	x.mu.Lock()
	j := x.jobs[id]
	x.mu.Unlock()
	if j == nil || j.over(now) {
		return nil, missing()
	}
	return j, g.Fetches(j.owner)
}

// remove forgets an export, on the disk first: who was told that it is gone must not find it there after a restart.
func (x *Exports) remove(id string) error {
	if x.keeper != nil {
		if err := x.keeper.DropExport(id); err != nil {
			return fmt.Errorf("%w: the end of an export: %w", store.ErrNotKept, err)
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.jobs, id)
	return nil
}

// export begins one.
func (e *Engine) export(g Gate, r *Request) (*Response, error) {
	if !r.Async {
		return nil, problem(http.StatusBadRequest, "required", "expected Prefer: respond-async")
	}
	j := &export{id: e.NewID(), owner: g.Caller(), base: e.Base, request: e.Base + "/" + r.path() + asQuery(r.Params),
		compartment: r.Level != "", chosen: r.Level == "Group"}
	// Nothing dated up to then may be missing, or whoever asks for what came since would never be told of it (Bulk Data 2.0,
	// "transactionTime").
	j.view, j.at = e.Store.Settled(e.Now)
	if err := j.read(g, r); err != nil {
		return nil, err
	}
	if r.Level == "Group" {
		if err := j.readGroup(g, r); err != nil {
			return nil, err
		}
	}
	if err := j.checkMembers(g, r); err != nil {
		return nil, err
	}
	if err := e.Exports.add(j); err != nil {
		return nil, err
	}
	return &Response{Status: http.StatusAccepted, Resource: r.path(), ContentLocation: e.Base + "/_export/" + j.id}, nil
}

func (r *Request) path() string {
	switch r.Level {
	case "Patient":
		return "Patient/$export"
	case "Group":
		return "Group/" + r.ID + "/$export"
	}
	return "$export"
}

// everyType takes the types that the caller's scope covers; if there are none, he is told.
func (j *export) everyType(g Gate) (refused error) {
	for _, t := range query.Types {
		if j.compartment && !ofPatients(t) {
			continue
		}
		if err := g.Enters(Export, t); err != nil {
			refused = err
			continue
		}
		j.types = append(j.types, t)
	}
	if len(j.types) > 0 {
		return nil
	}
	return refused
}

// ofPatients tells types whose records can lie in a patient's compartment, and are exported as themselves (see
// lines.wants for a Binary).
func ofPatients(t string) bool {
	return t == "Patient" || len(r4.Compartment(t)) > 0
}

func (j *export) readGroup(g Gate, r *Request) error {
	if err := g.Enters(Read, "Group"); err != nil {
		return err
	}
	found := j.view.Get("Group", r.ID)
	if found == nil || found.Deleted() {
		return missing()
	}
	group, err := found.Open(g, store.AsRead)
	if err != nil || group == nil {
		return orMissing(err)
	}
	named := j.members
	j.members = membersOf(group.Node(""))
	if named == nil {
		return nil
	}
	is := map[string]bool{}
	for _, id := range j.members {
		is[id] = true
	}
	err = j.unknown(named, j.members, "a member of the group")
	if p, told := err.(*query.Problem); told && r.Lenient {
		j.note(p)
		err = nil
	}
	j.members = slices.DeleteFunc(named, func(id string) bool { return !is[id] })
	return err
}
