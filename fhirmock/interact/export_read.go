package interact

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// What an export may be asked for (Bulk Data Access 2.0, "Query Parameters"): _outputFormat, _since, _type, _typeFilter,
// _elements, and in a kick-off by POST patient. includeAssociatedData is not offered: Provenance is exported like any
// other type; nor are the partial manifests of later versions. What is not offered is refused, or with Prefer:
// handling=lenient left out, which a file of the manifest's "error" then says. An export of a group since a time holds
// nothing older of patients who have joined it later.

// mostAsked is how long a kick-off may be, written as a query: it is remembered for as long as the export. Five thousand
// patients can be named.
const mostAsked = 256 << 10

func (j *export) read(g Gate, r *Request) error {
	if len(j.request) > mostAsked {
		return problem(http.StatusRequestEntityTooLarge, "too-costly", "expected parameters of at most "+strconv.Itoa(mostAsked>>10)+" KiB as a query, got more")
	}
	for _, name := range slices.Sorted(maps.Keys(r.Params)) { // _type comes before _typeFilter
		if err := j.readOne(g, r, name, r.Params[name]); err != nil {
			return query.At(name, err)
		}
	}
	if len(j.types) > 0 {
		return nil
	}
	return j.everyType(g)
}

func (j *export) readOne(g Gate, r *Request, name string, values []string) error {
	raw := values[len(values)-1]
	switch name {
	case "_format", "_pretty":
		return nil
	case "_outputFormat":
		if !slices.Contains([]string{"application/fhir+ndjson", "application/fhir ndjson", "application/ndjson", "ndjson"}, raw) {
			return problem(http.StatusBadRequest, "value", "parameter \"_outputFormat\": expected application/fhir+ndjson, got "+query.Quote(raw))
		}
		return nil
	case "_since":
		return j.readSince(strings.ReplaceAll(raw, " ", "+"))
	case "_type":
		return j.readTypes(g, r, strings.Split(strings.Join(values, ","), ","))
	case "_typeFilter":
		return j.readFilters(values)
	case "_elements":
		return j.shows.read(strings.Join(values, ","))
	case "patient":
		return j.readPatients(r, values)
	}
	return j.leave(r, unknownParameter(name, r.Kind))
}

// leave leaves out what is not supported, for who has asked for no more than that, and says so in the manifest. What
// would widen an export is never left out.
func (j *export) leave(r *Request, p *query.Problem) error {
	if !r.Lenient {
		return p
	}
	j.note(p)
	return nil
}

// note says in the manifest what was left out.
func (j *export) note(p *query.Problem) {
	j.notes = append(j.notes, Issue{Severity: "warning", Code: p.Code, Text: p.Text, Expression: p.Expression})
}

// readSince takes an instant, which is a time of day with a zone (R4 datatypes, "instant"): of a date alone nobody could
// say which of the changes of that day are meant.
func (j *export) readSince(raw string) error {
	_, err := time.Parse(time.RFC3339Nano, raw)
	t, ok := terms.Date(raw)
	if err != nil || !ok {
		return problem(http.StatusBadRequest, "value", "parameter \"_since\": expected an instant such as 2026-11-22T00:00:00Z, got "+query.Quote(raw))
	}
	j.since = t.Lo
	return nil
}

func (j *export) readTypes(g Gate, r *Request, types []string) error {
	inside := false
	for _, t := range types {
		if !query.Served(t) {
			if err := j.leave(r, problem(http.StatusBadRequest, "not-supported", "parameter \"_type\": expected resource types that are served, got "+query.Quote(t))); err != nil {
				return err
			}
			continue
		}
		if err := g.Enters(Export, t); err != nil {
			return err
		}
		inside = inside || ofPatients(t)
		if !slices.Contains(j.types, t) {
			j.types = append(j.types, t)
		}
	}
	switch {
	case len(j.types) == 0: // of all types, none of which was asked for
		return problem(http.StatusBadRequest, "not-supported", "parameter \"_type\": expected some resource type that is served")
	case j.compartment && !inside:
		return j.leave(r, problem(http.StatusBadRequest, "not-supported", "parameter \"_type\": expected some type that lies in the compartment of patients, got "+query.Quote(strings.Join(j.types, ","))))
	}
	return nil
}

// mostFilters is how many searches an export may be narrowed by.
const mostFilters = 32

