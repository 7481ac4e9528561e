package r4

import (
	"strconv"
	"strings"
)

// Validate says what is wrong with a resource by the definition of its type. No issues: it is well-formed R4.
func Validate(n *Node) []Issue {
	v := &validator{lib: definitions()}
	v.resource(n, nil, true)
	return v.issues
}

type validator struct {
	lib    *library
	issues []Issue
	// contained are the ids of the contained resources of the resource at hand; nil while there are none.
	contained map[string]bool
}

func (v *validator) full() bool { return len(v.issues) >= maxIssues }

func (v *validator) wrong(at *place, code, text string) {
	if !v.full() {
		v.issues = append(v.issues, Issue{code, at.String(), text})
	}
}

// resource checks a resource. In a container it is called by the container's element.
func (v *validator) resource(n *Node, at *place, outermost bool) {
	if n.Kind != Object {
		v.wrong(orRoot(at, "Resource"), "structure", "expected a resource, got "+n.Kind.String())
		return
	}
	name := n.Resource()
	if at == nil {
		at = &place{name: name, index: -1}
	}
	if !IsResource(name) {
		v.wrong(orRoot(at, "Resource"), "structure", "expected the resourceType of FHIR R4, got "+strconv.Quote(cut(name)))
		return
	}
	if outermost {
		defer func(outer map[string]bool) { v.contained = outer }(v.contained)
		v.contained = idsOf(n.List("contained"))
	}
	v.object(n, v.lib.lookup(name), at, true)
}

func orRoot(p *place, name string) *place {
	if p == nil || p.String() == "" {
		return &place{name: name, index: -1}
	}
	return p
}

func idsOf(contained []*Node) map[string]bool {
	ids := map[string]bool{}
	for _, c := range contained {
		ids[c.String("id")] = true
	}
	return ids
}

// object checks the members of an object: that each is an element of the type, that none is missing,
// and what they hold.
func (v *validator) object(n *Node, s *structure, at *place, resource bool) {
	if n.Kind != Object {
		v.wrong(at, "structure", "expected an object ("+s.name+"), got "+n.Kind.String())
		return
	}
	if len(n.Items) == 0 {
		v.wrong(at, "structure", "expected an element with a value or children, got {}")
	}
	seen := make(map[*element]string, len(n.Names))
	for i, name := range n.Names {
		if v.full() {
			return
		}
		if name == "resourceType" && resource {
			continue
		}
		plain := strings.TrimPrefix(name, "_")
		p, known := s.byName[plain]
		if !known || plain != name && !primitive(p.of.name) {
			v.wrong(at.at(cut(name)), "structure", "expected an element of "+s.name+", got "+strconv.Quote(cut(name)))
			continue
		}
		if other, twice := seen[p.element]; twice && other != plain {
			v.wrong(at.at(plain), "structure", "expected one type of "+p.element.name+"[x], got "+other+" and "+plain)
		}
		seen[p.element] = plain
		if plain != name {
			v.shadow(n.Items[i], n.Get(plain), p, at.at(plain))
			continue
		}
		v.member(n, n.Items[i], p, at.at(name))
	}
	for i := range s.elements {
		if e := &s.elements[i]; e.min > 0 && seen[e] == "" {
			v.wrong(at.at(e.name), "required", "expected at least one, got none")
		}
	}
	v.rules(n, s, at)
}

// member checks the values of one member: a list where the element repeats, and nowhere else.
func (v *validator) member(parent, n *Node, p property, at *place) {
	if !p.element.many {
		v.value(n, p, at, false)
		return
	}
	if n.Kind != Array {
		v.wrong(at, "structure", "expected an array, got "+n.Kind.String())
		return
	}
	if len(n.Items) == 0 {
		v.wrong(at, "structure", "expected an array with items, got []")
	}
	for i, item := range n.Items {
		if v.full() {
			return
		}
		v.value(item, p, at.item(i), hasShadow(parent, at.name, i))
	}
}

// hasShadow tells whether the null at i stands for a primitive that has an extension and no value.
func hasShadow(parent *Node, name string, i int) bool {
	list := parent.List("_" + name)
	return i < len(list) && list[i].Kind == Object
}

func (v *validator) value(n *Node, p property, at *place, shadowed bool) {
	switch name := p.of.name; {
	case primitive(name):
		if n.Kind == Null && shadowed {
			return
		}
		v.primitive(n, name, p.element, at)
	case name == "Resource":
		v.inner(n, at)
	default:
		if s := v.lib.lookup(name); s != nil {
			v.object(n, s, at, false)
			v.bound(n, p, at)
		}
	}
}

// inner checks a resource within a resource. What is contained has an id and contains nothing itself
// (dom-2); what a Bundle or Parameters carries is a resource of its own.
func (v *validator) inner(n *Node, at *place) {
	if at.name != "contained" {
		v.resource(n, at, true)
		return
	}
	if n.String("id") == "" {
		v.wrong(at.at("id"), "required", "expected the id of a contained resource, got none")
	}
	if n.Get("contained") != nil {
		v.wrong(at.at("contained"), "invariant", "expected no contained resources in a contained resource (dom-2)")
	}
	if m := n.Get("meta"); m.Get("versionId") != nil || m.Get("lastUpdated") != nil {
		v.wrong(at.at("meta"), "invariant", "expected no versionId and lastUpdated in a contained resource (dom-4)")
	}
	v.resource(n, at, false)
}

// shadow checks the member "_name" of a primitive: id and extensions, beside the value or in its place.
func (v *validator) shadow(n, value *Node, p property, at *place) {
	s := v.lib.lookup("Element")
	if !p.element.many {
		v.object(n, s, at, false)
		return
	}
	if n.Kind != Array {
		v.wrong(at, "structure", "expected an array, got "+n.Kind.String())
		return
	}
	if value != nil && value.Kind == Array && len(value.Items) != len(n.Items) {
		v.wrong(at, "structure", "expected as many items in _"+at.name+" as in "+at.name+", got "+strconv.Itoa(len(n.Items))+" and "+strconv.Itoa(len(value.Items)))
	}
	for i, item := range n.Items {
		if item.Kind != Null {
			v.object(item, s, at.item(i), false)
		}
	}
}

// String names the kind as JSON does.
func (k Kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}
