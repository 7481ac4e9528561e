package fhirmock

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/query"
)

// route is a request's URL and method, understood.
type route struct {
	*interact.Request
	formTokens  []string // access_token values in the form
	queryTokens []string // … and in the query
	raw         bool     // the caller wants the content of a Binary rather than the resource
	old         bool     // it is for the old base
	override    string   // another method than the request line's, which a header names; or empty
}

// maxForm is how long a search form may be.
const maxForm = 64 << 10

// route takes the request line and a search form apart. What it refuses is public knowledge (the
// CapabilityStatement), so it needs no token.
func (a *API) route(w http.ResponseWriter, r *http.Request) (route, error) {
	path := r.URL.EscapedPath()
	rest, ours := strings.CutPrefix(path, a.path+"/")
	if !ours && path != a.path {
		return route{}, unknownPath(r)
	}
	if !ours {
		rest = ""
	}
	rt := route{override: overridden(r.Method, r.Header)}
	params, p := rt.readQuery(r)
	if p != nil {
		return route{}, p
	}
	method := MethodOf(r.Method, r.Header)
	rest, rt.old = belowOldBase(rest)
	req, wrong := interact.Route(method, rest, params)
	if rt.old {
		req, wrong = oldRoute(method, rest, req, wrong)
	}
	if wrong != nil {
		if wrong.Code == "not-found" {
			p := unknownPath(r)
			p.safe = wrong.Text
			return route{}, p
		}
		return route{}, wrong
	}
	rt.Request = req
	if req.Kind == interact.Search && method == http.MethodPost {
		if p := rt.readForm(w, r); p != nil {
			return route{}, p
		}
	}
	return rt, nil
}

func (rt *route) readQuery(r *http.Request) (url.Values, *problem) {
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &problem{status: http.StatusBadRequest, code: "invalid", safe: "the query cannot be read", detail: err.Error()}
	}
	rt.queryTokens = params["access_token"]
	delete(params, "access_token")
	return params, nil
}

// readForm reads the form of a POST search and adds it to the query (R4 search, "POST").
func (rt *route) readForm(w http.ResponseWriter, r *http.Request) *problem {
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
		rt.Params[name] = append(rt.Params[name], values...)
	}
	return nil
}

func unknownPath(r *http.Request) *problem {
	return &problem{status: http.StatusNotFound, code: "not-found", safe: "there is nothing at this address",
		detail: "expected <base>/metadata, <base>/<type>, <base>/<type>/<id> or what the CapabilityStatement lists below them, got " + quoted(r.URL.EscapedPath())}
}

// quoted shows what somebody sent, cut to a length fit for a log.
func quoted(s string) string { return query.Quote(s) }
