package graph

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// shape is how a field stands in the answer (R4 graphql, "Data Flattening Directives").
type shape struct {
	flatten   bool   // its members stand in its place
	first     bool   // of several, the first alone
	singleton bool   // no list, though what it stands in was flattened
	slice     string // what the name of each goes on with: $index, or what stands in an element
}

func (c *compiler) shape(f *ast.Field) (s shape, err error) {
	for _, d := range f.Directives {
		a, err := c.args(d.Arguments)
		if err != nil {
			return s, err
		}
		switch d.Name {
		case "include", "skip":
			continue
		case "slice":
			path := a["path"]
			if _, there := a["fhirpath"]; there { // R4 has both names
				path = a["fhirpath"]
			}
			if s.slice = path.text; path.kind != text || s.slice != "$index" && !simple(s.slice) {
				return s, unsupported(d.Position, "expected @slice(path: \"$index\") or the name of an element, got %s", query.Quote(path.text))
			}
			continue
		case "flatten":
			if s.flatten = true; len(f.SelectionSet) == 0 {
				return s, invalid(d.Position, "expected @flatten on what has members, got %s", f.Name)
			}
		case "first":
			s.first = true
		case "singleton":
			s.singleton = true
		default:
			return s, unsupported(d.Position, "expected one of @include, @skip, @flatten, @first, @singleton and @slice, got @%s", d.Name)
		}
		if len(a) > 0 {
			return s, invalid(d.Position, "expected no arguments of @%s", d.Name)
		}
	}
	return s, nil
}

func simple(path string) bool {
	for i := range len(path) {
		if c := path[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return path != ""
}

// target is what a member is written into: whether a list was flattened around it, and what its name goes on with.
type target struct {
	listed bool
	suffix string
}

// put writes the values of a field: many stands in a list, and so does what was flattened out of one.
func (r *runner) put(out *object, f *field, items []item, many bool, to target) error {
	if f.first && len(items) > 1 {
		items = items[:1]
	}
	for i, it := range items {
		if r.values++; r.values > r.most {
			return costly("expected a query whose answer has at most %d values, got more", r.most)
		}
		suffix := to.suffix
		switch f.slice {
		case "":
		case "$index":
			suffix += "." + strconv.Itoa(i)
		default:
			suffix += "." + it.named(f.slice)
		}
		if f.flatten {
			if err := it.fill(out, target{to.listed || many && !f.first, suffix}); err != nil {
				return err
			}
			continue
		}
		n := it.leaf
		if n == nil {
			below := &object{}
			if err := it.fill(below, target{}); err != nil {
				return err
			}
			var err error
			if n, err = below.node(); err != nil {
				return err
			}
		}
		out.add(f.key+suffix, many || to.listed, f.singleton, n)
	}
	return nil
}

func (it item) named(element string) string {
	if m := it.node.Get(element); m != nil && m.Kind != r4.Object && m.Kind != r4.Array {
		return m.Text
	}
	return ""
}

// object is one of the answer on its way. Members keep the order in which they were met.
type object struct {
	slots []*slot
	named map[string]*slot
}

type slot struct {
	key       string
	list      bool
	singleton bool
	items     []*r4.Node
}

func (o *object) add(key string, list, singleton bool, items ...*r4.Node) {
	s := o.named[key]
	if s == nil {
		if o.named == nil {
			o.named = map[string]*slot{}
		}
		s = &slot{key: key, list: list && !singleton, singleton: singleton}
		o.named[key] = s
		o.slots = append(o.slots, s)
	}
	s.items = append(s.items, items...)
}

// node is the object, when all is in it.
func (o *object) node() (*r4.Node, error) {
	n := &r4.Node{Kind: r4.Object}
	for _, s := range o.slots {
		switch {
		case s.list:
			n.Names, n.Items = append(n.Names, s.key), append(n.Items, &r4.Node{Kind: r4.Array, Items: s.items})
		case len(s.items) > 1:
			return nil, invalid(nil, "expected one value under %s, got %d: leave @singleton out, or pick one with @first", s.key, len(s.items))
		case len(s.items) == 1:
			n.Names, n.Items = append(n.Names, s.key), append(n.Items, s.items[0])
		}
	}
	return n, nil
}
