//go:build ignore

package main

import (
	"fmt"
	"strings"
)

type structure struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Kind       string `json:"kind"`
	Version    string `json:"version"`
	Abstract   bool   `json:"abstract"`
	Derivation string `json:"derivation"`
	Snapshot   struct {
		Element []element `json:"element"`
	} `json:"snapshot"`
}

type element struct {
	Path             string `json:"path"`
	Min              int    `json:"min"`
	Max              string `json:"max"`
	ContentReference string `json:"contentReference"`
	IsSummary        bool   `json:"isSummary"`
	Type             []struct {
		Code          string   `json:"code"`
		TargetProfile []string `json:"targetProfile"`
		Extension     []struct {
			URL         string `json:"url"`
			ValueURL    string `json:"valueUrl"`
			ValueString string `json:"valueString"`
		} `json:"extension"`
	} `json:"type"`
	Binding *struct {
		Strength string `json:"strength"`
		ValueSet string `json:"valueSet"`
	} `json:"binding"`
}

// node is a type, or a part of a resource that has elements of its own, by its path: "Patient.contact".
type node struct {
	name, kind, regex string
	elements          []child
}

type child struct {
	name  string // as in JSON, or "value[x]"
	min   int
	max   string
	types []typeRef
	vs    string // of a required binding

	summary bool
}

type typeRef struct {
	name    string
	targets []string
}

const (
	hl7      = "http://hl7.org/fhir/"
	release  = "4.0.1"
	fhirPath = "http://hl7.org/fhirpath/System."
)

func readTypes(dir string) map[string]*node {
	types := map[string]*node{}
	for _, file := range []string{"profiles-types.json", "profiles-resources.json"} {
		for _, s := range entries[structure](dir, file, "StructureDefinition") {
			if s.Version == release && s.Derivation != "constraint" && (!s.Abstract || s.Name == "BackboneElement" || s.Name == "Element" || s.Name == "Resource" || s.Name == "DomainResource") {
				addType(types, s)
			}
		}
	}
	for _, n := range types {
		for i := range n.elements {
			for j := range n.elements[i].types {
				// HL7 has Resource where the package says which: Bundle.entry.response.outcome.
				if t := &n.elements[i].types[j]; types[t.name] != nil && types[t.name].kind == "resource" {
					t.name = "Resource"
				}
			}
		}
	}
	return types
}

func addType(types map[string]*node, s structure) {
	root := &node{name: s.Type, kind: s.Kind}
	types[s.Type] = root
	for _, e := range s.Snapshot.Element[1:] {
		at := strings.LastIndexByte(e.Path, '.')
		parent, name := e.Path[:at], e.Path[at+1:]
		if s.Kind == "primitive-type" {
			if name == "value" {
				for _, x := range e.Type[0].Extension {
					if strings.HasSuffix(x.URL, "StructureDefinition/regex") {
						root.regex = x.ValueString
					}
				}
			}
			continue
		}
		c := child{name: name, min: e.Min, max: e.Max, summary: e.IsSummary}
		if e.ContentReference != "" {
			c.types = []typeRef{{name: strings.TrimPrefix(e.ContentReference, "#")}}
		}
		for _, t := range e.Type {
			c.types = append(c.types, elementType(e, t.Code, t.TargetProfile, func() string {
				for _, x := range t.Extension {
					if strings.HasSuffix(x.URL, "fhir-type") {
						return x.ValueURL
					}
				}
				return ""
			}))
		}
		if e.Binding != nil && e.Binding.Strength == "required" {
			c.vs, _, _ = strings.Cut(e.Binding.ValueSet, "|")
		}
		if len(c.types) == 1 && c.types[0].name == e.Path {
			types[e.Path] = &node{name: e.Path, kind: "part"}
		}
		types[parent].elements = append(types[parent].elements, c)
	}
}

// elementType names what an element is of. Elements with elements of their own are types by their path.
func elementType(e element, code string, profiles []string, fhirType func() string) typeRef {
	switch {
	case strings.HasPrefix(code, fhirPath): // id, and the url of an extension
		if t := fhirType(); t != "" {
			return typeRef{name: t}
		}
		return typeRef{name: "string"}
	case code == "BackboneElement" || code == "Element" && strings.Count(e.Path, ".") > 0:
		return typeRef{name: e.Path}
	}
	t := typeRef{name: code}
	for _, p := range profiles {
		if !strings.HasPrefix(p, hl7) {
			continue // the package adds types of its own
		}
		t.targets = append(t.targets, p[strings.LastIndexByte(p, '/')+1:])
	}
	return t
}

// typeLines writes T lines (name, kind, regex), each followed by its E lines (name, min, max, types,
// value set, s if it stands in the summary). Reference targets stand in brackets.
func typeLines(types map[string]*node, sets *valueSets) []string {
	var out []string
	for _, name := range sortedKeys(types) {
		n := types[name]
		out = append(out, strings.Join([]string{"T", n.name, n.kind, n.regex}, "\t"))
		for _, c := range n.elements {
			var ts []string
			for _, t := range c.types {
				s := t.name
				if len(t.targets) > 0 && t.targets[0] != "Resource" {
					s += "(" + strings.Join(t.targets, ",") + ")"
				}
				ts = append(ts, s)
			}
			line := []string{"E", c.name, fmt.Sprint(c.min), c.max, strings.Join(ts, " "), sets.use(c.vs)}
			if c.summary {
				line = append(line, "s")
			}
			out = append(out, strings.Join(line, "\t"))
		}
	}
	return out
}
