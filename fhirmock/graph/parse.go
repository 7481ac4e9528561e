package graph

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// parse reads the text of a query and picks the operation.
func parse(text, operation string) (*ast.QueryDocument, *ast.OperationDefinition, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return nil, nil, &query.Problem{Status: http.StatusBadRequest, Code: "required", Text: "expected a GraphQL query, got none"}
	case len(text) > MaxQuery:
		return nil, nil, &query.Problem{Status: http.StatusRequestEntityTooLarge, Code: "too-long", Text: fmt.Sprintf("expected a query of at most %d bytes, got %d", MaxQuery, len(text))}
	case !utf8.ValidString(text):
		return nil, nil, invalid(nil, "expected a query in UTF-8, got other bytes")
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, mostTokens)
	if err != nil {
		return nil, nil, unreadable(err)
	}
	op := doc.Operations.ForName(operation)
	switch {
	case len(doc.Operations) == 0:
		return nil, nil, invalid(nil, "expected a query, got fragments alone")
	case operation == "" && len(doc.Operations) > 1:
		return nil, nil, invalid(nil, "expected operationName to say which of %d operations is meant, got none", len(doc.Operations))
	case op == nil:
		return nil, nil, invalid(nil, "expected operationName to name an operation of the query, got %s", query.Quote(operation))
	case op.Operation != ast.Query:
		return nil, nil, unsupported(op.Position, "expected a query, got a %s: records are written by the interactions of REST", op.Operation)
	}
	return doc, op, nil
}

// unreadable says where a text stops being GraphQL.
func unreadable(err error) *query.Problem {
	p := &query.Problem{Status: http.StatusBadRequest, Code: "structure", Text: "the query cannot be read"}
	var g *gqlerror.Error
	if !errors.As(err, &g) {
		return p
	}
	if strings.Contains(g.Message, "token limit") {
		return costly("expected a query of at most %d words and marks, got more", mostTokens)
	}
	if len(g.Locations) > 0 {
		p.Text += fmt.Sprintf(" at line %d, column %d", g.Locations[0].Line, g.Locations[0].Column)
	}
	p.Text += ": " + shortened(g.Message)
	return p
}

func shortened(s string) string {
	const most = 200
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// variables gives each variable of an operation its value: the one that came, or its default.
func variables(op *ast.OperationDefinition, given *r4.Node) (map[string]value, error) {
	if given != nil && given.Kind != r4.Object && given.Kind != r4.Null {
		return nil, invalid(nil, "expected variables to be an object, got %s", given.Kind)
	}
	out := map[string]value{}
	for _, def := range op.VariableDefinitions {
		if _, twice := out[def.Variable]; twice {
			return nil, invalid(def.Position, "expected each variable once, got $%s twice", def.Variable)
		}
		v, there := value{}, false
		if n := given.Get(def.Variable); n != nil {
			v, there = valueOf(n), true
		} else if def.DefaultValue != nil {
			var err error
			if v, err = literal(def.DefaultValue, nil); err != nil {
				return nil, err
			}
			there = true
		}
		if there || def.Type.NonNull {
			if err := fits(v, def.Type); err != nil {
				return nil, invalid(def.Position, "variable $%s: %s", def.Variable, err)
			}
		}
		out[def.Variable] = v
	}
	return out, nil
}

// fits tells whether a value is of the type that a variable has. FHIR's scalars are written as strings, numbers or
// booleans; which of them a search takes is told when it is read.
func fits(v value, t *ast.Type) error {
	switch {
	case v.kind == null:
		if t.NonNull {
			return fmt.Errorf("expected a value of %s, got none", t)
		}
		return nil
	case v.kind == object_:
		return fmt.Errorf("expected a value of %s, got an object", t)
	case t.Elem != nil && v.kind == list:
		for _, item := range v.items {
			if err := fits(item, t.Elem); err != nil {
				return err
			}
		}
		return nil
	case t.Elem != nil: // one stands for a list of one (GraphQL s3.11)
		return fits(v, t.Elem)
	}
	ok := v.kind != list
	switch t.NamedType {
	case "Int":
		ok = v.whole()
	case "Float", "decimal", "integer", "positiveInt", "unsignedInt":
		ok = v.kind == number
	case "Boolean", "boolean":
		ok = v.kind == boolean
	case "String", "string":
		ok = v.kind == text
	}
	if !ok {
		return fmt.Errorf("expected a value of %s, got %s", t, v.kind)
	}
	return nil
}
