package r4

import (
	"slices"
	"strings"
	"sync"
)

// Param is a search parameter of one resource type, as HL7 defines it.
type Param struct {
	Name    string
	Type    string   // token, string, date, reference, quantity, number, uri, composite, special
	URL     string   // of its definition
	Targets []string // of a reference; none stands for anything
	Paths   []Path
	// Parts are the components of a composite, each with its type and its paths from where Paths leads to.
	Parts []*Param
}

// Path leads to the values of a parameter in a resource.
type Path struct {
	Names []string // JSON properties from the top
	Of    string   // datatype of what it leads to
	// System is the code system of a bare code.
	System string
	// Beside must stand beside the value, with this text: {"system", "phone"}. Nil for most.
	Beside []string
	// Target is the type a reference must lead to, or "".
	Target string
	// Presence marks a parameter that asks whether there is a value that is not false.
	Presence bool
}

type searchLibrary struct {
	params       map[string][]*Param // by type, sorted by name
	compartments map[string][]string // by type: parameters that place it in a patient's compartment
}

var searches = sync.OnceValue(func() *searchLibrary {
	l := &searchLibrary{params: map[string][]*Param{}, compartments: map[string][]string{}}
	for line := range strings.Lines(unpack(searchFile)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if f[0] == "C" {
			l.compartments[f[1]] = strings.Fields(f[2])
			continue
		}
		p := &Param{Name: f[2], Type: f[3], URL: f[4], Targets: strings.Fields(f[5])}
		p.read(f[6:])
		l.params[f[1]] = append(l.params[f[1]], p)
	}
	general := l.params["Resource"]
	for name := range l.params {
		if name != "Resource" {
			l.params[name] = slices.Concat(general, l.params[name])
		}
	}
	return l
})

func (p *Param) read(fields []string) {
	if p.Type != "composite" {
		for _, s := range fields {
			p.Paths = append(p.Paths, parsePath(s))
		}
		return
	}
	for _, root := range strings.Fields(fields[0]) {
		if root == "." {
			p.Paths = append(p.Paths, Path{})
			continue
		}
		p.Paths = append(p.Paths, Path{Names: strings.Split(root, ".")})
	}
	for _, s := range fields[1:] {
		kind, paths, _ := strings.Cut(s, ";")
		part := &Param{Name: p.Name, Type: kind}
		part.read(strings.Fields(paths))
		p.Parts = append(p.Parts, part)
	}
}

func parsePath(s string) Path {
	way, of, _ := strings.Cut(s, ":")
	p := Path{Names: strings.Split(way, ".")}
	if of, p.Presence = strings.CutSuffix(of, "!"); p.Presence {
		p.Of = of
		return p
	}
	if i := strings.IndexAny(of, "=~@"); i >= 0 {
		switch mark := of[i+1:]; of[i] {
		case '=':
			p.Beside = strings.Fields(mark)
		case '~':
			p.Target = mark
		case '@':
			p.System = mark
		}
		of = of[:i]
	}
	p.Of = of
	return p
}

// Params lists the search parameters of a type, the general ones first. The list is shared: read only.
func Params(resourceType string) []*Param {
	l := searches()
	if own, ok := l.params[resourceType]; ok {
		return own
	}
	return l.params["Resource"] // Binary has none of its own
}

// ParamNamed finds a search parameter of a type, or returns nil.
func ParamNamed(resourceType, name string) *Param {
	for _, p := range Params(resourceType) {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Compartment names the search parameters by which a resource lies in the compartment of a patient
// (HL7's CompartmentDefinition for Patient). None: it lies in nobody's.
func Compartment(resourceType string) []string { return searches().compartments[resourceType] }

// Follow calls see with each value that a path leads to.
func (p *Path) Follow(resource *Node, see func(*Node)) { follow(resource, p.Names, see) }

func follow(n *Node, names []string, see func(*Node)) {
	if n == nil {
		return
	}
	if n.Kind == Array {
		for _, item := range n.Items {
			follow(item, names, see)
		}
		return
	}
	if len(names) == 0 {
		see(n)
		return
	}
	if n.Kind == Object {
		follow(n.Get(names[0]), names[1:], see)
	}
}
