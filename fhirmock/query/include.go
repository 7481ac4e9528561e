package query

import (
	"slices"
	"strings"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// inclusion is one _include or _revinclude.
type inclusion struct {
	reverse bool
	iterate bool
	source  string // type that refers
	param   string // or "*"
	target  string // type that is referred to, or "" for any
}

const (
	mostIncluded   = 1000 // on a page
	mostRounds     = 8    // of :iterate
	mostInclusions = 32
)

func (q *Query) include(name, modifier, raw string) error {
	parts := strings.Split(raw, ":")
	i := inclusion{reverse: name == "_revinclude", iterate: modifier == "iterate" || modifier == "recurse"}
	if modifier != "" && !i.iterate {
		return bad("not-supported", "modifier %s is not supported for parameter %s", Quote(modifier), Quote(name))
	}
	switch {
	case raw == "*" && i.reverse: // whatever refers to it, of any type
		if len(q.includes)+len(Types) > mostInclusions {
			return bad("too-costly", "expected at most %d inclusions, got more", mostInclusions)
		}
		for _, t := range Types {
			q.includes = append(q.includes, inclusion{reverse: true, iterate: i.iterate, source: t, param: "*"})
		}
		return nil
	case raw == "*":
		parts = []string{q.Type, "*"}
	}
	if len(parts) < 2 || len(parts) > 3 || !Served(parts[0]) || len(parts) == 3 && !Served(parts[2]) {
		return bad("value", "parameter %s: expected Type:parameter or Type:parameter:Target, got %s%s", Quote(name), Quote(raw), mistyped(parts...))
	}
	if i.source, i.param = parts[0], parts[1]; len(parts) == 3 {
		i.target = parts[2]
	}
	if p := r4.ParamNamed(i.source, i.param); i.param != "*" && (p == nil || p.Type != "reference") {
		return bad("not-supported", "parameter %s: expected a reference parameter of %s, got %s%s", Quote(name), i.source, Quote(i.param), DidYouMean(i.param, references(i.source)))
	}
	if len(q.includes) == mostInclusions {
		return bad("too-costly", "expected at most %d inclusions, got more", mostInclusions)
	}
	q.includes = append(q.includes, i)
	return nil
}

// mistyped suggests a type for the first name that is none, of those that stand where one must.
func mistyped(parts ...string) string {
	for i, name := range parts {
		if i%2 == 0 && !Served(name) {
			return DidYouMean(name, Types)
		}
	}
	return ""
}

// gatherer draws in what belongs to a page. What was drawn in once is not drawn in again, so that
// circles end.
type gatherer struct {
	v    store.View
	d    store.Door
	seen map[string]bool
	out  []*store.Record
	cut  bool
}

// gather returns what the inclusions draw in, and whether some was left out because it was too much.
func (q *Query) gather(v store.View, d store.Door, page []*store.Record) ([]*store.Record, bool, error) {
	if len(q.includes) == 0 || len(page) == 0 {
		return nil, false, nil
	}
	g := &gatherer{v: v, d: d, seen: map[string]bool{}}
	for _, r := range page {
		g.seen[r.Type+"/"+r.ID] = true
	}
	from := page
	for round := 0; len(from) > 0 && round < mostRounds && !g.cut; round++ {
		before := len(g.out)
		for _, i := range q.includes {
			if round > 0 && !i.iterate {
				continue
			}
			if err := g.round(i, from); err != nil {
				return nil, false, err
			}
		}
		from = g.out[before:]
	}
	return g.out, g.cut, nil
}

func (g *gatherer) round(i inclusion, from []*store.Record) error {
	for _, r := range from {
		var err error
		if i.reverse {
			err = g.back(i, r)
		} else if r.Type == i.source {
			err = g.forth(i, r)
		}
		if err != nil || g.cut {
			return err
		}
	}
	return nil
}

func (g *gatherer) forth(i inclusion, r *store.Record) error {
	for _, ref := range r.References(i.param) {
		resourceType, id, ok := strings.Cut(ref, "/")
		if !ok || i.target != "" && resourceType != i.target || !Served(resourceType) {
			continue
		}
		if err := g.take(g.v.Get(resourceType, id), store.AsInclude); err != nil {
			return err
		}
	}
	return nil
}

func (g *gatherer) back(i inclusion, r *store.Record) error {
	if i.target != "" && i.target != r.Type {
		return nil
	}
	for _, p := range r4.Params(i.source) {
		if p.Type != "reference" || i.param != "*" && i.param != p.Name || !slices.Contains(Targets(p), r.Type) {
			continue
		}
		if seekBy(g.d, i.source, p.Name) != nil {
			continue // one of many references, perhaps: what does not refer in a way that he may see does not refer
		}
		if err := g.backBy(i.source, p.Name, r); err != nil || g.cut {
			return err
		}
	}
	return nil
}

func (g *gatherer) backBy(source, param string, r *store.Record) error {
	filters := []store.Filter{{Param: param, Any: []store.Match{{Key: r.Type + "/" + r.ID}}}}
	v, err := Narrowed(g.v, g.d, source, filters, store.AsRevInclude)
	if err != nil {
		return err
	}
	search := v.Find(source, filters, nil, nil)
	if err = Waited(search); err != nil {
		return err
	}
	for found := search.Next(); found != nil && !g.cut; found = search.Next() {
		if err := g.take(found, store.AsRevInclude); err != nil {
			return err
		}
	}
	g.cut = g.cut || search.Cut
	return nil
}

func (g *gatherer) take(s *store.Sealed, way store.Way) error {
	if s == nil || s.Deleted() || g.seen[s.Ref()] {
		return nil
	}
	g.seen[s.Ref()] = true
	r, err := s.Open(g.d, way)
	if err != nil || r == nil {
		return err
	}
	if len(g.out) == mostIncluded {
		g.cut = true
		return nil
	}
	g.out = append(g.out, r)
	return nil
}
