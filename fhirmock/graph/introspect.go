package graph

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// Introspection (GraphQL s4): __schema and __type. It is asked about no record and no scope: the definitions are HL7's,
// and what is served of them stands in the CapabilityStatement.

// metas are the members of what describes a schema, each with the type that it leads to, or "" for a scalar.
var metas = map[string]map[string]string{
	"__Schema": {"description": "", "types": "__Type", "queryType": "__Type", "mutationType": "__Type", "subscriptionType": "__Type", "directives": "__Directive"},
	"__Type": {"kind": "", "name": "", "description": "", "specifiedByURL": "", "specifiedByUrl": "", "isOneOf": "", "fields": "__Field", "interfaces": "__Type", "possibleTypes": "__Type",
		"enumValues": "__EnumValue", "inputFields": "__InputValue", "ofType": "__Type"},
	"__Field":      {"name": "", "description": "", "args": "__InputValue", "type": "__Type", "isDeprecated": "", "deprecationReason": ""},
	"__InputValue": {"name": "", "description": "", "type": "__Type", "defaultValue": "", "isDeprecated": "", "deprecationReason": ""},
	"__EnumValue":  {"name": "", "description": "", "isDeprecated": "", "deprecationReason": ""},
	"__Directive":  {"name": "", "description": "", "locations": "", "args": "__InputValue", "isRepeatable": ""},
}

// settleMeta is a field of a query that asks for the schema, or of what describes it.
func (c *compiler) settleMeta(at spot, f *field) error {
	name := f.ast.Name
	f.does = describing
	if at.of == rootType {
		if name == "__schema" && len(f.args) == 0 {
			return c.object(at, f, "__Schema")
		}
		if v := f.args["name"]; name != "__type" || len(f.args) != 1 || v.kind != text {
			return invalid(f.ast.Position, "expected __schema, or __type(name: \"…\")")
		}
		return c.object(at, f, "__Type")
	}
	of, known := metas[at.of][name]
	if !known {
		return invalid(f.ast.Position, "expected a member of %s, got %s", at.of, query.Quote(name))
	}
	for arg := range f.args {
		if arg != "includeDeprecated" {
			return invalid(f.ast.Position, "expected no argument of %s but includeDeprecated, got %s", name, query.Quote(arg))
		}
	}
	if of == "" {
		return c.leaf(at, f)
	}
	return c.object(at, f, of)
}

// describe writes __schema or __type.
func (r *runner) describe(out *object, f *field) error {
	of := described(schema)
	if name := f.args["name"].text; f.ast.Name == "__type" {
		if of = namedType(name); of == nil {
			out.add(f.key, false, false, nothing)
			return nil
		}
	}
	return r.put(out, f, []item{r.described(f.sub, of)}, false, target{})
}

func (r *runner) described(p *plan, d described) item {
	return item{fill: func(o *object, to target) error {
		for _, f := range p.fields {
			if f.does == typename {
				if err := r.put(o, f, []item{{leaf: r4.Text(p.of)}}, false, to); err != nil {
					return err
				}
				continue
			}
			if err := r.meta(o, f, d(f.ast.Name), to); err != nil {
				return err
			}
		}
		return nil
	}}
}

// meta writes one member of a description.
func (r *runner) meta(o *object, f *field, v any, to target) error {
	switch v := v.(type) {
	case string:
		return r.put(o, f, []item{{leaf: r4.Text(v)}}, false, to)
	case bool:
		return r.put(o, f, []item{{leaf: &r4.Node{Kind: r4.Bool, Text: strconv.FormatBool(v)}}}, false, to)
	case described:
		return r.put(o, f, []item{r.described(f.sub, v)}, false, to)
	case []described:
		return r.list(o, f, each2(v, func(d described) item { return r.described(f.sub, d) }), to)
	case []string:
		return r.list(o, f, each2(v, func(s string) item { return item{leaf: r4.Text(s)} }), to)
	}
	return r.put(o, f, []item{{leaf: nothing}}, false, to)
}

func each2[T any](all []T, make func(T) item) (out []item) {
	for _, x := range all {
		out = append(out, make(x))
	}
	return out
}

var nothing = &r4.Node{Kind: r4.Null, Text: "null"}

// namedType finds a type by its name in GraphQL.
func namedType(name string) described {
	if i, found := slices.BinarySearchFunc(typeNames(), name, func(of, name string) int { return strings.Compare(shown(of), name) }); found {
		return typed(typeNames()[i])
	}
	return nil
}

func schema(member string) any {
	switch member {
	case "queryType":
		return typed(rootType)
	case "types":
		return each(typeNames(), typed)
	case "directives":
		return directives()
	}
	return nil
}

// typeNames lists whatever can be reached from a query, in the order of the names that are shown.
var typeNames = sync.OnceValue(func() []string {
	met := map[string]bool{}
	var names []string
	var meet func(d described)
	meet = func(d described) {
		for d("ofType") != nil {
			d = d("ofType").(described)
		}
		name := d("name").(string)
		if met[name] {
			return
		}
		met[name] = true
		names = append(names, name)
		for _, member := range []string{"possibleTypes", "fields"} {
			all, _ := d(member).([]described)
			for _, one := range all {
				if member == "possibleTypes" {
					meet(one)
					continue
				}
				meet(one("type").(described))
				for _, arg := range one("args").([]described) {
					meet(arg("type").(described))
				}
			}
		}
	}
	meet(typed(rootType))
	meet(typed("boolean")) // of directives
	slices.Sort(names)
	for i, name := range names {
		if name == elementBase {
			names[i] = "Element"
		} else if of := partOf(name); of != "" && !r4.IsType(name) {
			names[i] = of
		}
	}
	return names
})

func directives() []described {
	directive := func(name string, locations []string, args ...described) described {
		return func(member string) any {
			switch member {
			case "name":
				return name
			case "locations":
				return locations
			case "args":
				return append([]described{}, args...)
			case "isRepeatable":
				return false
			}
			return nil
		}
	}
	anywhere, fields := []string{"FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"}, []string{"FIELD"}
	return []described{
		directive("include", anywhere, entry("if", always(typed("boolean")))), directive("skip", anywhere, entry("if", always(typed("boolean")))),
		directive("flatten", fields), directive("first", fields), directive("singleton", fields), directive("slice", fields, entry("path", always(typed("string")))),
	}
}
