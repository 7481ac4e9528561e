package interact

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// Bulk Data (FHIR Bulk Data Access 2.0): a request for everything is answered with an address, the address
// with a list of files, a file with a line for each record. An export is a view of the store, so it says
// what was there when it was asked for, and costs nothing until a file is fetched; each record is opened
// then, for whoever fetches it.

// Exports remembers the exports of an API. The zero value is ready; it is safe for concurrent use.
type Exports struct {
	mu    sync.Mutex
	jobs  map[string]*export
	order []string
}

// mostExports is how many are remembered; then the oldest goes.
const mostExports = 100

type export struct {
	id, owner, request string
	view               store.View
	at                 time.Time
	types              []string
	since              float64
	compartment        bool     // only what lies in some patient's
	members            []string // of a group: only theirs
	group              bool
}

func (x *Exports) add(j *export) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.jobs == nil {
		x.jobs = map[string]*export{}
	}
	if len(x.order) == mostExports {
		delete(x.jobs, x.order[0])
		x.order = x.order[1:]
	}
	x.jobs[j.id] = j
	x.order = append(x.order, j.id)
}

// of finds an export. Whether the caller is its owner is for the gate to say.
func (x *Exports) of(id string, g Gate) (*export, error) {
	x.mu.Lock()
	j := x.jobs[id]
	x.mu.Unlock()
	if j == nil {
		return nil, missing()
	}
	return j, g.Fetches(j.owner)
}

func (x *Exports) remove(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.jobs, id)
	x.order = slices.DeleteFunc(x.order, func(s string) bool { return s == id })
}

