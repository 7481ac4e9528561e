package interact

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// name gives ids to what will be created and puts them in place of fullUrls wherever they are referred to.
func (w *writer) name(items []item) error {
	names, seen := map[string]name{}, once{}
	for i := range items {
		it := &items[i]
		switch r := it.request; {
		case r.Kind == Create:
			it.id = w.e.NewID()
			if r.IfNoneExist != "" {
				rec, err := w.existing(r)
				if err != nil {
					return it.place(err)
				}
				if rec != nil {
					it.id, it.done = rec.ID, w.kept(rec)
				}
			}
		case r.Kind == Update && r.ID == "":
			if err := w.pick(r); err != nil {
				return it.place(err)
			}
			it.id = r.ID
		case (r.Kind == Patch || r.Kind == Delete) && r.ID == "":
			if err := w.pick(r); err != nil {
				return it.place(err)
			}
		default:
			it.id = r.ID
		}
		if err := errors.Join(seen.take("fullUrl", it.full), seen.take("condition", w.unmet(it))); err != nil {
			return it.place(err)
		}
		if it.full != "" && it.id != "" {
			names[it.full] = w.named(it)
		}
	}
	for i := range items {
		if body := items[i].request.Body; body != nil {
			r := renamer{names: names, root: rootOf(items[i].full)}
			r.node(body, false)
		}
	}
	return nil
}

// named is what an entry's record will be called.
func (w *writer) named(it *item) name {
	n := name{it.request.Type + "/" + it.id, 1}
	if found := w.tx.Get(it.request.Type, it.id); found != nil {
		switch n.version = found.Version(); it.request.Kind {
		case Update, Patch, Delete:
			n.version++
		}
	}
	return n
}

// name is what a record is called, and which version of it a transaction leaves.
type name struct {
	ref     string
	version int
}

// once is a list of what may stand once in a transaction: by one fullUrl, or one condition that nothing satisfies yet, two
// entries would mean one record and make two (R4 bundle, bdl-7; http, "Transaction Processing Rules").
type once map[string]bool

func (o once) take(what, name string) error {
	if name == "" {
		return nil
	}
	if o[what+name] {
		return problem(http.StatusBadRequest, "invalid", "expected each "+what+" once in a transaction, got "+query.Quote(name)+" twice")
	}
	o[what+name] = true
	return nil
}

// unmet is the condition of an entry that makes a record because nothing satisfies it; "" of any other.
func (w *writer) unmet(it *item) string {
	r := it.request
	switch {
	case it.done != nil || w.tx.Get(r.Type, it.id) != nil:
	case r.Kind == Create && r.IfNoneExist != "":
		_, condition, has := strings.Cut(r.IfNoneExist, "?")
		if !has {
			condition = r.IfNoneExist
		}
		return r.Type + "?" + condition
	case r.Kind == Update && len(r.Params) > 0:
		return r.Type + asQuery(r.Params)
	}
	return ""
}

// renamer puts the names of what a transaction creates in place of what its entries call each other (R4 http,
// "Transaction Processing Rules").
type renamer struct {
	names map[string]name
	root  string // what a relative reference is relative to: the server in the entry's fullUrl, or ""
}

// rootOf is the server in a fullUrl that ends in Type/id.
func rootOf(full string) string {
	s := strings.Split(full, "/")
	if n := len(s); n > 4 && strings.Contains(s[0], "http") && r4.IsResource(s[n-2]) {
		return strings.Join(s[:n-2], "/") + "/"
	}
	return ""
}

// canonicals are elements that name what is published under a URL, whatever a bundle calls its entries.
var canonicals = []string{"profile", "instantiatesCanonical", "valueCanonical"}

// node renames what stands below a node; kept, it leaves strings in a list alone.
func (r *renamer) node(n *r4.Node, kept bool) {
	for i, item := range n.Items {
		member := ""
		if n.Kind == r4.Object {
			member = n.Names[i]
			kept = slices.Contains(canonicals, member)
		}
		switch {
		case item.Kind != r4.String:
			r.node(item, kept)
		case member == "reference":
			item.Text = r.reference(item.Text)
		case member == "div":
			item.Text = r.narrative(item.Text)
		case member == "value" || kept: // an identifier's is a name in its own right
		default:
			if name, is := r.names[item.Text]; is && strings.Contains(item.Text, ":") {
				item.Text = name.ref
			}
		}
	}
}

// reference renames one; where it names a version, it names the one that the transaction leaves.
func (r *renamer) reference(ref string) string {
	called, _, versioned := strings.Cut(ref, "/_history/")
	name, is := r.names[called]
	if !is && r.root != "" && !absolute(ref) {
		name, is = r.names[r.root+called]
	}
	switch {
	case !is:
		return ref
	case versioned:
		return name.ref + "/_history/" + strconv.Itoa(name.version)
	}
	return name.ref
}

// links are where a narrative leads to something.
var links = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

func (r *renamer) narrative(div string) string {
	return links.ReplaceAllStringFunc(div, func(link string) string {
		at := strings.IndexByte(link, '"')
		if name, is := r.names[link[at+1:len(link)-1]]; is {
			return link[:at+1] + name.ref + `"`
		}
		return link
	})
}

// resolve puts the records that are meant in place of conditions among the references of a transaction's entry. It is
// the last that is done to it (R4 http, "Transaction Processing Rules", 5), since the transaction itself may make what is meant.
func (w *writer) resolve(n *r4.Node) (err error) {
	eachReference(n, func(ref *r4.Node) {
		if err == nil && conditional(ref.Text) {
			ref.Text, err = w.conditional(ref.Text)
		}
	})
	return err
}

// conditional tells whether a reference is a condition: "Patient?identifier=urn:oid:…|…".
func conditional(ref string) bool { return strings.Contains(ref, "?") && !absolute(ref) }

// absolute tells whether a reference is a URL with a scheme (RFC 3986 s4.3). In the query of another a colon is none.
func absolute(ref string) bool {
	scheme, _, has := strings.Cut(ref, ":")
	return has && !strings.ContainsAny(scheme, "/?#")
}

// conditional resolves "Patient?identifier=…", which must mean exactly one record. Thousands of entries may name one
// professional so, who is looked for once.
func (w *writer) conditional(ref string) (string, error) {
	resourceType, raw, _ := strings.Cut(ref, "?")
	if name, known := w.meant[resourceType][raw]; known {
		return name, nil
	}
	params, err := parseQuery(raw)
	if err != nil {
		return "", err
	}
	if !query.Served(resourceType) {
		return "", problem(http.StatusPreconditionFailed, "not-found", "expected a reference to exactly one record, got "+query.Quote(ref))
	}
	rec, err := w.matching(&Request{Type: resourceType}, params)
	if err != nil {
		return "", err
	}
	if rec == nil {
		return "", problem(http.StatusPreconditionFailed, "not-found", "expected a reference to exactly one record, got "+query.Quote(ref))
	}
	if w.meant == nil {
		w.meant = map[string]map[string]string{}
	}
	if w.meant[resourceType] == nil {
		w.meant[resourceType] = map[string]string{}
	}
	w.meant[resourceType][raw] = rec.Type + "/" + rec.ID
	return w.meant[resourceType][raw], nil
}
