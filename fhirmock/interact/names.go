package interact

import (
	"net/http"
	"regexp"
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// name gives ids to what will be created and puts them in place of fullUrls and conditions wherever they
// are referred to.
func (w *writer) name(items []item) error {
	names := map[string]string{}
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
		if it.full != "" && it.id != "" {
			names[it.full] = it.request.Type + "/" + it.id
		}
	}
	for i := range items {
		if body := items[i].request.Body; body != nil {
			r := renamer{w: w, names: names, root: rootOf(items[i].full)}
			if err := r.node(body); err != nil {
				return items[i].place(err)
			}
		}
	}
	return nil
}

// renamer puts the names of what a transaction creates in place of what its entries call each other (R4 http,
// "Transaction Processing Rules").
type renamer struct {
	w     *writer
	names map[string]string
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

func (r *renamer) node(n *r4.Node) (err error) {
	for i, item := range n.Items {
		if item.Kind != r4.String {
			if err := r.node(item); err != nil {
				return err
			}
			continue
		}
		member := ""
		if n.Kind == r4.Object {
			member = n.Names[i]
		}
		switch member {
		case "reference":
			if item.Text, err = r.reference(item.Text); err != nil {
				return err
			}
		case "div":
			item.Text = r.narrative(item.Text)
		case "value": // of an identifier, which is a name in its own right
		default:
			if name, is := r.names[item.Text]; is && strings.Contains(item.Text, ":") {
				item.Text = name
			}
		}
	}
	return nil
}

func (r *renamer) reference(ref string) (string, error) {
	if name, is := r.names[ref]; is {
		return name, nil
	}
	if strings.Contains(ref, ":") {
		return ref, nil
	}
	if strings.Contains(ref, "?") {
		return r.w.conditional(ref)
	}
	if name, is := r.names[r.root+ref]; is && r.root != "" {
		return name, nil
	}
	return ref, nil
}

// links are where a narrative leads to something.
var links = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

func (r *renamer) narrative(div string) string {
	return links.ReplaceAllStringFunc(div, func(link string) string {
		at := strings.IndexByte(link, '"')
		if name, is := r.names[link[at+1:len(link)-1]]; is {
			return link[:at+1] + name + `"`
		}
		return link
	})
}

// conditional resolves "Patient?identifier=…", which must mean exactly one record.
func (w *writer) conditional(ref string) (string, error) {
	resourceType, raw, _ := strings.Cut(ref, "?")
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
	return rec.Type + "/" + rec.ID, nil
}
