package interact

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// Route says which interaction a method and a path (below the base, without a slash in front) ask for.
// What it refuses is public knowledge: the CapabilityStatement has it all.
func Route(method, path string, params url.Values) (*Request, *query.Problem) {
	r := &Request{Params: params}
	if kind, end, _ := strings.Cut(path, "/"); end == "" {
		path = kind // R4 http writes "[type]/?[search parameters]" for a conditional delete
	}
	s := strings.Split(path, "/")
	switch {
	case path == "":
		r, p := r.by(method, on{http.MethodPost: Batch})
		if p != nil && (method == http.MethodGet || method == http.MethodHead) {
			p.Text += ": " + wholeSystem
		}
		return r, p
	case path == "metadata":
		return r.by(method, on{http.MethodGet: Capabilities})
	case path == "$graphql":
		return r.by(method, on{http.MethodGet: Graph, http.MethodPost: Graph})
	case path == "$export":
		return r.by(method, on{http.MethodGet: Export, http.MethodPost: Export})
	case s[0] == "_export" && len(s) == 2:
		r.ID = s[1]
		return r.by(method, on{http.MethodGet: ExportStatus, http.MethodDelete: ExportDelete})
	case s[0] == "_export" && len(s) == 3:
		r.ID, r.Version = s[1], s[2]
		return r.by(method, on{http.MethodGet: ExportFile})
	case path == "Patient/$export":
		r.Level = "Patient"
		return r.by(method, on{http.MethodGet: Export, http.MethodPost: Export})
	case len(s) == 3 && s[0] == "Group" && s[2] == "$export" && r4.ValidID(s[1]):
		r.Level, r.ID = "Group", s[1]
		return r.by(method, on{http.MethodGet: Export, http.MethodPost: Export})
	case !query.Served(s[0]) && r4.IsResource(s[0]): // R4 http, "create": 404 for a type that is not supported
		return nil, problem(http.StatusNotFound, "not-supported", "resources of type "+s[0]+" are not served; the CapabilityStatement lists those that are")
	case path == "_search" || path == "_history":
		return nil, problem(http.StatusNotImplemented, "not-supported", wholeSystem)
	case !query.Served(s[0]):
		p := nowhere()
		p.Text += query.DidYouMean(s[0], query.Types)
		return nil, p
	}
	r.Type = s[0]
	if len(s) > 1 && s[1] != "_search" && s[1] != "_history" && !strings.HasPrefix(s[1], "$") {
		if !r4.ValidID(s[1]) {
			return nil, nowhere()
		}
		r.ID = s[1]
		return r.instance(method, s[2:])
	}
	switch {
	case len(s) == 1:
		return r.by(method, on{http.MethodGet: Search, http.MethodPost: Create, http.MethodPut: Update, http.MethodPatch: Patch, http.MethodDelete: Delete})
	case len(s) == 2 && s[1] == "_search":
		return r.by(method, on{http.MethodPost: Search})
	case len(s) == 2 && s[1] == "_history":
		return r.by(method, on{http.MethodGet: HistoryType})
	case len(s) == 2 && s[1] == "$validate":
		return r.by(method, on{http.MethodPost: Validate})
	}
	return nil, nowhere()
}

func (r *Request) instance(method string, rest []string) (*Request, *query.Problem) {
	switch {
	case len(rest) == 0:
		return r.by(method, on{http.MethodGet: Read, http.MethodPut: Update, http.MethodPatch: Patch, http.MethodDelete: Delete})
	case rest[0] == "_history" && len(rest) == 1:
		return r.by(method, on{http.MethodGet: HistoryInstance})
	case rest[0] == "_history" && len(rest) == 2 && r4.ValidID(rest[1]):
		r.Version = rest[1]
		return r.by(method, on{http.MethodGet: VRead})
	case rest[0] == "$everything" && len(rest) == 1 && r.Type == "Patient":
		return r.by(method, on{http.MethodGet: Everything, http.MethodPost: Everything})
	case r.Type == "Patient" && len(rest) == 1 && len(r4.Compartment(rest[0])) > 0 && query.Served(rest[0]):
		r.Type, r.ID, r.Within = rest[0], "", r.ID
		return r.by(method, on{http.MethodGet: Search})
	case rest[0] == "$graphql" && len(rest) == 1:
		return r.by(method, on{http.MethodGet: Graph, http.MethodPost: Graph})
	case rest[0] == "$validate" && len(rest) == 1:
		return r.by(method, on{http.MethodPost: Validate})
	}
	return nil, nowhere()
}

// on says what each method does at one path. HEAD goes with GET.
type on map[string]Kind

func (r *Request) by(method string, m on) (*Request, *query.Problem) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if k, ok := m[method]; ok {
		r.Kind = k
		return r, nil
	}
	var allowed []string
	for name := range m {
		allowed = append(allowed, name)
		if name == http.MethodGet {
			allowed = append(allowed, http.MethodHead)
		}
	}
	slices.Sort(allowed)
	p := problem(http.StatusMethodNotAllowed, "not-supported", "this address does not take that method")
	p.Allow = strings.Join(allowed, ", ")
	return nil, p
}

// wholeSystem is what to do in place of the interactions with all types at once, which are not offered.
const wholeSystem = "searches and histories of all types at once are not offered; ask for a type at a time, such as Patient?_lastUpdated=… or Patient/_history, " +
	"or for several in a batch"

func nowhere() *query.Problem {
	return problem(http.StatusNotFound, "not-found", "there is nothing at this address")
}