// export begins one.
func (e *Engine) export(g Gate, r *Request) (*Response, error) {
	if !r.Async {
		return nil, problem(http.StatusBadRequest, "required", "expected Prefer: respond-async")
	}
	j := &export{id: e.NewID(), owner: g.Caller(), view: e.Store.View(), at: e.Now(), request: e.Base + "/" + r.path() + asQuery(r.Params),
		compartment: r.Level != "", group: r.Level == "Group"}
	if err := j.read(g, r); err != nil {
		return nil, err
	}
	if j.group {
		if err := j.readGroup(g, r.ID); err != nil {
			return nil, err
		}
	}
	e.Exports.add(j)
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

func (j *export) read(g Gate, r *Request) error {
	for name, values := range r.Params {
		raw := values[len(values)-1]
		switch name {
		case "_format", "_pretty":
		case "_outputFormat":
			if !slices.Contains([]string{"application/fhir+ndjson", "application/fhir ndjson", "application/ndjson", "ndjson"}, raw) {
				return problem(http.StatusBadRequest, "value", "parameter \"_outputFormat\": expected application/fhir+ndjson, got "+query.Quote(raw))
			}
		case "_since":
			t, ok := terms.Date(strings.ReplaceAll(raw, " ", "+"))
			if !ok {
				return problem(http.StatusBadRequest, "value", "parameter \"_since\": expected an instant, got "+query.Quote(raw))
			}
			j.since = t.Lo
		case "_type":
			for t := range strings.SplitSeq(strings.Join(values, ","), ",") {
				if !query.Served(t) {
					return problem(http.StatusBadRequest, "value", "parameter \"_type\": expected resource types that are served, got "+query.Quote(t))
				}
				if err := g.Enters(Export, t); err != nil {
					return err
				}
				j.types = append(j.types, t)
			}
		default:
			if !r.Lenient {
				return unknownParameter(name, r.Kind)
			}
		}
	}
	if len(j.types) > 0 {
		return nil
	}
	return j.everyType(g)
}

// everyType takes the types that the caller's scope covers; if there are none, he is told.
func (j *export) everyType(g Gate) (refused error) {
	for _, t := range query.Types {
		if j.compartment && t != "Patient" && t != "Binary" && len(r4.Compartment(t)) == 0 {
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

func (j *export) readGroup(g Gate, id string) error {
	if err := g.Enters(Read, "Group"); err != nil {
		return err
	}
	found := j.view.Get("Group", id)
	if found == nil || found.Deleted() {
		return missing()
	}
	group, err := found.Open(g, store.AsRead)
	if err != nil || group == nil {
		return orMissing(err)
	}
	for _, ref := range group.References("member") {
		if member, is := strings.CutPrefix(ref, "Patient/"); is {
			j.members = append(j.members, member)
		}
	}
	return nil
}

// wants tells whether a record, which the door has opened, belongs to the export.
func (j *export) wants(r *store.Record) bool {
	if float64(r.Updated.UnixMilli()) < j.since || j.compartment && len(r.Patients) == 0 {
		return false
	}
	return !j.group || slices.ContainsFunc(r.Patients, func(p string) bool { return slices.Contains(j.members, p) })
}

// lines are the records of one file, up to a number; 0 for all.
func (j *export) lines(g Gate, resourceType string, most int) ([]*store.Record, error) {
	view, err := query.Narrowed(j.view, g, resourceType, nil, store.AsExport)
	if err != nil {
		return nil, err
	}
	if j.group {
		view = view.Among(j.members)
	}
	var out []*store.Record
	var after *store.Position
	for {
		search := view.Find(resourceType, nil, nil, after)
		for found := search.Next(); found != nil; found = search.Next() {
			r, err := found.Open(g, store.AsExport)
			if err != nil {
				return nil, err
			}
			if r != nil && j.wants(r) {
				if out = append(out, r); len(out) == most {
					return out, nil
				}
			}
		}
		if !search.Cut {
			return out, nil
		}
		at := search.At()
		after = &at
	}
}

type manifest struct {
	TransactionTime     string         `json:"transactionTime"`
	Request             string         `json:"request"`
	RequiresAccessToken bool           `json:"requiresAccessToken"`
	Output              []manifestFile `json:"output"`
	Error               []manifestFile `json:"error"`
}

type manifestFile struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// exportStatus lists the files of an export: those in which there is anything for the caller.
func (e *Engine) exportStatus(g Gate, r *Request) (*Response, error) {
	j, err := e.Exports.of(r.ID, g)
	if err != nil {
		return nil, err
	}
	m := manifest{j.at.UTC().Format(time.RFC3339), j.request, true, []manifestFile{}, []manifestFile{}}
	for _, t := range j.types {
		some, err := j.lines(g, t, 1)
		if err != nil {
			return nil, err
		}
		if len(some) > 0 {
			m.Output = append(m.Output, manifestFile{t, e.Base + "/_export/" + j.id + "/" + t + ".ndjson"})
		}
	}
	b, err := json.Marshal(m)
	return &Response{Status: http.StatusOK, Body: b, Resource: "_export/" + j.id, Plain: true}, err
}

// exportFile is one file.
func (e *Engine) exportFile(g Gate, r *Request) (*Response, error) {
	j, err := e.Exports.of(r.ID, g)
	if err != nil {
		return nil, err
	}
	t := strings.TrimSuffix(r.Version, ".ndjson")
	if t == r.Version || !slices.Contains(j.types, t) {
		return nil, missing()
	}
	if err := g.Enters(Export, t); err != nil {
		return nil, err
	}
	lines, err := j.lines(g, t, 0)
	if err != nil {
		return nil, err
	}
	out := &Response{Status: http.StatusOK, Lines: lines, Resource: "_export/" + j.id + "/" + r.Version}
	seen := map[string]bool{}
	for _, rec := range lines {
		for _, p := range rec.Patients {
			if !seen[p] {
				seen[p] = true
				out.Patients = append(out.Patients, p)
			}
		}
	}
	return out, nil
}

// exportDelete forgets an export.
func (e *Engine) exportDelete(g Gate, r *Request) (*Response, error) {
	if _, err := e.Exports.of(r.ID, g); err != nil {
		return nil, err
	}
	e.Exports.remove(r.ID)
	return &Response{Status: http.StatusAccepted, Resource: "_export/" + r.ID}, nil
}
