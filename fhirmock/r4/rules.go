package r4

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// rules checks what the elements of a type owe each other.
func (v *validator) rules(n *Node, s *structure, at *place) {
	switch s.name {
	case "Extension":
		v.extension(n, at)
	case "Reference":
		v.localReference(n, at)
	}
}

// extension: a value or extensions, not both (ext-1).
func (v *validator) extension(n *Node, at *place) {
	value, nested := false, n.Get("extension") != nil
	for _, name := range n.Names {
		value = value || strings.HasPrefix(name, "value") || strings.HasPrefix(name, "_value")
	}
	if value == nested {
		v.wrong(at, "invariant", "expected either a value or extensions (ext-1)")
	}
}

// localReference: "#id" leads to a contained resource, "#" to the container (ref-1).
func (v *validator) localReference(n *Node, at *place) {
	id, local := strings.CutPrefix(n.String("reference"), "#")
	if local && id != "" && !v.contained[id] {
		v.wrong(at.at("reference"), "invariant", "expected the id of a contained resource, got "+strconv.Quote(cut(id))+" (ref-1)")
	}
}

// bound checks required bindings of complex types, and the types of reference targets.
func (v *validator) bound(n *Node, p property, at *place) {
	switch p.of.name {
	case "Reference":
		v.target(n, p.of.targets, at)
	case "CodeableConcept":
		if p.element.valueSet == "" {
			return
		}
		codings := n.List("coding")
		for _, c := range codings {
			if v.inSet(c.String("system"), c.String("code"), p.element.valueSet) {
				return
			}
		}
		if len(codings) > 0 || n.Get("text") != nil {
			v.wrong(at, "code-invalid", "expected a code of the value set "+p.element.valueSet)
		}
	case "Coding":
		if p.element.valueSet != "" && !v.inSet(n.String("system"), n.String("code"), p.element.valueSet) {
			v.wrong(at, "code-invalid", "expected a code of the value set "+p.element.valueSet)
		}
	case "Quantity":
		if p.element.valueSet != "" && n.Get("code") != nil && !v.inSet(n.String("system"), n.String("code"), p.element.valueSet) {
			v.wrong(at, "code-invalid", "expected a unit of the value set "+p.element.valueSet)
		}
	}
}

func (v *validator) inSet(system, code, set string) bool {
	_, ok := v.lib.codesOf(set)[system+"|"+code]
	return ok
}

func (v *validator) target(n *Node, allowed []string, at *place) {
	ref := n.String("reference")
	if n.Get("type") != nil && !IsResource(n.String("type")) {
		v.wrong(at.at("type"), "value", "expected a resource type, got "+strconv.Quote(cut(n.String("type"))))
	}
	if len(allowed) == 0 || ref == "" || strings.HasPrefix(ref, "#") || strings.Contains(ref, ":") {
		return
	}
	resourceType, id, ok := strings.Cut(ref, "/")
	if conditional, _, is := strings.Cut(ref, "?"); is {
		resourceType, ok = conditional, true
	} else if id, _, _ = strings.Cut(id, "/"); !ok || !ValidID(id) {
		v.wrong(at.at("reference"), "value", "expected Type/id, got "+strconv.Quote(cut(ref)))
		return
	}
	if !slices.Contains(allowed, resourceType) {
		v.wrong(at.at("reference"), "value", "expected a reference to "+strings.Join(allowed, " or ")+", got "+strconv.Quote(cut(ref)))
	}
}

// xhtml says what is wrong with a narrative: it is one div of XHTML. What may stand in it (txt-1) is ActiveNarratives'.
func xhtml(s string) error {
	if !strings.HasPrefix(strings.TrimSpace(s), "<div") {
		return errors.New("expected a div")
	}
	d := xml.NewDecoder(strings.NewReader(s))
	d.Entity = xml.HTMLEntity
	depth, roots := 0, 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errors.New("expected well-formed XHTML")
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
				if t.Name.Space != "http://www.w3.org/1999/xhtml" || t.Name.Local != "div" {
					return errors.New("expected a div in the namespace http://www.w3.org/1999/xhtml")
				}
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
	if roots != 1 {
		return errors.New("expected one div, got " + strconv.Itoa(roots))
	}
	return nil
}
