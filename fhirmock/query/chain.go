package query

import (
	"slices"
	"strings"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// chain is a condition on what a reference leads to: subject:Patient.name=x.
type chain struct {
	param string
	hops  []hop
}

// hop is the condition at one type that the reference can lead to.
type hop struct {
	resourceType string
	filter       filter
}

// has is a condition on what refers here: _has:Observation:patient:code=x.
type has struct {
	resourceType, reference string
	filter                  filter
}

const (
	// mostThrough is how many records a chain may lead through.
	mostThrough = 1000
	// mostKnown is how many if none of them has to be made or read for it.
	mostKnown = 20000
)

func parseChain(c Context, resourceType, name, rest, raw string, hops int) (filter, error) {
	name, only, narrowed := strings.Cut(name, ":")
	p := r4.ParamNamed(resourceType, name)
	if p == nil || p.Type != "reference" {
		return filter{}, unknown(name, resourceType)
	}
	ch := &chain{param: name}
	var first error
	for _, t := range Targets(p) {
		if narrowed && t != only {
			continue
		}
		f, err := parseFilter(c, t, rest, raw, hops+1)
		if err == nil {
			ch.hops = append(ch.hops, hop{t, f})
		} else if first == nil {
			first = err
		}
	}
	if len(ch.hops) == 0 {
		switch next, _, _ := strings.Cut(rest, ":"); {
		case first == nil:
			first = unknown(name+":"+only, resourceType)
		case !narrowed && !slices.ContainsFunc(Targets(p), func(t string) bool { return r4.ParamNamed(t, next) != nil }) && r4.ValidID(next) && !strings.Contains(next, "."):
			first = unknown(next, Targets(p)...)
		}
		return filter{}, first
	}
	return filter{chain: ch}, nil
}

func parseHas(c Context, resourceType, rest, raw string, hops int) (filter, error) {
	parts := strings.SplitN(rest, ":", 3)
	if len(parts) != 3 {
		return filter{}, bad("value", "expected _has:Type:reference:parameter, got %s", Quote("_has:"+rest))
	}
	p := r4.ParamNamed(parts[0], parts[1])
	if !Served(parts[0]) || p == nil || p.Type != "reference" || !slices.Contains(Targets(p), resourceType) {
		text := unknown("_has:"+rest, resourceType)
		switch {
		case !Served(parts[0]):
			text.Text += mistyped(parts[0])
		case p == nil:
			text.Text += DidYouMean(parts[1], references(parts[0]))
		}
		return filter{}, text
	}
	f, err := parseFilter(c, parts[0], parts[2], raw, hops+1)
	return filter{has: &has{parts[0], parts[1], f}}, err
}

// resolve turns conditions on other records into conditions on this one. Each record that decides is
// opened: one the caller may not see decides nothing. Where the plain conditions leave few records that he may see by
// one of the ways, the others are asked about those alone.
func resolve(v store.View, d store.Door, resourceType string, filters []filter, ways ...store.Way) ([]store.Filter, error) {
	if err := seeks(d, resourceType, filters); err != nil {
		return nil, err
	}
	out := make([]store.Filter, 0, len(filters))
	for _, f := range filters {
		if f.plain() {
			out = append(out, f.Filter)
		}
	}
	if len(out) == len(filters) {
		return out, nil
	}
	few, err := candidates(v, d, resourceType, out, ways)
	if err != nil {
		return nil, err
	}
	for _, f := range filters {
		var r store.Filter
		switch {
		case f.chain != nil:
			r, err = f.chain.resolve(v, d, few)
		case f.has != nil:
			r, err = f.has.resolve(v, d, few)
		case f.tree != nil:
			r, err = f.tree.resolve(v, d)
		default:
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// mostCandidates is how many records are few.
const mostCandidates = 200

// candidates are the records that plain conditions leave, if they are few; nil if there are more, or no conditions. Those
// that the caller may not see are none: how many they are would decide what a search is too costly for.
func candidates(v store.View, d store.Door, resourceType string, plain []store.Filter, ways []store.Way) ([]*store.Sealed, error) {
	if len(plain) == 0 {
		return nil, nil
	}
	v, err := Narrowed(v, d, resourceType, plain, ways...)
	if err != nil {
		return nil, err
	}
	out := []*store.Sealed{}
	search := v.Find(resourceType, plain, nil, nil)
	if err = Waited(search); err != nil {
		return nil, err
	}
	for found := search.Next(); found != nil; found = search.Next() {
		seen, err := opens(d, found, ways)
		if err != nil {
			return nil, err
		}
		if !seen {
			continue
		}
		if out = append(out, found); len(out) > mostCandidates {
			return nil, nil
		}
	}
	if search.Cut {
		return nil, nil
	}
	return out, nil
}

// opens tells whether the door opens a record by any of some ways.
func opens(d store.Door, found *store.Sealed, ways []store.Way) (bool, error) {
	for _, w := range ways {
		if r, err := found.Open(d, w); r != nil || err != nil {
			return r != nil, err
		}
	}
	return false, nil
}

func (c *chain) resolve(v store.View, d store.Door, few []*store.Sealed) (store.Filter, error) {
	out := store.Filter{Param: c.param}
	for _, h := range c.hops {
		filters := []filter{h.filter}
		if few != nil {
			var targets []store.Match
			for _, s := range few {
				for _, ref := range s.Leads(c.param) {
					if kind, id, _ := strings.Cut(ref, "/"); kind == h.resourceType {
						targets = append(targets, store.Match{Key: id})
					}
				}
			}
			if targets == nil {
				continue
			}
			filters = append(filters, filter{Filter: store.Filter{Param: store.ID, Any: targets}})
		}
		most := mostKnown
		if v.Charted(h.resourceType) { // which of them a record refers to is known to its chart alone
			most = mostThrough
		}
		err := through(v, d, store.AsChain, h.resourceType, filters, most, func(found *store.Record) {
			out.Any = append(out.Any, store.Match{Key: found.Type + "/" + found.ID})
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func (h *has) resolve(v store.View, d store.Door, few []*store.Sealed) (store.Filter, error) {
	out := store.Filter{Param: store.ID}
	filters := []filter{h.filter}
	if few != nil {
		if len(few) == 0 {
			return out, nil
		}
		var those []store.Match
		for _, s := range few {
			those = append(those, store.Match{Key: s.Ref()})
		}
		filters = append(filters, filter{Filter: store.Filter{Param: h.reference, Any: those}})
	}
	most := mostThrough
	if few == nil && v.Leading(h.resourceType, h.reference) {
		most = mostKnown
	}
	err := through(v, d, store.AsHas, h.resourceType, filters, most, func(found *store.Record) {
		for _, ref := range found.References(h.reference) {
			if _, id, ok := strings.Cut(ref, "/"); ok {
				out.Any = append(out.Any, store.Match{Key: id})
			}
		}
	})
	return out, err
}

func through(v store.View, d store.Door, way store.Way, resourceType string, filters []filter, most int, see func(*store.Record)) error {
	inner, err := resolve(v, d, resourceType, filters, store.AsMatch, way)
	if err != nil {
		return err
	}
	if v, err = Narrowed(v, d, resourceType, inner, way); err != nil {
		return err
	}
	search := v.Find(resourceType, inner, nil, nil)
	if err = Waited(search); err != nil {
		return err
	}
	seen := 0
	for found := search.Next(); found != nil; found = search.Next() {
		r, err := found.Open(d, way)
		if err != nil {
			return err
		}
		if r == nil {
			continue
		}
		if seen++; seen > most {
			break
		}
		see(r)
	}
	if search.Cut || seen > most {
		return bad("too-costly", "expected a chain that leads through at most %d records, got more: narrow it", most)
	}
	return nil
}
