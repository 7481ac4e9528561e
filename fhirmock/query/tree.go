package query

import (
	"slices"
	"strings"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// :above and :below of references (R4 search, "Searching Hierarchies"): location:below=42 is what was at 42, or at what
// is part of it, however deep.

// parts name the parameter by which the records of a type are part of one another.
var parts = map[string]string{"Organization": "partof", "Location": "partof", "Encounter": "part-of"}

// tree is a condition on a reference, and on what lies above or below what it leads to.
type tree struct {
	param string
	above bool
	keys  []string // "Type/id"
}

const (
	// mostLevels is how deep a hierarchy is gone through. A circle ends by itself: nothing is gone through twice.
	mostLevels = 16
	// mostRoots is how many values may be asked for with what lies above or below them.
	mostRoots = 16
)

// parseTree reads the values of a reference with :above or :below.
func parseTree(c Context, p *r4.Param, modifier, raw string) (filter, error) {
	t := &tree{param: p.Name, above: modifier == "above"}
	for _, s := range split(raw, ',') {
		if s == "" {
			return filter{}, bad("value", "parameter %s: expected a value, got nothing", Quote(p.Name))
		}
		found, err := reference(c, p, "", s, &store.Filter{})
		if err != nil {
			return filter{}, err
		}
		n := len(t.keys)
		for _, m := range found {
			if kind, _, _ := strings.Cut(m.Key, "/"); parts[kind] != "" {
				t.keys = append(t.keys, m.Key)
			}
		}
		if len(t.keys) == n {
			b := bad("not-supported", "modifier %s of parameter %s: expected a reference to an Organization, a Location or an Encounter, which can be part of one another, got %s", Quote(modifier), Quote(p.Name), Quote(s))
			b.modifier = true
			return filter{}, b
		}
		if len(t.keys) > mostRoots {
			return filter{}, bad("too-costly", "parameter %s: expected at most %d values, got more", Quote(p.Name+":"+modifier), mostRoots)
		}
	}
	return filter{tree: t}, nil
}

// isCanonical tells whether a parameter leads to what is known by a URL and a version, in place of a reference.
func isCanonical(p *r4.Param) bool {
	return slices.ContainsFunc(p.Paths, func(path r4.Path) bool { return path.Of == "canonical" || path.Of == "uri" })
}

// resolve goes through the hierarchy, a level at a time. Whoever may not see a record is not led through it.
func (t *tree) resolve(v store.View, d store.Door) (store.Filter, error) {
	out := store.Filter{Param: t.param}
	seen := map[string]bool{}
	take := func(keys []string) (fresh []string) {
		for _, key := range keys {
			if !seen[key] {
				seen[key] = true
				fresh = append(fresh, key)
				out.Any = append(out.Any, store.Match{Key: key})
			}
		}
		return fresh
	}
	next := t.below
	if t.above {
		next = t.over
	}
	level := take(t.keys)
	for depth := 0; len(level) > 0; depth++ {
		if depth == mostLevels || len(seen) > mostThrough {
			return out, bad("too-costly", "parameter %s: expected a hierarchy of at most %d levels and %d records, got more: begin further down", Quote(t.param), mostLevels, mostThrough)
		}
		keys, err := next(v, d, level)
		if err != nil {
			return out, err
		}
		level = take(keys)
	}
	return out, nil
}

// below lists what is part of a level.
func (t *tree) below(v store.View, d store.Door, level []string) (out []string, err error) {
	for kind, param := range parts {
		var of []store.Match
		for _, key := range level {
			if strings.HasPrefix(key, kind+"/") {
				of = append(of, store.Match{Key: key})
			}
		}
		if of == nil {
			continue
		}
		err = through(v, d, store.AsChain, kind, []filter{{Filter: store.Filter{Param: param, Any: of}}}, mostThrough, func(r *store.Record) {
			out = append(out, r.Type+"/"+r.ID)
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// over lists what the records of a level are part of.
func (t *tree) over(v store.View, d store.Door, level []string) (out []string, err error) {
	for _, key := range level {
		kind, id, _ := strings.Cut(key, "/")
		found := v.Get(kind, id)
		if found == nil || found.Deleted() {
			continue
		}
		r, err := found.Open(d, store.AsChain)
		if err != nil {
			return nil, err
		}
		if r != nil {
			out = append(out, r.References(parts[kind])...)
		}
	}
	return out, nil
}
