package graph

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// settle says what a field does, by its name and the type that it is selected from.
func (c *compiler) settle(at spot, f *field) error {
	name := f.ast.Name
	if name == "__typename" {
		f.does = typename
		return c.leaf(at, f)
	}
	if strings.HasPrefix(name, "__") || metas[at.of] != nil {
		return c.settleMeta(at, f)
	}
	if at.of == rootType {
		return c.settleRoot(at, f)
	}
	if fields := pages[at.kind()]; fields != nil {
		return c.settlePage(at, f, fields)
	}
	if r4.IsResource(at.of) {
		if name == "resourceType" {
			f.member = r4.Member{Type: "code", Primitive: true}
			return c.leaf(at, f)
		}
		if t, paged, ok := searched(name); ok {
			return c.settleBack(at, f, t, paged)
		}
	}
	if at.of == "Reference" && name == "resource" {
		return c.settleReference(at, f)
	}
	m, ok := r4.MemberOf(at.of, name)
	if !ok {
		return invalid(f.ast.Position, "expected an element of %s, got %s%s", shown(at.of), query.Quote(name), query.DidYouMean(name, r4.Members(at.of)))
	}
	f.member = m
	switch {
	case m.Primitive:
		return c.leaf(at, f)
	case m.Type == "Resource":
		if err := c.listArguments(f); err != nil {
			return err
		}
		return c.several(at, f, query.Types)
	}
	if err := c.listArguments(f); err != nil {
		return err
	}
	return c.object(at, f, m.Type)
}

// leaf is a field that has nothing below it, and takes no arguments (R4 graphql, "Field Arguments").
func (c *compiler) leaf(at spot, f *field) error {
	if len(f.ast.Arguments) > 0 {
		return invalid(f.ast.Position, "expected no arguments of %s, which has a simple type, got %s", f.ast.Name, f.ast.Arguments[0].Name)
	}
	for _, set := range f.sets {
		if len(set) > 0 {
			return invalid(f.ast.Position, "expected nothing to be selected of %s, which has a simple type", f.ast.Name)
		}
	}
	return nil
}

// object is a field with members of one type.
func (c *compiler) object(at spot, f *field, of string) (err error) {
	if err := c.branch(f); err != nil {
		return err
	}
	below := spot{of: of, depth: at.depth + 1}
	f.sub, err = c.plan(below, f.sets)
	return err
}

func (c *compiler) branch(f *field) error {
	for _, set := range f.sets {
		if len(set) == 0 {
			return invalid(f.ast.Position, "expected a selection of what %s has, in braces", f.ast.Name)
		}
	}
	return nil
}

// several is a field that can lead to resources of several types. What is selected must be of one of them at least.
func (c *compiler) several(at spot, f *field, types []string) error {
	if err := c.branch(f); err != nil {
		return err
	}
	f.subs = map[string]*plan{}
	met, unfit := map[*ast.Field]int{}, map[*ast.Field]int{}
	wrong := map[*ast.Field]error{}
	var order []*ast.Field
	for _, t := range types {
		p, err := c.plan(spot{of: t, depth: at.depth + 1,
			met: func(a *ast.Field) {
				if met[a]++; met[a] == 1 {
					order = append(order, a)
				}
			},
			unfit: func(a *ast.Field, err error) {
				unfit[a]++
				wrong[a] = err
			}}, f.sets)
		if err != nil {
			return err
		}
		f.subs[t] = p
	}
	for _, a := range order {
		if met[a] == unfit[a] {
			return wrong[a]
		}
	}
	return nil
}

// settleReference follows a reference (R4 graphql, "Resource references").
func (c *compiler) settleReference(at spot, f *field) error {
	f.does = following
	for name := range f.args {
		if name != "optional" && name != "type" {
			return invalid(f.ast.Position, "expected the arguments optional and type of resource, got %s", query.Quote(name))
		}
	}
	if _, err := f.args.flag("optional", false); err != nil {
		return err
	}
	types := query.Types
	if only, there := f.args["type"]; there && only.kind != null {
		words, err := only.words()
		if err != nil {
			return invalid(f.ast.Position, "argument type: %s", err)
		}
		for _, t := range words {
			if !query.Served(t) {
				return invalid(f.ast.Position, "argument type: expected types of resources that are served, got %s%s", query.Quote(t), query.DidYouMean(t, query.Types))
			}
		}
		types = words
	}
	return c.several(at, f, types)
}

// listArguments are those that pick some of the values of an element (R4 graphql, "Field Arguments: List Navigation").
func (c *compiler) listArguments(f *field) error {
	for name, v := range f.args {
		switch name {
		case "_count", "_offset":
			if _, err := f.args.count(name, 0); err != nil {
				return err
			}
			continue
		case "fhirpath":
			return unsupported(f.ast.Position, "argument fhirpath is not supported: pick values by those of an element, such as %s(use: official)", f.ast.Name)
		}
		m, ok := r4.MemberOf(f.member.Type, name)
		if f.member.Type == "Resource" {
			m, ok = r4.Member{Primitive: true}, name == "resourceType" || name == "id"
		}
		if !ok || !m.Primitive {
			return invalid(f.ast.Position, "expected an element with a simple type of %s as argument, or _count or _offset, got %s%s", shown(f.member.Type), query.Quote(name),
				query.DidYouMean(name, slices.DeleteFunc(r4.Members(f.member.Type), func(s string) bool { m, _ := r4.MemberOf(f.member.Type, s); return !m.Primitive })))
		}
		if v.kind == list || v.kind == object_ {
			return invalid(f.ast.Position, "argument %s: expected one value, got %s", name, v.kind)
		}
	}
	return nil
}