// readFilters takes searches such as "Observation?code=x,Condition?…": a comma that begins another one separates.
func (j *export) readFilters(values []string) error {
	only := map[string][]*query.Query{}
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
			q, err := query.Parse(query.Context{Base: j.base}, resourceType, params)
			if err != nil {
				return err
			}
			if !q.Plain() {
				return problem(http.StatusBadRequest, "not-supported", "parameter \"_typeFilter\": expected search parameters alone, got "+query.Quote(one))
			}
			only[resourceType] = append(only[resourceType], q)
		}
	}
	j.only, j.filters = only, values
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

// shows says which elements are wanted of each type; those wanted of all stand under "".
type shows map[string][]string

// mostElements is how many elements may be named.
const mostElements = 200

// read takes "id,Patient.name" (Bulk Data 2.0, "_elements").
func (s *shows) read(raw string) error {
	*s = shows{}
	n := 0
	for e := range strings.SplitSeq(raw, ",") {
		kind, name, typed := strings.Cut(strings.TrimSpace(e), ".")
		if !typed {
			kind, name = "", kind
		}
		if n++; name == "" || strings.Contains(name, ".") || typed && !query.Served(kind) || n > mostElements {
			return problem(http.StatusBadRequest, "value", "parameter \"_elements\": expected names of elements, such as id or Patient.name, got "+query.Quote(raw))
		}
		(*s)[kind] = append((*s)[kind], name)
	}
	return nil
}

// of is what is shown of a type: all of one that no element is named of.
func (s shows) of(kind string) query.Show {
	return query.Show{Elements: slices.Concat(s[""], s[kind])}
}

// readPatients takes whom an export of patients is narrowed to (Bulk Data 2.0, "patient": of a request by POST, and not of
// everything there is).
func (j *export) readPatients(r *Request, values []string) error {
	if r.Level == "" || !r.posted && !r.Lenient {
		return problem(http.StatusBadRequest, "not-supported", "parameter \"patient\": expected it in a POST that asks for an export of patients or of a group")
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

// checkMembers sees to it that patients who are named are there for the caller. Who may not know a patient is told no
// more than that; and who may not read patients at all is told nothing.
func (j *export) checkMembers(g Gate, r *Request) error {
	if r.Level != "Patient" || !j.chosen || !slices.Contains(j.types, "Patient") {
		return nil
	}
	var known []string
	for _, id := range j.members {
		found := j.view.Get("Patient", id)
		if found == nil || found.Deleted() {
			continue
		}
		opened, err := found.Open(g, store.AsExport)
		if err != nil {
			return err
		}
		if opened != nil {
			known = append(known, id)
		}
	}
	err := j.unknown(j.members, known, "a patient who is here and yours to see")
	if p, is := err.(*query.Problem); is && r.Lenient {
		j.note(p)
		j.members, err = known, nil
	}
	return err
}

// unknown tells of the first who was named and is none of the known.
func (j *export) unknown(named, known []string, what string) error {
	is := make(map[string]bool, len(known))
	for _, id := range known {
		is[id] = true
	}
	for _, id := range named {
		if !is[id] {
			return query.At("patient", problem(http.StatusNotFound, "not-found", "parameter \"patient\": expected "+what+", got Patient/"+id))
		}
	}
	return nil
}

// membersOf lists the patients in a group who have not left it.
func membersOf(group *r4.Node) []string {
	var out []string
	for _, m := range group.List("member") {
		kind, id, _ := strings.Cut(terms.Target(m.Get("entity").String("reference")), "/")
		if inactive := m.Get("inactive"); kind == "Patient" && (inactive == nil || inactive.Text != "true") {
			out = append(out, id)
		}
	}
	return out
}

// TakeParameters reads what a kick-off by POST has in its body (Bulk Data 2.0, "Bulk Data Kick-off Request").
func (r *Request) TakeParameters(body *r4.Node) error {
	if body.Resource() != "Parameters" {
		return &query.Problem{Status: http.StatusBadRequest, Code: "invalid", Expression: "Resource", Text: "expected a resource of type Parameters, got " + query.Quote(body.Resource())}
	}
	if issues := r4.Validate(body); len(issues) > 0 {
		return &Invalid{issues}
	}
	r.Params, r.posted = without(r.Params), true
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
