package graph

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// compiler holds a query against the definitions of R4, and makes a plan of it: all that can be wrong with a query is
// told by its text and its variables, and not by what is there.
type compiler struct {
	doc       *ast.QueryDocument
	vars      map[string]value
	source    Source
	fragments map[string]*ast.FragmentDefinition
	fields    int // met so far, with fragments written out
	wants     []want
	asked     map[*ast.Field]bool // of those in wants
	searched  url.Values          // for
}

// want is a type that a query reads or searches.
type want struct {
	search       bool
	resourceType string
}

// plan is what is selected of one type.
type plan struct {
	of     string
	fields []*field
}

// field is one member of the answer.
type field struct {
	key  string // in the answer
	ast  *ast.Field
	args args
	sets []ast.SelectionSet
	shape

	does   does
	member r4.Member        // of an element
	sub    *plan            // of a complex element, of a page
	subs   map[string]*plan // by type, where what it leads to can be of several
	search *search          // of a list or page
}

// does is what makes a field's value.
type does uint8

const (
	element    does = iota
	typename        // the name of the type, as GraphQL has it
	following       // what a reference leads to
	reading         // a resource by its id
	searching       // a list or a page of resources
	paging          // a member of a page, or of an entry of one
	describing      // what can be asked
)

// place of a selection: its type, how deep it stands, and what may be passed over there.
type spot struct {
	of    string
	depth int
	// unfit notes fields that a type does not have down, where other types are selected from as well; nil: refuse them.
	unfit func(*ast.Field, error)
	met   func(*ast.Field)
}

// whole plans the selection of an operation.
func (c *compiler) whole(op *ast.OperationDefinition, resourceType string) (*plan, error) {
	of := resourceType
	if of == "" {
		of = rootType
	}
	return c.plan(spot{of: of, depth: 1}, []ast.SelectionSet{op.SelectionSet})
}

// plan plans what some selections, taken together, select of a type.
func (c *compiler) plan(at spot, sets []ast.SelectionSet) (*plan, error) {
	if at.depth > mostDepth {
		return nil, costly("expected a query of at most %d levels, got more", mostDepth)
	}
	p := &plan{of: at.of}
	byKey := map[string]*field{}
	spread := map[string]bool{}
	for _, set := range sets {
		if err := c.collect(at, set, p, byKey, spread); err != nil {
			return nil, err
		}
	}
	kept := p.fields[:0]
	for _, f := range p.fields {
		err := c.settle(at, f)
		if at.unfit != nil {
			at.met(f.ast)
			if q, is := err.(*query.Problem); is && q.Code == "invalid" {
				at.unfit(f.ast, err)
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		kept = append(kept, f)
	}
	p.fields = kept
	return p, nil
}

// collect takes the fields of a selection, and of the fragments in it. Those that answer under one name are one.
func (c *compiler) collect(at spot, set ast.SelectionSet, p *plan, byKey map[string]*field, spread map[string]bool) error {
	for _, sel := range set {
		if c.fields++; c.fields > mostFields {
			return costly("expected a query that selects at most %d fields, fragments written out, got more", mostFields)
		}
		var err error
		switch sel := sel.(type) {
		case *ast.Field:
			err = c.take(sel, p, byKey)
		case *ast.InlineFragment:
			err = c.spread(at, sel.TypeCondition, sel.Directives, sel.SelectionSet, sel.Position, p, byKey, spread)
		case *ast.FragmentSpread:
			f := c.fragments[sel.Name]
			if f == nil {
				return invalid(sel.Position, "expected a fragment that the query has, got %s", sel.Name)
			}
			if spread[sel.Name] {
				continue
			}
			spread[sel.Name] = true
			err = c.spread(at, f.TypeCondition, sel.Directives, f.SelectionSet, sel.Position, p, byKey, spread)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *compiler) spread(at spot, condition string, ds ast.DirectiveList, set ast.SelectionSet, pos *ast.Position, p *plan, byKey map[string]*field, spread map[string]bool) error {
	for _, d := range ds {
		if d.Name != "include" && d.Name != "skip" {
			return invalid(d.Position, "expected @include or @skip on a fragment, got @%s", d.Name)
		}
	}
	if err := known(condition, pos); err != nil {
		return err
	}
	in, err := c.include(ds)
	if err != nil || !in || !applies(condition, at.of) {
		return err
	}
	return c.collect(at, set, p, byKey, spread)
}

// take takes a field, or adds its selection to the one of its name.
func (c *compiler) take(sel *ast.Field, p *plan, byKey map[string]*field) error {
	in, err := c.include(sel.Directives)
	if err != nil || !in {
		return err
	}
	f := &field{key: sel.Alias, ast: sel, sets: []ast.SelectionSet{sel.SelectionSet}}
	if f.args, err = c.args(sel.Arguments); err != nil {
		return err
	}
	if f.shape, err = c.shape(sel); err != nil {
		return err
	}
	key := f.key
	if sel.Name == "resource" { // R4 selects several types under one name: resource(type: A) {…} resource(type: B) {…}
		key += " " + signature(sel)
	}
	same := byKey[key]
	if same == nil {
		byKey[key] = f
		p.fields = append(p.fields, f)
		return nil
	}
	if same.ast.Name != sel.Name || signature(same.ast) != signature(sel) {
		return invalid(sel.Position, "expected one field to answer under %s, got two that differ: give one another name", f.key)
	}
	same.sets = append(same.sets, sel.SelectionSet)
	return nil
}

// signature is what must be the same in two fields that are one: arguments and directives.
func signature(f *ast.Field) string {
	var parts []string
	for _, a := range f.Arguments {
		parts = append(parts, a.Name+":"+a.Value.String())
	}
	slices.Sort(parts)
	for _, d := range f.Directives {
		if d.Name != "include" && d.Name != "skip" {
			parts = append(parts, "@"+d.Name)
			for _, a := range d.Arguments {
				parts = append(parts, a.Name+":"+a.Value.String())
			}
		}
	}
	return strings.Join(parts, " ")
}

// wantsTo notes down that a place in the query reads or searches a type.
func (c *compiler) wantsTo(f *field, search bool, resourceType string) error {
	if c.asked[f.ast] {
		return nil
	}
	c.asked[f.ast] = true
	if len(c.wants) == mostRoots {
		return costly("expected a query that reads or searches in at most %s places, got more", strconv.Itoa(mostRoots))
	}
	c.wants = append(c.wants, want{search, resourceType})
	return nil
}
