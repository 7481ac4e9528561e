package fhirmock

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"

	"thiefbox/fhirmock/graph"
	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// MaxBody is how many bytes of a body the API reads at most, which is of a bundle; who passes bodies on to it needs to
// pass on no more. A resource by itself may have maxResource.
const MaxBody = 16 << 20

const maxResource = 2 << 20

// maxGraph is for a GraphQL query and its variables; escaped in JSON, the text may be twice as long.
const maxGraph = 4 * graph.MaxQuery

// maxValues is how many values a body of JSON may have: a bundle of ten thousand entries has about fifty each.
const maxValues = 1 << 20

// readBody reads what a write brings along. It runs after the caller was let in: strangers cannot make
// the API read megabytes.
func (a *API) readBody(w http.ResponseWriter, v *visit) error {
	rt, limit := &v.route, int64(maxResource)
	switch rt.Kind {
	case interact.Batch:
		limit = MaxBody
	case interact.Create, interact.Update, interact.Patch, interact.Validate:
	case interact.Graph:
		if v.http.Method != http.MethodPost {
			return rt.TakeGraph()
		}
		limit = maxGraph
	case interact.Export, interact.Everything:
		if v.http.Method != http.MethodPost {
			return nil
		}
	default:
		return nil
	}
	if coding := v.http.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		w.Header().Set("Accept-Encoding", "identity") // RFC 9110 s12.5.3
		return &problem{status: http.StatusUnsupportedMediaType, code: "not-supported", safe: "this API takes bodies as they are, and none that is compressed",
			detail: "expected no Content-Encoding, got " + quoted(coding)}
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, v.http.Body, limit))
	if err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			return &problem{status: http.StatusRequestEntityTooLarge, code: "too-long", safe: "the body is too long: expected at most " + strconv.FormatInt(long.Limit, 10) + " bytes", detail: err.Error()}
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return &problem{status: http.StatusRequestTimeout, code: "timeout", safe: "the body took too long to come", detail: err.Error()}
		}
		return &problem{status: http.StatusBadRequest, code: "invalid", safe: "the body cannot be read", detail: err.Error()}
	}
	if operation := rt.Kind == interact.Export || rt.Kind == interact.Everything; operation && len(data) == 0 {
		return nil // it has no parameters that must be given
	}
	header := v.http.Header.Get("Content-Type")
	t, _, err := mime.ParseMediaType(header)
	switch {
	case rt.Kind == interact.Patch:
		if t != "application/json-patch+json" {
			p := wrongContentType("application/json-patch+json", header)
			p.patches = "application/json-patch+json"
			return p
		}
		rt.Patch = data
		return nil
	case rt.Kind == interact.Graph && t == "application/graphql":
		rt.Graph.Query = string(data)
		return nil
	case err == nil && (isJSON(header)):
	case rt.Type == "Binary" && err == nil && (rt.Kind == interact.Create || rt.Kind == interact.Update):
		rt.Body = wrapped(v, header, data)
		return nil
	default:
		return wrongContentType("application/fhir+json", header)
	}
	if rt.Body, err = r4.ParseAtMost(data, maxValues); errors.Is(err, r4.ErrTooMany) {
		return &query.Problem{Status: http.StatusRequestEntityTooLarge, Code: "too-costly", Text: "the body is not read: " + err.Error()}
	} else if err != nil {
		return &query.Problem{Status: http.StatusBadRequest, Code: "structure", Text: "the body cannot be read: " + err.Error()}
	}
	return a.settleBody(rt)
}

// settleBody holds the body against the address.
func (a *API) settleBody(rt *route) error {
	if rt.Kind == interact.Graph {
		return rt.TakeGraphBody(rt.Body)
	}
	got := rt.Body.Resource()
	if rt.Kind == interact.Export || rt.Kind == interact.Everything {
		return rt.TakeParameters(rt.Body)
	}
	if rt.Kind != interact.Batch {
		if got != rt.Type && rt.Kind != interact.Validate {
			return &query.Problem{Status: http.StatusBadRequest, Code: "invalid", Expression: "Resource", Text: "expected a resource of type " + rt.Type + ", got " + quoted(got)}
		}
		return nil
	}
	kind := rt.Body.String("type")
	if got != "Bundle" || kind != "batch" && kind != "transaction" {
		return &query.Problem{Status: http.StatusBadRequest, Code: "invalid", Expression: "Bundle.type", Text: "expected a Bundle of type batch or transaction"}
	}
	if kind == "transaction" {
		rt.Kind = interact.Transaction
	}
	return nil
}

func wrongContentType(want, got string) *problem {
	return &problem{status: http.StatusUnsupportedMediaType, code: "not-supported", safe: "this API takes " + want + " here",
		detail: "expected Content-Type " + want + ", got " + quoted(got)}
}

// wrapped makes a Binary of content that came as it is (R4 binary, "Serving Binary Resources using the RESTful API").
func wrapped(v *visit, contentType string, data []byte) *r4.Node {
	n := &r4.Node{Kind: r4.Object}
	n.Set("resourceType", r4.Text("Binary"))
	if v.route.ID != "" {
		n.Set("id", r4.Text(v.route.ID))
	}
	n.Set("contentType", r4.Text(contentType))
	if whose := v.http.Header.Get("X-Security-Context"); whose != "" {
		ref := &r4.Node{Kind: r4.Object}
		ref.Set("reference", r4.Text(whose))
		n.Set("securityContext", ref)
	}
	n.Set("data", r4.Text(base64.StdEncoding.EncodeToString(data)))
	return n
}

// readConditions reads the headers that make an interaction conditional, and how the caller wants it done.
func (v *visit) readConditions() error {
	h, r := v.http.Header, v.route.Request
	r.IfMatch, r.IfNoneMatch, r.IfNoneExist = h.Get("If-Match"), h.Get("If-None-Match"), h.Get("If-None-Exist")
	if since := h.Get("If-Modified-Since"); since != "" {
		if t, err := http.ParseTime(since); err == nil { // one that cannot be read is passed over (RFC 9110 s13.1.3)
			r.IfModifiedSince = t
		}
	}
	v.readPreferences()
	// An instance is named by its address alone; and where there is one, a search parameter says nothing.
	conditional := r.ID == "" && (r.Kind == interact.Update || r.Kind == interact.Patch || r.Kind == interact.Delete)
	if r.Kind == interact.Create || (r.Kind == interact.Update || r.Kind == interact.Patch || r.Kind == interact.Delete || r.Kind == interact.Batch) && !conditional {
		_, err := interact.Shown(r)
		return err
	}
	return nil
}
