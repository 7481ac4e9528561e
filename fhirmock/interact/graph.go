package interact

import (
	"net/http"
	"slices"
	"strings"

	"thiefbox/fhirmock/graph"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// graph answers a GraphQL query (R4 graphql): of the whole system, or of one resource.
func (e *Engine) graph(g Gate, r *Request) (*Response, error) {
	if r.ID != "" {
		if err := g.Enters(Graph, r.Type); err != nil {
			return nil, err
		}
	}
	v := e.Store.View()
	if b := e.Besides; b != nil && (r.Type == b.Type || strings.Contains(r.Graph.Query, b.Type)) {
		v = b.View(v)
	}
	out, err := graph.Run(graph.Source{
		View: v, Door: g, Canary: e.canary, Missed: g.Missed, Caller: g.Caller(), Turns: func(l query.Link) error { return e.turns(g, l) }, Query: query.Context{Base: e.Base, Blind: e.Blind},
		Missing: func() error { return missing() }, More: g.More,
		Enters: func(search bool, resourceType string) error {
			if search {
				return g.Enters(Search, resourceType)
			}
			return g.Enters(Read, resourceType)
		},
	}, r.Graph, r.Type, r.ID)
	if err != nil {
		return nil, err
	}
	resource := "$graphql"
	if r.ID != "" {
		resource = r.Type + "/" + r.ID + "/$graphql"
	}
	return &Response{Status: http.StatusOK, Plain: true, Body: out.Data, Resource: resource, Patients: out.Patients, records: out.Records, Asked: out.Asked}, nil
}

// TakeGraph reads a query that came in the address (GraphQL over HTTP, GET).
func (r *Request) TakeGraph() error {
	for name, values := range r.Params {
		switch name {
		case "_format", "_pretty":
			continue
		case "query", "operationName", "variables":
		default:
			if !r.Lenient {
				return query.At(name, unknownParameter(name, Graph))
			}
			continue
		}
		if len(values) != 1 {
			return query.At(name, problem(http.StatusBadRequest, "invalid", "expected parameter "+query.Quote(name)+" once"))
		}
	}
	r.Graph = graph.Ask{Query: r.Params.Get("query"), Operation: r.Params.Get("operationName")}
	if raw := r.Params.Get("variables"); raw != "" {
		n, err := r4.ParseAtMost([]byte(raw), mostVariables)
		if err != nil {
			return query.At("variables", problem(http.StatusBadRequest, "structure", "parameter \"variables\" cannot be read: "+err.Error()))
		}
		r.Graph.Variables = n
	}
	return nil
}

// mostVariables is how many values the variables of a query may have.
const mostVariables = 10_000

// TakeGraphBody reads a query that came as JSON: as GraphQL over HTTP has it, or as the parameters of an operation.
func (r *Request) TakeGraphBody(body *r4.Node) error {
	if body.Resource() == "Parameters" {
		if err := r.TakeParameters(body); err != nil {
			return err
		}
		return r.TakeGraph()
	}
	wrong := problem(http.StatusBadRequest, "structure", "expected an object with query, and if need be operationName and variables")
	if body.Kind != r4.Object {
		return wrong
	}
	for i, name := range body.Names {
		item := body.Items[i]
		text := name == "query" || name == "operationName"
		switch {
		case text && item.Kind != r4.String && item.Kind != r4.Null, !slices.Contains([]string{"query", "operationName", "variables", "extensions"}, name):
			return wrong
		case name == "variables" && item.Kind != r4.Null:
			r.Graph.Variables = item
		}
	}
	r.Graph.Query, r.Graph.Operation = body.String("query"), body.String("operationName")
	return nil
}
