package interact

import (
	"net/http"
	"net/url"
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// eachReference calls see with every Reference.reference below a node: no other element of R4 is a
// string of that name.
func eachReference(n *r4.Node, see func(*r4.Node)) {
	for i, item := range n.Items {
		if n.Kind == r4.Object && n.Names[i] == "reference" && item.Kind == r4.String {
			see(item)
			continue
		}
		eachReference(item, see)
	}
}

// localise writes references to this API relative to it, so that they mean the same under each of its
// addresses.
func (w *writer) localise(n *r4.Node) {
	eachReference(n, func(ref *r4.Node) { ref.Text = strings.TrimPrefix(ref.Text, w.e.Base+"/") })
}

// checkReferences sees to it that what was written refers to records that are there and that the caller
// may see: a reference must neither lead nowhere nor tell what is there. It runs when all entries of a
// transaction are in place, since they may refer to each other.
func (w *writer) checkReferences() error {
	for _, rec := range w.written {
		if rec.Deleted {
			continue
		}
		var wrong error
		eachReference(rec.Node(w.e.canary(rec)), func(ref *r4.Node) {
			if wrong == nil {
				wrong = w.checkReference(rec.Type, ref.Text)
			}
		})
		if p, is := wrong.(*query.Problem); is && rec.Method == http.MethodPatch && !w.whole(rec) {
			p.Text = danglingText // the reference may have stood there before, where he may not read
		}
		if wrong != nil {
			return wrong
		}
	}
	return nil
}

// whole tells whether the caller would be shown all of what he wrote.
func (w *writer) whole(rec *store.Record) bool {
	shown, err := rec.Open(w.g, store.AsEcho)
	return err == nil && shown == rec
}

const danglingText = "expected references to records that are here and yours to see"

// checkContext looks at the record that says whose a Binary is before that is asked about: otherwise the answer for one
// that is somebody else's would be another than for none.
func (w *writer) checkContext(n *r4.Node) error {
	ref := n.Get("securityContext").String("reference")
	if n.Resource() != "Binary" || ref == "" || strings.HasPrefix(terms.Target(ref), "Patient/") {
		return nil
	}
	return w.checkReference("Binary", ref)
}

func (w *writer) checkReference(from, ref string) error {
	if !strings.HasPrefix(ref, "urn:uuid:") && (strings.HasPrefix(ref, "#") || absolute(ref)) {
		return nil // contained, or elsewhere
	}
	resourceType, id, _ := strings.Cut(terms.Target(ref), "/")
	if found := w.tx.Get(resourceType, id); found != nil && !found.Deleted() {
		opened, err := found.Open(w.g, store.AsTarget)
		if err != nil {
			return err
		}
		if opened != nil {
			return nil
		}
	}
	return &query.Problem{Status: http.StatusUnprocessableEntity, Code: "not-found", Expression: from,
		Text: danglingText + ", got " + query.Quote(ref)}
}

func parseQuery(raw string) (url.Values, error) {
	params, err := url.ParseQuery(raw)
	if err != nil {
		return nil, problem(http.StatusBadRequest, "invalid", "the query cannot be read")
	}
	return params, nil
}
