// Package terms takes out of a resource what it can be found by: for each search parameter of its type
// that HL7 defines, the values in comparable form. The index is made of terms, and so are the values of a
// search; this package is where both are read, so that they cannot disagree.
//
// Begin with Of. dates.go reads points in time as the intervals they are.
package terms

import (
	"strings"

	"thiefbox/fhirmock/r4"
)

// Kind is how a term compares.
type Kind uint8

// The kinds of term.
const (
	Token     Kind = iota // System and Key: equal
	Reference             // Key is "Type/id": equal
	String                // Key is folded, Exact as it was: prefix, part, equal
	Interval              // Lo and Hi: dates in milliseconds since 1970, quantities with System and Key as unit
	URI                   // Key: equal, above, below
	Point                 // Lo and Hi: a latitude and a longitude
	Composite             // Parts
)

// Term is one value under one parameter.
type Term struct {
	Param  string // its name; ":text", ":identifier" or ":of-type" follows where a modifier looks at something else
	Kind   Kind
	Key    string
	System string
	Exact  string
	Lo, Hi float64
	// Parts are the values of a composite's components, which stand together in one place of the resource.
	Parts [][]Term
}

// Of lists the terms of a resource.
func Of(n *r4.Node) []Term { return of(nil, n, "") }

// AppendOf is Of for who goes through many resources.
func AppendOf(dst []Term, n *r4.Node) []Term { return of(dst, n, "") }

// References lists the terms of a resource that lead somewhere.
func References(n *r4.Node) []Term { return of(nil, n, "reference") }

func of(dst []Term, n *r4.Node, only string) []Term {
	x := extractor{out: dst}
	for _, p := range r4.Params(n.Resource()) {
		if only != "" && p.Type != only {
			continue
		}
		x.param = p
		if p.Paths[0].Presence {
			x.presence(n)
			continue
		}
		for i := range p.Paths {
			path := &p.Paths[i]
			path.Follow(n, func(v *r4.Node) { x.value(v, path) })
		}
	}
	return x.out
}

// KindOf says how the values of a parameter compare.
func KindOf(p *r4.Param) Kind {
	switch p.Type {
	case "composite":
		return Composite
	case "special":
		return Point
	case "token":
		return Token
	case "reference":
		return Reference
	case "date", "quantity", "number":
		return Interval
	case "uri":
		return URI
	}
	return String
}

type extractor struct {
	param *r4.Param
	out   []Term
	bare  bool // without what modifiers look at
}

func (x *extractor) add(t Term) {
	if t.Param != "" && x.bare {
		return
	}
	if t.Param == "" {
		t.Param = x.param.Name
	}
	x.out = append(x.out, t)
}

// presence is for parameters such as deceased, which ask whether there is a value that is not false.
func (x *extractor) presence(n *r4.Node) {
	key := "false"
	for i := range x.param.Paths {
		x.param.Paths[i].Follow(n, func(v *r4.Node) {
			if v.Text != "false" {
				key = "true"
			}
		})
	}
	x.add(Term{Kind: Token, Key: key})
}

func (x *extractor) value(v *r4.Node, path *r4.Path) {
	if path.Beside != nil && v.String(path.Beside[0]) != path.Beside[1] {
		return
	}
	switch KindOf(x.param) {
	case Composite:
		x.composite(v)
	case Point:
		x.point(v)
	case Token:
		x.token(v, path)
	case Reference:
		x.reference(v, path)
	case Interval:
		x.interval(v, path.Of)
	case URI:
		if v.Kind == r4.String {
			x.add(Term{Kind: URI, Key: v.Text})
		}
	default:
		x.text(v)
	}
}

// composite reads the components that stand together in v. Where one is missing there is nothing to find: mostly the last,
// which is a value of some type, where the first is a code.
func (x *extractor) composite(v *r4.Node) {
	parts := make([][]Term, len(x.param.Parts))
	for i := len(parts) - 1; i >= 0; i-- {
		part := x.param.Parts[i]
		of := extractor{param: part, bare: true}
		for j := range part.Paths {
			part.Paths[j].Follow(v, func(v *r4.Node) { of.value(v, &part.Paths[j]) })
		}
		if parts[i] = of.out; len(parts[i]) == 0 {
			return
		}
	}
	x.add(Term{Kind: Composite, Parts: parts})
}

