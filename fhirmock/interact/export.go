package interact

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// Bulk Data (FHIR Bulk Data Access 2.0): a request for everything is answered with an address, the address
// with a list of files (manifest.go), a file with a line for each record (lines.go). An export is a view of the
// store, so it says what was there when it was asked for, and costs nothing until a file is fetched; each record
// is opened then, for whoever fetches it.

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
	since              float64                   // 0 for ever
	only               map[string][]*query.Query // _typeFilter, by type: any of them will do
	show               query.Show                // _elements
	compartment        bool                      // only what lies in some patient's
	members            []string                  // only theirs, if chosen
	chosen             bool                      // members count: of a group, or named in the request

	looking sync.Mutex
	looked  look // how far the list of files has come
}

// lasting is how long an export can be fetched.
const lasting = time.Hour

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
func (x *Exports) of(id string, g Gate, now time.Time) (*export, error) {
	x.mu.Lock()
	j := x.jobs[id]
	x.mu.Unlock()
	if j != nil && now.Sub(j.at) >= lasting {
		x.remove(id)
		j = nil
	}
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
		compartment: r.Level != "", chosen: r.Level == "Group"}
	if err := j.read(e, g, r); err != nil {
		return nil, err
	}
	if r.Level == "Group" {
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

func (j *export) read(e *Engine, g Gate, r *Request) error {
	for _, name := range slices.Sorted(maps.Keys(r.Params)) { // _type comes before _typeFilter
		values := r.Params[name]
		raw := values[len(values)-1]
		var err error
		switch name {
		case "_format", "_pretty":
		case "_outputFormat":
			if !slices.Contains([]string{"application/fhir+ndjson", "application/fhir ndjson", "application/ndjson", "ndjson"}, raw) {
				err = problem(http.StatusBadRequest, "value", "parameter \"_outputFormat\": expected application/fhir+ndjson, got "+query.Quote(raw))
			}
		case "_since":
			t, ok := terms.Date(strings.ReplaceAll(raw, " ", "+"))
			if !ok {
				err = problem(http.StatusBadRequest, "value", "parameter \"_since\": expected an instant, got "+query.Quote(raw))
			}
			j.since = t.Lo
		case "_type":
			err = j.readTypes(g, strings.Split(strings.Join(values, ","), ","))
		case "_typeFilter":
			err = j.readFilters(e, values)
		case "_elements":
			err = j.show.Read(name, strings.Join(values, ","))
		case "patient":
			err = j.readPatients(r, values)
		default:
			if !r.Lenient {
				err = unknownParameter(name, r.Kind)
			}
		}
		if err != nil {
			return query.At(name, err)
		}
	}
	if len(j.types) > 0 {
		return nil
	}
	return j.everyType(g)
}

func (j *export) readTypes(g Gate, types []string) error {
	for _, t := range types {
		if !query.Served(t) {
			return problem(http.StatusBadRequest, "value", "parameter \"_type\": expected resource types that are served, got "+query.Quote(t))
		}
		if err := g.Enters(Export, t); err != nil {
			return err
		}
		if !slices.Contains(j.types, t) {
			j.types = append(j.types, t)
		}
	}
	return nil
}

// mostFilters is how many searches an export may be narrowed by.
const mostFilters = 32

// readFilters takes searches such as "Observation?code=x,Condition?…": a comma that begins another one separates.
func (j *export) readFilters(e *Engine, values []string) error {
	j.only = map[string][]*query.Query{}
	n := 0
	for _, raw := range values {
		for _, one := range eachFilter(raw) {
			resourceType, condition, is := strings.Cut(one, "?")
			if n++; n > mostFilters {
				return problem(http.StatusBadRequest, "too-costly", "parameter \"_typeFilter\": expected at most "+strconv.Itoa(mostFilters)+" searches, got more")
			}
			if !is || !query.Served(resourceType) {
				return problem(http.StatusBadRequest, "value", "parameter \"_typeFilter\": expected searches for types that are served, got "+query.Quote(one))
			}
			params, err := parseQuery(condition)
			if err != nil {
				return err
			}
			q, err := query.Parse(query.Context{Base: e.Base}, resourceType, params)
			if err != nil {
				return err
			}
			if !q.Plain() {
				return problem(http.StatusBadRequest, "not-supported", "parameter \"_typeFilter\": expected search parameters alone, got "+query.Quote(one))
			}
			j.only[resourceType] = append(j.only[resourceType], q)
		}
	}
	return nil
}

var anotherFilter = regexp.MustCompile(`,[A-Z][A-Za-z]+\?`)

func eachFilter(raw string) []string {
	var out []string
	from := 0
	for _, at := range anotherFilter.FindAllStringIndex(raw, -1) {
		out = append(out, raw[from:at[0]])
		from = at[0] + 1
	}
	return append(out, raw[from:])
}

// readPatients takes whom an export of patients is narrowed to (Bulk Data 2.0, "patient").
func (j *export) readPatients(r *Request, values []string) error {
	if r.Level == "" {
		return problem(http.StatusBadRequest, "not-supported", "parameter \"patient\": expected an export of patients or of a group")
	}
	for _, raw := range values {
		id := strings.TrimPrefix(raw, "Patient/")
		if !r4.ValidID(id) {
			return problem(http.StatusBadRequest, "value", "parameter \"patient\": expected Patient/id, got "+query.Quote(raw))
		}
		j.members = append(j.members, id)
	}
	j.chosen = true
	return nil
}

// TakeParameters reads what a kick-off by POST has in its body (Bulk Data 2.0, "Bulk Data Kick-off Request").
func (r *Request) TakeParameters(body *r4.Node) error {
	if body.Resource() != "Parameters" {
		return &query.Problem{Status: http.StatusBadRequest, Code: "invalid", Expression: "Resource", Text: "expected a resource of type Parameters, got " + query.Quote(body.Resource())}
	}
	if issues := r4.Validate(body); len(issues) > 0 {
		return &Invalid{issues}
	}
	r.Params = without(r.Params)
	for _, p := range body.List("parameter") {
		name := p.String("name")
		for i, value := range p.Items {
			switch {
			case p.Names[i] == "valueReference":
				r.Params.Add(name, value.String("reference"))
			case strings.HasPrefix(p.Names[i], "value"):
				r.Params.Add(name, value.Text)
			}
		}
	}
	return nil
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
	named := j.members
	j.members = nil
	for _, ref := range group.References("member") {
		member, is := strings.CutPrefix(ref, "Patient/")
		if is && (named == nil || slices.Contains(named, member)) {
			j.members = append(j.members, member)
		}
	}
	return nil
}
