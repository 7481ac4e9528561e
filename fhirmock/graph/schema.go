package graph

import (
	"slices"
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// What can be asked, described as GraphQL describes it: made out of HL7's definitions when somebody asks, a type at a
// time. Names are those of HL7's own GraphQL definitions where there are such.

// described is one thing of a schema: its members by name, each a string, a bool, a described, or a list of such; nil
// for null.
type described func(member string) any

// wrapped is a list of a type, or one that is never null.
func wrapped(kind string, of described) described {
	return func(member string) any {
		switch member {
		case "kind":
			return kind
		case "ofType":
			return of
		}
		return nil
	}
}

func listOf(of described) described { return wrapped("LIST", of) }
func always(of described) described { return wrapped("NON_NULL", of) }

// builtIn are types of R4 that GraphQL has itself.
var builtIn = map[string]string{"string": "String", "boolean": "Boolean", "integer": "Int", "id": "ID"}

// typed describes a type by its name in R4, or in GraphQL where it is not of R4.
func typed(name string) described {
	if scalar, is := builtIn[name]; is {
		name = scalar
	}
	return func(member string) any {
		switch member {
		case "kind":
			return kindOf(name)
		case "name":
			return shown(name)
		case "fields":
			if kindOf(name) == "OBJECT" {
				return fieldsOf(name)
			}
		case "interfaces":
			if kindOf(name) == "OBJECT" {
				return []described{}
			}
		case "possibleTypes":
			if name == "ResourceList" {
				return each(query.Types, typed)
			}
		case "enumValues":
			if kindOf(name) == "ENUM" {
				return each(backwards(name), enumValue)
			}
		}
		return nil
	}
}

func kindOf(name string) string {
	switch {
	case name == "ResourceList":
		return "UNION"
	case strings.HasSuffix(name, "_reference"):
		return "ENUM"
	case name == rootType, connected(name):
		return "OBJECT"
	case r4.IsType(name) && (name[0] < 'a' || name[0] > 'z'):
		return "OBJECT"
	}
	return "SCALAR"
}

func each[T any](all []T, describe func(T) described) []described {
	out := make([]described, 0, len(all))
	for _, x := range all {
		out = append(out, describe(x))
	}
	return out
}

// entry is a field or an argument: a name and a type.
func entry(name string, of described) described { return taking(name, of, nil) }

// taking is a field with arguments, which are listed when they are asked for: they are most of a schema.
func taking(name string, of described, args func() []described) described {
	return func(member string) any {
		switch member {
		case "name":
			return name
		case "type":
			return of
		case "args":
			if args == nil {
				return []described{}
			}
			return args()
		case "isDeprecated":
			return false
		}
		return nil
	}
}

func enumValue(name string) described { return entry(strings.ReplaceAll(name, "-", "_"), nil) }

// fieldsOf lists what can be selected of a type.
func fieldsOf(name string) []described {
	switch {
	case name == rootType:
		return roots()
	case strings.HasSuffix(name, pageKind) && connected(name):
		return pageFields(strings.TrimSuffix(name, pageKind))
	case connected(name):
		return []described{entry("mode", typed("code")), entry("score", typed("decimal")), entry("resource", typed(strings.TrimSuffix(name, entryKind)))}
	}
	var out []described
	resource := r4.IsResource(name)
	if resource {
		out = append(out, entry("resourceType", always(typed("code"))))
	}
	for _, member := range r4.Members(name) {
		m, _ := r4.MemberOf(name, member)
		out = append(out, taking(member, memberType(m), func() []described { return pickers(m) }))
		if m.Primitive && !resource || m.Primitive && member != "id" {
			beside, _ := r4.MemberOf(name, "_"+member)
			out = append(out, entry("_"+member, memberType(beside)))
		}
	}
	if name == "Reference" {
		out = append(out, taking("resource", typed("ResourceList"), func() []described {
			return []described{entry("optional", typed("boolean")), entry("type", listOf(typed("code")))}
		}))
	}
	if !resource {
		return out
	}
	for _, t := range query.Types {
		if !leads(t, name) {
			continue
		}
		args := func() []described {
			return append(searchArgs(t), entry("_reference", always(typed(name+"_"+t+"_reference"))))
		}
		out = append(out, taking(t+"List", listOf(typed(t)), args), taking(t+pageKind, typed(t+pageKind), args))
	}
	return out
}

func memberType(m r4.Member) described {
	of := typed(m.Type)
	if m.Type == "Resource" {
		of = typed("ResourceList")
	}
	if m.Many {
		return listOf(of)
	}
	return of
}

// pickers are the arguments of an element that repeats.
func pickers(m r4.Member) []described {
	if m.Primitive || !m.Many || m.Type == "Resource" {
		return []described{}
	}
	out := []described{entry("_count", typed("integer")), entry("_offset", typed("integer"))}
	for _, member := range r4.Members(m.Type) {
		if sub, _ := r4.MemberOf(m.Type, member); sub.Primitive {
			out = append(out, entry(member, typed(sub.Type)))
		}
	}
	return out
}

func pageFields(resourceType string) []described {
	out := []described{entry("edges", listOf(typed(resourceType+entryKind)))}
	for _, name := range []string{"count", "offset", "pagesize", "pageSize"} {
		out = append(out, entry(name, typed("integer")))
	}
	for _, name := range []string{"first", "previous", "next", "last"} {
		out = append(out, entry(name, typed("string")))
	}
	return out
}

func roots() []described {
	var out []described
	for _, t := range query.Types {
		out = append(out, taking(t, typed(t), func() []described { return []described{entry("id", always(typed("id")))} }),
			taking(t+"List", listOf(typed(t)), func() []described { return searchArgs(t) }),
			taking(t+pageKind, typed(t+pageKind), func() []described { return append(searchArgs(t), entry("_cursor", typed("string"))) }))
	}
	return out
}

// searchArgs are the search parameters of a type.
func searchArgs(resourceType string) []described {
	out := []described{entry("_count", typed("integer")), entry("_sort", listOf(typed("string")))}
	for _, p := range r4.Params(resourceType) {
		if !slices.Contains(unwanted, p.Name) {
			out = append(out, entry(strings.ReplaceAll(p.Name, "-", "_"), listOf(typed(p.Type))))
		}
	}
	return out
}

// leads tells whether records of a type can refer to those of another.
func leads(from, to string) bool {
	return slices.ContainsFunc(r4.Params(from), func(p *r4.Param) bool { return p.Type == "reference" && slices.Contains(query.Targets(p), to) })
}

// backwards are the search parameters that an enum for _reference names: Patient_Condition_reference.
func backwards(enum string) []string {
	parts := strings.Split(enum, "_")
	if len(parts) != 3 || parts[2] != "reference" {
		return nil
	}
	var out []string
	for _, p := range r4.Params(parts[1]) {
		if p.Type == "reference" && slices.Contains(query.Targets(p), parts[0]) {
			out = append(out, p.Name)
		}
	}
	return out
}
