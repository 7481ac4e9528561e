package graph

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"thiefbox/fhirmock/r4"
)

// define takes the fragments of a query, each once and in no circle.
func (c *compiler) define() error {
	for _, f := range c.doc.Fragments {
		if c.fragments[f.Name] != nil {
			return invalid(f.Position, "expected each fragment once, got %s twice", f.Name)
		}
		if err := known(f.TypeCondition, f.Position); err != nil {
			return err
		}
		c.fragments[f.Name] = f
	}
	state := map[string]int{} // 1: on the way, 2: through
	for _, f := range c.doc.Fragments {
		if err := c.circles(f, state); err != nil {
			return err
		}
	}
	return nil
}

// circles goes through a fragment and those that it spreads, each once.
func (c *compiler) circles(f *ast.FragmentDefinition, state map[string]int) error {
	switch state[f.Name] {
	case 1:
		return invalid(f.Position, "expected fragments that end, got %s, which spreads itself", f.Name)
	case 2:
		return nil
	}
	state[f.Name] = 1
	var inside func(ast.SelectionSet) error
	inside = func(set ast.SelectionSet) error {
		for _, sel := range set {
			var err error
			switch sel := sel.(type) {
			case *ast.Field:
				err = inside(sel.SelectionSet)
			case *ast.InlineFragment:
				err = inside(sel.SelectionSet)
			case *ast.FragmentSpread:
				next := c.fragments[sel.Name]
				if next == nil {
					return invalid(sel.Position, "expected a fragment that the query has, got %s", sel.Name)
				}
				err = c.circles(next, state)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	err := inside(f.SelectionSet)
	state[f.Name] = 2
	return err
}

// abstract are the types that stand for others.
var abstract = []string{"Resource", "DomainResource", "ResourceList", "Element", "BackboneElement"}

// known refuses a type that R4 does not have, where a fragment is for one.
func known(name string, at *ast.Position) error {
	if name == "" || name == rootType || name == elementBase || metas[name] != nil || slices.Contains(abstract, name) || r4.IsType(name) || partOf(name) != "" || connected(name) {
		return nil
	}
	return invalid(at, "expected a type of FHIR R4, got %s", name)
}

// applies tells whether a fragment for a type is for values of another.
func applies(condition, typeName string) bool {
	switch condition {
	case "", typeName, shown(typeName):
		return true
	case "Resource", "ResourceList":
		return r4.IsResource(typeName)
	case "DomainResource":
		return r4.IsResource(typeName) && typeName != "Binary" && typeName != "Bundle" && typeName != "Parameters"
	case "Element", "BackboneElement":
		return !r4.IsResource(typeName) && typeName != rootType
	}
	return false
}

// include tells whether @include and @skip leave a selection in.
func (c *compiler) include(ds ast.DirectiveList) (bool, error) {
	in := true
	for _, d := range ds {
		if d.Name != "include" && d.Name != "skip" {
			continue
		}
		a, err := c.args(d.Arguments)
		if err != nil {
			return false, err
		}
		if v := a["if"]; len(a) != 1 || v.kind != boolean {
			return false, invalid(d.Position, "expected @%s(if: true) or false", d.Name)
		}
		in = in && (a["if"].text == "true") == (d.Name == "include")
	}
	return in, nil
}