// point reads a place on the globe.
func (x *extractor) point(v *r4.Node) {
	lat, has := number(v.Get("latitude"))
	lon, both := number(v.Get("longitude"))
	if has && both {
		x.add(Term{Kind: Point, Lo: lat, Hi: lon})
	}
}

func (x *extractor) token(v *r4.Node, path *r4.Path) {
	switch path.Of {
	case "CodeableConcept":
		for _, c := range v.List("coding") {
			x.coding(c)
		}
		x.display(v.String("text"))
	case "Coding":
		x.coding(v)
	case "Identifier":
		if value := v.String("value"); value != "" {
			x.add(Term{Kind: Token, System: v.String("system"), Key: value})
			for _, kind := range v.Get("type").List("coding") {
				x.add(Term{Param: x.param.Name + ":of-type", Kind: Token, System: kind.String("system") + "|" + kind.String("code"), Key: value})
			}
		}
		x.display(v.Get("type").String("text"))
	case "ContactPoint":
		if value := v.String("value"); value != "" {
			x.add(Term{Kind: Token, System: v.String("use"), Key: value})
		}
	default:
		if v.Kind == r4.String || v.Kind == r4.Bool || v.Kind == r4.Number {
			x.add(Term{Kind: Token, System: path.System, Key: v.Text})
		}
	}
}

func (x *extractor) coding(c *r4.Node) {
	if code := c.String("code"); code != "" {
		x.add(Term{Kind: Token, System: c.String("system"), Key: code})
	}
	x.display(c.String("display"))
}

func (x *extractor) display(s string) {
	if s != "" && !x.bare {
		x.add(Term{Param: x.param.Name + ":text", Kind: String, Key: Fold(s), Exact: s})
	}
}

func (x *extractor) reference(v *r4.Node, path *r4.Path) {
	if v.Kind == r4.String { // canonical and uri
		x.add(Term{Kind: Reference, Key: v.Text})
		return
	}
	if key := Target(v.String("reference")); key != "" && (path.Target == "" || strings.HasPrefix(key, path.Target+"/")) {
		x.add(Term{Kind: Reference, Key: key})
	}
	if id := v.Get("identifier"); id.String("value") != "" {
		x.add(Term{Param: x.param.Name + ":identifier", Kind: Token, System: id.String("system"), Key: id.String("value")})
	}
}

// Target is "Type/id" of a reference, without version; "" for what leads into the resource itself.
func Target(reference string) string {
	if strings.HasPrefix(reference, "#") {
		return ""
	}
	if at := strings.Index(reference, "/_history/"); at >= 0 {
		reference = reference[:at]
	}
	return reference
}

func (x *extractor) interval(v *r4.Node, of string) {
	if x.param.Type == "date" {
		for _, i := range intervals(v, of) {
			x.add(Term{Kind: Interval, Lo: i.Lo, Hi: i.Hi})
		}
		return
	}
	for _, t := range quantities(v, of) {
		x.add(t)
	}
}

// stringParts are the elements of complex types that string parameters look at.
var stringParts = []string{"text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country"}

func (x *extractor) text(v *r4.Node) {
	if v.Kind == r4.String {
		x.add(Term{Kind: String, Key: Fold(v.Text), Exact: v.Text})
		if x.param.Name == "family" {
			x.parts(v.Text)
		}
		return
	}
	for _, part := range stringParts {
		for _, s := range v.List(part) {
			if s.Kind == r4.String {
				x.add(Term{Kind: String, Key: Fold(s.Text), Exact: s.Text})
				if part == "family" {
					x.parts(s.Text)
				}
			}
		}
	}
}

// parts adds the further parts of a family name, by which people are looked for too: Quinones finds Carreno Quinones
// (R4 search, "string"). They have no Exact, since none of them is the name.
func (x *extractor) parts(family string) {
	folded := Fold(family)
	for i := range len(folded) {
		if folded[i] == ' ' {
			x.add(Term{Kind: String, Key: folded[i+1:]})
		}
	}
}
