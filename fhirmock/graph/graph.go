// Package graph answers GraphQL queries over a store, as FHIR R4 has them (R4 graphql): one resource by its id, lists
// and pages of a search, the elements of R4 below them, references that are followed to what they lead to, and what
// refers back. It is a second way to the same records, and so asks the same door.
//
// Begin with Run. A query is read whole before anything is looked at: parse.go takes the text and the variables,
// plan.go says what it selects, held against HL7's definitions, and bounds it; run.go, search.go and refer.go then
// look, and out.go writes what they found. Each record is opened at the caller's store.Door by a way of its own
// (store.AsGraph and its kin), and each type is asked about beforehand (Source.Enters), whatever is there.
//
// What can be asked is itself answered, as GraphQL has it (schema.go, introspect.go): __schema and __type.
//
// An error ends the request: there is no answer with a part of the data, as R4 wants it ("Error Handling"). Elements
// that a record does not have are left out, as in R4's examples.
//
// Not offered: mutations and subscriptions; the arguments fhirpath and _filter; paths of @slice other than $index and
// the name of an element; cursors to earlier pages; the parameter _graphql of other operations.
package graph

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/vektah/gqlparser/v2/ast"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// Ask is what a request brings along.
type Ask struct {
	Query     string
	Operation string   // which of several in the text; "" where there is one
	Variables *r4.Node // an object, or nil for none
}

// Source is what a query is answered from, and who decides.
type Source struct {
	View store.View
	Door store.Door
	// Enters asks whether the caller may read, or search, a type at all: once for each place in a query that does.
	Enters func(search bool, resourceType string) error
	// Caller is for whom cursors are made; Turns asks whether he may go on by one.
	Caller string
	Turns  func(query.Link) error
	// Missed hears that a patient who was named was not found.
	Missed func()
	// More asks, before each read and search, whether the caller may have more than the records of patients that are in
	// the answer so far.
	More func(handed int) error
	// Missing is the answer about a record that is not there, or is not the caller's to see.
	Missing func() error
	// Canary is the mark that goes into a record.
	Canary func(*store.Record) string
	Query  query.Context
}

// Answer is what became of a query.
type Answer struct {
	Data []byte // the whole answer, JSON
	// Patients are those whose records are in it, in order of appearance.
	Patients []string
	// Records is how many records of patients it holds, the log of accesses apart.
	Records int
	// Asked are the parameters of its searches, all together: for the log, which says whom a question was about.
	Asked url.Values
}

// What one query may ask for, and what its answer may take. The deepest query that tools send by themselves, for the
// schema, has 13 levels.
const (
	// MaxQuery is how long the text may be.
	MaxQuery      = 64 << 10
	mostTokens    = 15_000
	mostDepth     = 20
	mostFields    = 2000 // with fragments written out
	mostRoots     = 100  // that read or search
	mostRecords   = 2000
	mostSearches  = 500
	mostValues    = 200_000
	mostDescribed = 600_000 // of the schema, which has half as many
	mostMisses    = 20      // that one search tells of: more would tell nothing more
	longestList   = 250
)

// Run answers a query: of the whole system, or of one resource if it is named.
func Run(s Source, a Ask, resourceType, id string) (*Answer, error) {
	doc, op, err := parse(a.Query, a.Operation)
	if err != nil {
		return nil, err
	}
	vars, err := variables(op, a.Variables)
	if err != nil {
		return nil, err
	}
	c := &compiler{doc: doc, vars: vars, source: s, fragments: map[string]*ast.FragmentDefinition{}, asked: map[*ast.Field]bool{}, searched: url.Values{}}
	if err := c.define(); err != nil {
		return nil, err
	}
	if len(op.Directives) > 0 {
		return nil, invalid(op.Directives[0].Position, "expected no directive on a query, got @%s", op.Directives[0].Name)
	}
	p, err := c.whole(op, resourceType)
	if err != nil {
		return nil, err
	}
	for _, w := range c.wants {
		if err := s.Enters(w.search, w.resourceType); err != nil {
			return nil, err
		}
	}
	if resourceType == "" && p.describes() {
		return describeAlone(p, a, len(op.VariableDefinitions) == 0)
	}
	r := &runner{Source: s, most: mostValues}
	data := &object{}
	if resourceType == "" {
		err = r.system(data, p)
	} else {
		err = r.instance(data, p, resourceType, id)
	}
	if err != nil {
		return nil, err
	}
	out, err := answered(data)
	if err != nil {
		return nil, err
	}
	return &Answer{Data: out, Patients: r.patients, Records: r.handed, Asked: c.searched}, nil
}

// answered is the whole answer.
func answered(data *object) ([]byte, error) {
	top, err := data.node()
	if err != nil {
		return nil, err
	}
	return append(top.Append([]byte(`{"data":`)), '}'), nil
}

// invalid refuses what does not fit the definitions, and says where it stands.
func invalid(at *ast.Position, format string, args ...any) *query.Problem {
	return &query.Problem{Status: http.StatusBadRequest, Code: "invalid", Text: place(at) + fmt.Sprintf(format, args...)}
}

// unsupported refuses what might be meant, and is not offered.
func unsupported(at *ast.Position, format string, args ...any) *query.Problem {
	p := invalid(at, format, args...)
	p.Code = "not-supported"
	return p
}

func costly(format string, args ...any) *query.Problem {
	return &query.Problem{Status: http.StatusBadRequest, Code: "too-costly", Text: fmt.Sprintf(format, args...)}
}

func place(at *ast.Position) string {
	if at == nil || at.Line == 0 {
		return ""
	}
	return fmt.Sprintf("line %d, column %d: ", at.Line, at.Column)
}
