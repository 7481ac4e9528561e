package fhirmock

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// interaction is what a request wants, by its FHIR name.
type interaction string

const (
	capabilities interaction = "capabilities"
	read         interaction = "read"
	search       interaction = "search-type"
)

// route is a request's URL and method, understood.
type route struct {
	interaction  interaction
	resourceType string
	id           string     // of a read
	params       url.Values // query, and form of a POST search, without the access token
	formTokens   []string   // access_token values in the form
	queryTokens  []string   // … and in the query
}

// maxForm is how long a search form may be.
const maxForm = 64 << 10

// route takes the request line and a search form apart. What it refuses is public knowledge (the
// CapabilityStatement), so it needs no token.
func (a *API) route(w http.ResponseWriter, r *http.Request) (route, *problem) {
	rest, ours := strings.CutPrefix(r.URL.EscapedPath(), a.path+"/")
	if !ours {
		return route{}, unknownPath(r)
	}
	segments := strings.Split(rest, "/")
	var rt route
	switch {
	case rest == "metadata":
		rt.interaction = capabilities
	case !served(segments[0]):
		return route{}, unknownPath(r)
	case len(segments) == 1:
		rt = route{interaction: search, resourceType: segments[0]}
	case len(segments) == 2 && segments[1] == "_search":
		rt = route{interaction: search, resourceType: segments[0]}
		if r.Method != http.MethodPost {
			return route{}, wrongMethod(r, "POST")
		}
		return rt, rt.readForm(w, r)
	case len(segments) == 2 && validID(segments[1]):
		rt = route{interaction: read, resourceType: segments[0], id: segments[1]}
	default:
		return route{}, unknownPath(r)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return route{}, wrongMethod(r, "GET, HEAD")
	}
	return rt, rt.readQuery(r)
}

func served(resourceType string) bool {
	return slices.ContainsFunc(resources, func(k kind) bool { return k.name == resourceType })
}

// validID tells whether s has the form of a FHIR id (R4 datatypes, id).
func validID(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

func (rt *route) readQuery(r *http.Request) *problem {
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return &problem{status: http.StatusBadRequest, code: "invalid", safe: "the query cannot be read", detail: err.Error()}
	}
	rt.queryTokens = params["access_token"]
	delete(params, "access_token")
	rt.params = params
	return nil
}

// readForm reads the form of a POST search and adds it to the query (R4 search, "POST").
func (rt *route) readForm(w http.ResponseWriter, r *http.Request) *problem {
	if p := rt.readQuery(r); p != nil {
		return p
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/x-www-form-urlencoded" {
		return &problem{status: http.StatusUnsupportedMediaType, code: "not-supported", safe: "_search takes application/x-www-form-urlencoded",
			detail: "expected Content-Type application/x-www-form-urlencoded, got " + quoted(r.Header.Get("Content-Type"))}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			return &problem{status: http.StatusRequestEntityTooLarge, code: "too-long", safe: "the search form is too long", detail: err.Error()}
		}
		return &problem{status: http.StatusBadRequest, code: "invalid", safe: "the search form cannot be read", detail: err.Error()}
	}
	for name, values := range r.PostForm {
		if name == "access_token" {
			rt.formTokens = values
			continue
		}
		rt.params[name] = append(rt.params[name], values...)
	}
	return nil
}

func unknownPath(r *http.Request) *problem {
	return &problem{status: http.StatusNotFound, code: "not-found", safe: "there is nothing at this address",
		detail: "expected <base>/metadata, <base>/<type>, <base>/<type>/_search or <base>/<type>/<id>, got " + quoted(r.URL.EscapedPath())}
}

func wrongMethod(r *http.Request, allowed string) *problem {
	return &problem{status: http.StatusMethodNotAllowed, code: "not-supported", safe: "this API reads and searches only", allow: allowed,
		detail: "expected " + allowed + ", got " + quoted(r.Method)}
}
