package r4

import "strings"

// Member is what an object of a type may have under a name in JSON.
type Member struct {
	Type      string // of R4, or the path of a part of a resource: Patient.contact
	Primitive bool
	Many      bool     // a list of them
	Targets   []string // types that a reference may lead to; none stands for any
}

// MemberOf finds a member of a type by its name in JSON: valueQuantity, _birthDate. A resource's resourceType is no
// element, and no member here.
func MemberOf(typeName, name string) (Member, bool) {
	s := definitions().lookup(typeName)
	if s == nil {
		return Member{}, false
	}
	plain := strings.TrimPrefix(name, "_")
	p, known := s.byName[plain]
	if !known || plain != name && !primitive(p.of.name) {
		return Member{}, false
	}
	if plain != name {
		return Member{Type: "Element", Many: p.element.many}, true
	}
	return Member{p.of.name, primitive(p.of.name), p.element.many, p.of.targets}, true
}

// Members lists the names of the elements of a type, each choice by its names in JSON, in the order of the definition.
func Members(typeName string) []string {
	s := definitions().lookup(typeName)
	if s == nil {
		return nil
	}
	var out []string
	for i := range s.elements {
		e := &s.elements[i]
		for _, t := range e.types {
			name := e.name
			if e.choice {
				name += strings.ToUpper(t.name[:1]) + t.name[1:]
			}
			out = append(out, name)
		}
	}
	return out
}

// IsType tells whether R4 has a type of that name, primitive or not.
func IsType(name string) bool { return definitions().lookup(name) != nil }
