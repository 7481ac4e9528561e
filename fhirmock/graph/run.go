package graph

import (
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// runner carries a plan out.
type runner struct {
	Source
	most                      int // values
	records, searches, values int
	handed                    int // records of patients in the answer
	patients                  []string
	seen                      map[string]bool
}

// within is the resource that is being written.
type within struct {
	root *r4.Node // the outermost, which has what is contained
	ref  string   // Type/id; "" of what is contained, and at the top
}

// item is one value on its way: a scalar, or an object that is still to be filled.
type item struct {
	node *r4.Node // what a slice is named by
	leaf *r4.Node
	fill func(*object, target) error
}

func (r *runner) system(out *object, p *plan) error {
	for _, f := range p.fields {
		var err error
		switch f.does {
		case typename:
			out.add(f.key, false, false, r4.Text(rootType))
		case reading:
			err = r.read(out, f)
		case describing:
			err = r.describe(out, f)
		default:
			err = r.found(out, f, within{}, target{})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// instance answers about one resource.
func (r *runner) instance(out *object, p *plan, resourceType, id string) error {
	rec, err := r.open(resourceType, id, store.AsGraph)
	if err != nil {
		return err
	}
	if rec == nil {
		return r.Missing()
	}
	return r.item(p, rec).fill(out, target{})
}

func (r *runner) read(out *object, f *field) error {
	if err := r.More(r.handed); err != nil {
		return err
	}
	rec, err := r.open(f.ast.Name, f.args["id"].text, store.AsGraph)
	if err != nil {
		return err
	}
	if rec == nil {
		return r.Missing()
	}
	return r.put(out, f, []item{r.item(f.sub, rec)}, false, target{})
}

// open opens a record; nil if there is none that the caller may see.
func (r *runner) open(resourceType, id string, way store.Way) (*store.Record, error) {
	found := r.View.Get(resourceType, id)
	if found == nil {
		return nil, nil
	}
	rec, err := found.Open(r.Door, way)
	if err != nil || rec == nil || rec.Deleted {
		return nil, err
	}
	return rec, r.took()
}

// took counts a record that was opened.
func (r *runner) took() error {
	if r.records++; r.records > mostRecords {
		return costly("expected a query that %d records answer, got more: ask for pages", mostRecords)
	}
	return nil
}

// item writes a record by a plan.
func (r *runner) item(p *plan, rec *store.Record) item {
	n := rec.Node(r.Canary(rec))
	return item{node: n, fill: func(o *object, to target) error {
		if len(rec.Patients) > 0 && rec.Type != "AuditEvent" {
			r.handed++
		}
		for _, patient := range rec.Patients {
			if !r.seen[patient] {
				if r.seen == nil {
					r.seen = map[string]bool{}
				}
				r.seen[patient] = true
				r.patients = append(r.patients, patient)
			}
		}
		return r.object(o, p, n, within{n, rec.Type + "/" + rec.ID}, to)
	}}
}

// object writes what a plan selects of a node.
func (r *runner) object(out *object, p *plan, n *r4.Node, in within, to target) error {
	for _, f := range p.fields {
		var err error
		switch f.does {
		case typename:
			err = r.put(out, f, []item{{leaf: r4.Text(shown(p.of))}}, false, to)
		case following:
			err = r.follow(out, f, n.String("reference"), in, to)
		case searching:
			err = r.found(out, f, in, to)
		default:
			err = r.element(out, f, n, in, to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// element writes the values of one.
func (r *runner) element(out *object, f *field, n *r4.Node, in within, to target) error {
	var items []item
	for _, v := range f.picked(n.List(f.ast.Name)) {
		switch {
		case v.Kind != r4.Object:
			items = append(items, item{node: v, leaf: v})
		case f.subs != nil: // contained
			if p := f.subs[v.Resource()]; p != nil {
				items = append(items, item{node: v, fill: func(o *object, to target) error { return r.object(o, p, v, within{root: in.root}, to) }})
			}
		case f.sub != nil:
			items = append(items, item{node: v, fill: func(o *object, to target) error { return r.object(o, f.sub, v, in, to) }})
		}
	}
	if len(items) == 0 {
		return nil
	}
	return r.put(out, f, items, f.member.Many, to)
}

// picked are the values that the arguments of a field leave.
func (f *field) picked(values []*r4.Node) []*r4.Node {
	if len(f.args) == 0 {
		return values
	}
	var out []*r4.Node
	for _, v := range values {
		fits := true
		for name, want := range f.args {
			if name != "_count" && name != "_offset" && want.kind != null {
				fits = fits && says(v.List(name), want.text)
			}
		}
		if fits {
			out = append(out, v)
		}
	}
	from, _ := f.args.count("_offset", 0)
	most, _ := f.args.count("_count", len(out))
	out = out[min(from, len(out)):]
	return out[:min(most, len(out))]
}

func says(values []*r4.Node, want string) bool {
	for _, v := range values {
		if v.Kind != r4.Null && v.Text == want {
			return true
		}
	}
	return false
}

// follow writes what a reference leads to. Where that is not there, or not for the caller, it is an error, unless the
// query says that it may be missing.
func (r *runner) follow(out *object, f *field, ref string, in within, to target) error {
	optional, err := f.args.flag("optional", false)
	if err != nil {
		return err
	}
	if id, contained := strings.CutPrefix(ref, "#"); contained {
		for _, c := range in.root.List("contained") {
			if p := f.subs[c.Resource()]; c.String("id") == id && p != nil {
				return r.put(out, f, []item{{node: c, fill: func(o *object, to target) error { return r.object(o, p, c, within{root: in.root}, to) }}}, false, to)
			}
		}
		return nil
	}
	resourceType, id, ok := strings.Cut(terms.Target(strings.TrimPrefix(ref, r.Query.Base+"/")), "/")
	p := f.subs[resourceType]
	if ok && p == nil && query.Served(resourceType) {
		return nil // of a type that was not asked for
	}
	var rec *store.Record
	if p != nil {
		if rec, err = r.open(resourceType, id, store.AsGraphLink); err != nil {
			return err
		}
	}
	switch {
	case rec != nil:
		return r.put(out, f, []item{r.item(p, rec)}, false, to)
	case optional || ref == "": // a reference by identifier alone leads nowhere
		return nil
	}
	return r.Missing()
}

// found writes a list or a page of what a search finds.
func (r *runner) found(out *object, f *field, in within, to target) error {
	if strings.HasSuffix(f.sub.of, pageKind) {
		return r.page(out, f, in, to)
	}
	res, _, err := r.find(f.search, in.ref)
	if err != nil {
		return err
	}
	var items []item
	for _, rec := range res.Page {
		items = append(items, r.item(f.sub, rec))
	}
	return r.list(out, f, items, to)
}

// list writes what was found; if that is nothing, a list of nothing.
func (r *runner) list(out *object, f *field, items []item, to target) error {
	if len(items) == 0 && !f.flatten && !f.singleton && f.slice == "" {
		out.add(f.key+to.suffix, true, false)
	}
	return r.put(out, f, items, true, to)
}

// find searches. Of a list there is all or an error (R4 graphql, "List vs Connection Searches").
func (r *runner) find(s *search, ref string) (*query.Result, *query.Query, error) {
	if r.searches++; r.searches > mostSearches {
		return nil, nil, costly("expected a query that searches at most %d times, got more", mostSearches)
	}
	if err := r.More(r.handed); err != nil {
		return nil, nil, err
	}
	q := s.q
	if s.back != "" {
		if ref == "" { // nothing refers to what is contained
			return &query.Result{}, q, nil
		}
		q = q.Leading(s.back, ref)
	}
	if q.After != nil {
		if err := r.Turns(q.After.Link); err != nil {
			return nil, nil, err
		}
	}
	res, err := q.Run(r.View, r.Door)
	if err != nil {
		return nil, nil, err
	}
	if res.Next != nil && !s.paged && (s.most < 0 || s.most > q.Count) {
		return nil, nil, costly("expected %sList to find at most %d, got more: ask with _count for the first, or for pages by %sConnection", s.resourceType, longestList, s.resourceType)
	}
	for range res.Page {
		if err := r.took(); err != nil {
			return nil, nil, err
		}
	}
	found := max(len(res.Page), res.Total)
	if s.resourceType == "Patient" && (s.back == "" || s.named > 0) && s.most != 0 {
		for range min(max(1, s.named)-found, mostMisses) {
			r.Missed()
		}
	}
	return res, q, nil
}
