package graph

import (
	"strconv"
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// A page of a search (R4 graphql, "Searching resources", Connection): how many there are, the entries, and cursors.

const (
	pageKind  = "Connection"
	entryKind = "Edge"
)

// pages are the members of pages and of their entries; those with a name in place of "" have members themselves.
var pages = map[string][]string{
	pageKind:  {"count", "offset", "pagesize", "pageSize", "edges", "first", "previous", "next", "last"},
	entryKind: {"mode", "score", "resource"},
}

// kind is that of a page or an entry; "" for a type of R4.
func (at spot) kind() string {
	switch {
	case !connected(at.of):
		return ""
	case strings.HasSuffix(at.of, entryKind):
		return entryKind
	}
	return pageKind
}

func (c *compiler) settlePage(at spot, f *field, names []string) error {
	f.does = paging
	resourceType := strings.TrimSuffix(strings.TrimSuffix(at.of, entryKind), pageKind)
	switch name := f.ast.Name; name {
	case "edges", "resource":
		if len(f.args) > 0 {
			return invalid(f.ast.Position, "expected no arguments of %s", name)
		}
		if name == "edges" {
			return c.object(at, f, resourceType+entryKind)
		}
		return c.object(at, f, resourceType)
	default:
		for _, known := range names {
			if known == name {
				return c.leaf(at, f)
			}
		}
		return invalid(f.ast.Position, "expected one of %s, got %s%s", strings.Join(names, ", "), query.Quote(name), query.DidYouMean(name, names))
	}
}

// page writes a page of a search for what refers to ref, if that is given.
func (r *runner) page(out *object, f *field, in within, to target) error {
	res, q, err := r.find(f.search, in.ref)
	if err != nil {
		return err
	}
	s := f.search
	return r.put(out, f, []item{{fill: func(o *object, to target) error {
		for _, m := range f.sub.fields {
			if err := r.member(o, m, s, res, q, in.ref, to); err != nil {
				return err
			}
		}
		return nil
	}}}, false, to)
}

func (r *runner) member(o *object, m *field, s *search, res *query.Result, q *query.Query, ref string, to target) error {
	leaf := func(n *r4.Node) error { return r.put(o, m, []item{{leaf: n}}, false, to) }
	switch m.ast.Name {
	case "__typename":
		return leaf(r4.Text(s.resourceType + pageKind))
	case "count":
		if res.Total >= 0 { // of more than can be looked at, nobody knows
			return leaf(whole(res.Total))
		}
	case "offset":
		return leaf(whole(s.offset))
	case "pagesize", "pageSize":
		return leaf(whole(q.Count))
	case "first":
		return leaf(r4.Text(s.at(r.Source, ref, nil, 0)))
	case "next":
		if res.Next != nil {
			return leaf(r4.Text(s.at(r.Source, ref, res.Next, s.offset+len(res.Page))))
		}
	case "edges":
		var items []item
		for _, rec := range res.Page {
			items = append(items, item{fill: func(o *object, to target) error { return r.edge(o, m.sub, s, rec, to) }})
		}
		return r.list(o, m, items, to)
	}
	return nil
}

// edge writes an entry. What is found is a match; nothing here is a better one than another.
func (r *runner) edge(o *object, p *plan, s *search, rec *store.Record, to target) error {
	for _, m := range p.fields {
		var it item
		switch m.ast.Name {
		case "__typename":
			it.leaf = r4.Text(s.resourceType + entryKind)
		case "mode":
			it.leaf = r4.Text("match")
		case "resource":
			it = r.item(m.sub, rec)
		default:
			continue
		}
		if err := r.put(o, m, []item{it}, false, to); err != nil {
			return err
		}
	}
	return nil
}

func whole(n int) *r4.Node { return &r4.Node{Kind: r4.Number, Text: strconv.Itoa(n)} }
